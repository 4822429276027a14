import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Converter, ConverterPlugin } from '../../src/api/plugin.ts'
import type { Schema } from '../../src/api/schema.ts'
import type { JsonValue } from '../../src/api/record.ts'
import { isStruct, ValueStruct } from '../../src/api/struct.ts'
import type { ConnectValue } from '../../src/api/value.ts'
import { parseJson, stringifyJson } from '../../src/api/json/json-text.ts'
import { jsonConverter } from '../../src/converters/json-converter.ts'
import { avroConverter } from '../../src/converters/registry/avro/avro-converter.ts'
import { jsonSchemaConverter } from '../../src/converters/registry/json/json-schema-converter.ts'
import { protobufConverter } from '../../src/converters/registry/protobuf/protobuf-converter.ts'
import { SchemaRegistry } from '../servers/schema-registry.ts'

interface Wrapped {
  readonly schema: object | null
  readonly payload: unknown
}

const golden = new URL('records/golden/', import.meta.url)

/** Keys and values of all golden records that carry their schema, by topic and role. */
function* wrappedRecords(): Generator<{ topic: string; text: string }> {
  for (const file of readdirSync(golden)) {
    const { topics } = parseJson(readFileSync(new URL(file, golden), 'utf8')) as {
      topics: Record<string, { key: JsonValue; value: JsonValue }[]>
    }
    for (const [name, records] of Object.entries(topics)) {
      for (const record of records) {
        for (const role of ['key', 'value'] as const) {
          const data = record[role]
          // What is another number each time; it may be of 32 bits.
          const text = stringifyJson(data).replaceAll('"<int>"', '1700000000')
          if (isWrapped(data)) yield { topic: `${name}-${role}`, text }
        }
      }
    }
  }
}

function isWrapped(data: unknown): data is Wrapped {
  return (
    typeof data === 'object' &&
    data !== null &&
    Object.keys(data).join() === 'schema,payload' &&
    (data as Wrapped).schema !== null
  )
}

async function there(
  converter: Converter,
  topic: string,
  text: string,
  json: Converter,
): Promise<Uint8Array> {
  const { schema, value } = json.toConnectData(topic, Buffer.from(text))
  await converter.prepareToWrite?.(topic, schema, value)
  return converter.fromConnectData(topic, schema, value)!
}

const utf8Text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** Protobuf knows no list or map that is null: it is empty. Names of types are the message's, without its package. */
function withoutNullLists(schema: Schema, value: ConnectValue): ConnectValue {
  if (schema.type === 'array') return value ?? []
  if (schema.type === 'map') return value ?? new Map()
  if (!isStruct(value)) return value
  return new ValueStruct(
    schema,
    schema.fields!.map((field, index) => withoutNullLists(field.schema, value.at(index))),
  )
}

test('Every golden record with a schema comes back from ProtobufConverter with its values', async () => {
  await using registry = await SchemaRegistry.start()
  const json = jsonConverter.create({ 'schemas.enable': 'true' }, 'value')
  const plain = jsonConverter.create({ 'schemas.enable': 'false' }, 'value')
  const config = { 'schema.registry.url': registry.url, 'optional.for.nullables': 'true' }
  const writer = protobufConverter.create(config, 'value')
  const reader = protobufConverter.create(config, 'value')
  let count = 0
  for (const { topic, text } of wrappedRecords()) {
    const { schema, value } = json.toConnectData(topic, Buffer.from(text))
    // What Protobuf has no form for: lists of lists and of maps, nulls within them, names that are none.
    const bytes = await there(writer, topic, text, json).catch((error: Error) => {
      assert.match(String(error.cause), /lists of (?:lists|maps)|no null within a list|Illegal character in/)
      return null
    })
    if (bytes === null) continue
    count++
    await reader.prepareToRead?.(topic, bytes)
    const back = reader.toConnectData(topic, bytes)
    assert.deepEqual(
      JSON.parse(utf8Text(plain.fromConnectData(topic, back.schema, back.value)!)),
      JSON.parse(utf8Text(plain.fromConnectData(topic, schema, withoutNullLists(schema!, value))!)),
    )
  }
  assert.ok(count > 40, `${count} records`)
})

const plugins: readonly (readonly [ConverterPlugin, Record<string, string>])[] = [
  [avroConverter, {}],
  [jsonSchemaConverter, {}],
]

for (const [plugin, options] of plugins) {
  const name = plugin.className.split('.').at(-1)!
  test(`Every golden record with a schema comes back from ${name} as it was`, async () => {
    await using registry = await SchemaRegistry.start()
    const json = jsonConverter.create({ 'schemas.enable': 'true' }, 'value')
    const config = { 'schema.registry.url': registry.url, ...options }
    const writer = plugin.create(config, 'value')
    const reader = plugin.create(config, 'value')
    let count = 0
    for (const { topic, text } of wrappedRecords()) {
      count++
      const bytes = await there(writer, topic, text, json)
      await reader.prepareToRead?.(topic, bytes)
      const back = reader.toConnectData(topic, bytes)
      const expected = json.toConnectData(topic, Buffer.from(text))
      // The version of the subject is what a schema without one gets.
      const { version: _, ...unversioned } = back.schema!
      const schema = expected.schema?.version === undefined ? unversioned : back.schema
      const written = json.fromConnectData(topic, schema, back.value)!
      const original = json.fromConnectData(topic, expected.schema, expected.value)!
      // The order of a schema's parameters is nobody's concern.
      assert.deepEqual(JSON.parse(utf8Text(written)), JSON.parse(utf8Text(original)))
    }
    assert.ok(count > 40, `${count} records`)
  })
}
