import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import fc from '../../../../test/properties.ts'
import { SchemaRegistry } from '../../../../test/servers/schema-registry.ts'
import { describeError } from '../../../api/errors.ts'
import type { Converter } from '../../../api/plugin.ts'
import { structSchema, type Schema } from '../../../api/schema.ts'
import { ValueStruct } from '../../../api/struct.ts'
import { comparable, samples } from '../testing/random-data.ts'
import { readBack, written } from '../testing/round-trip.ts'
import { jsonSchemaConverter } from './json-schema-converter.ts'

function converterOf(registry: SchemaRegistry, more: Record<string, string> = {}): Converter {
  return jsonSchemaConverter.create({ 'schema.registry.url': registry.url, ...more }, 'value')
}

/** Fractions are read as exact decimals, as the reference does, and those have no -0. */
function withoutSignOfZero(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSignOfZero)
  return value === 0 ? 0 : value
}

const text: Schema = { type: 'string', optional: false }
const id: Schema = { type: 'int32', optional: false }

test("The JSON schema of a Debezium envelope is the reference's, attribute by attribute in its order", async () => {
  await using registry = await SchemaRegistry.start()
  const row = structSchema(
    [
      { name: 'id', schema: id },
      { name: 'first_name', schema: text },
      { name: 'last_name', schema: text },
      { name: 'email', schema: text },
      { name: 'phone_number', schema: { ...text, optional: true } },
    ],
    { name: 'server1.dbo.customers.Value', optional: true },
  )
  const envelope = structSchema(
    [
      { name: 'before', schema: row },
      { name: 'after', schema: row },
      {
        name: 'ts',
        schema: {
          type: 'int64',
          optional: true,
          name: 'org.apache.kafka.connect.data.Timestamp',
          version: 1,
        },
      },
      { name: 'op', schema: text },
    ],
    { name: 'server1.dbo.customers.Envelope', version: 1 },
  )
  await written(converterOf(registry), envelope, new ValueStruct(envelope, [null, null, null, 'c']))
  const value =
    '{"oneOf":[{"type":"null"},{"type":"object","title":"server1.dbo.customers.Value","properties":{"last_name":{"type":"string","connect.index":2},"phone_number":{"connect.index":4,"oneOf":[{"type":"null"},{"type":"string"}]},"id":{"type":"integer","connect.index":0,"connect.type":"int32"},"first_name":{"type":"string","connect.index":1},"email":{"type":"string","connect.index":3}}}]}'
  const rowAt = (index: number): string => value.replace('{"oneOf"', `{"connect.index":${index},"oneOf"`)
  assert.equal(
    registry.schemas('t-value')[0],
    `{"type":"object","title":"server1.dbo.customers.Envelope","connect.version":1,"properties":{"op":{"type":"string","connect.index":3},"before":${rowAt(0)},"after":${rowAt(1)},"ts":{"connect.index":2,"oneOf":[{"type":"null"},{"type":"integer","title":"org.apache.kafka.connect.data.Timestamp","connect.version":1,"connect.type":"int64"}]}}}`,
  )
})

test('What is written is read back, with the same schema, and is valid by it in the eyes of another', async () => {
  await using registry = await SchemaRegistry.start()
  const ajv = new Ajv({ strict: false })
  await fc.assert(
    fc.asyncProperty(samples, async ({ schema, value }) => {
      const topic = schema.name!
      const bytes = Buffer.from((await written(converterOf(registry), schema, value, topic))!)
      const read = await readBack(converterOf(registry), bytes, topic)
      assert.deepEqual(withoutSignOfZero(comparable(read.value)), withoutSignOfZero(comparable(value)))
      assert.deepEqual(read.schema, { ...schema, version: 1 })
      const json = bytes.toString('utf8', 5)
      // As the reference writes it, and not valid by a schema that says number.
      if (/"-?Infinity"/.test(json)) return
      const validate = ajv.compile(JSON.parse(registry.schemas(`${topic}-value`)[0]!) as object)
      assert.ok(validate(JSON.parse(json)), JSON.stringify(validate.errors))
    }),
    { numRuns: 60 },
  )
})

test('Numbers that JSON has not are text, and are read back', async () => {
  await using registry = await SchemaRegistry.start()
  const numbers: Schema = {
    type: 'array',
    optional: false,
    valueSchema: { type: 'double', optional: false },
  }
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5]
  const bytes = Buffer.from((await written(converterOf(registry), numbers, values))!)
  assert.equal(bytes.toString('utf8', 5), '["NaN","Infinity","-Infinity",0.5]')
  assert.deepEqual((await readBack(converterOf(registry), bytes)).value, values)
})

test('Maps whose keys are no text are lists of objects', async () => {
  await using registry = await SchemaRegistry.start()
  const schema = structSchema([
    { name: 'm', schema: { type: 'map', optional: true, keySchema: id, valueSchema: text } },
  ])
  const value = new ValueStruct(schema, [new Map([[5, 'x']])])
  const bytes = Buffer.from((await written(converterOf(registry), schema, value))!)
  assert.equal(bytes.toString('utf8', 5), '{"m":[{"key":5,"value":"x"}]}')
  assert.deepEqual(comparable((await readBack(converterOf(registry), bytes)).value), [[[5, 'x']]])
})

test('Decimals are numbers with decimal.format=NUMERIC', async () => {
  await using registry = await SchemaRegistry.start()
  const { Decimal } = await import('../../../api/decimal.ts')
  const schema: Schema = {
    type: 'bytes',
    optional: false,
    name: 'org.apache.kafka.connect.data.Decimal',
    version: 1,
    parameters: { scale: '2' },
  }
  const numeric = converterOf(registry, { 'decimal.format': 'NUMERIC' })
  const bytes = Buffer.from((await written(numeric, schema, new Decimal(-314n, 2)))!)
  assert.equal(bytes.toString('utf8', 5), '-3.14')
  assert.deepEqual((await readBack(converterOf(registry), bytes)).value, new Decimal(-314n, 2))
})

test("Others' schemas are read: choices, references, lists of types, enums, allOf, properties without an index", async () => {
  await using registry = await SchemaRegistry.start()
  registry.add('address', '{"type":"object","properties":{"city":{"type":"string"}}}', { schemaType: 'JSON' })
  const schemaId = registry.add(
    't-value',
    JSON.stringify({
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      title: 'Person',
      properties: {
        z: { type: ['string', 'null'] },
        either: { oneOf: [{ type: 'string' }, { type: 'integer' }, { $ref: 'address.json' }] },
        mood: { enum: ['SAD', 'OK'] },
        friend: { anyOf: [{ type: 'null' }, { $ref: '#' }] },
        both: { allOf: [{ $ref: '#/definitions/a' }, { properties: { b: { type: 'number' } } }] },
        any: {},
      },
      definitions: { a: { type: 'object', properties: { a: { type: 'boolean' } } } },
    }),
    { schemaType: 'JSON', references: [{ name: 'address.json', subject: 'address', version: 1 }] },
  )
  const payload = {
    z: null,
    either: { city: 'X' },
    mood: 'OK',
    friend: { z: 'f', either: 5 },
    both: { a: true, b: 1.5 },
    any: { x: [1] },
  }
  const bytes = Buffer.concat([Buffer.from([0, 0, 0, 0, schemaId]), Buffer.from(JSON.stringify(payload))])
  const read = await readBack(converterOf(registry), bytes)
  assert.equal(read.schema?.name, 'Person')
  assert.deepEqual(comparable(read.value), [
    null,
    [null, null, ['X']],
    'OK',
    ['f', [null, 5n, null], null, null, null, null],
    [true, 1.5],
    '{"x":[1]}',
  ])
})

test('Data without a schema, and bytes that are no JSON, are refused clearly', async () => {
  await using registry = await SchemaRegistry.start()
  const converter = converterOf(registry)
  await assert.rejects(written(converter, null, 'x'), (error) =>
    /use JsonConverter/.test(describeError(error)),
  )
  const bytes = Buffer.from((await written(converter, text, 'x'))!)
  const broken = Buffer.concat([bytes.subarray(0, 5), Buffer.from('{')])
  await assert.rejects(readBack(converter, broken), (error) =>
    /Failed to deserialize data for topic t to JSON.*Error deserializing JSON message/.test(
      describeError(error),
    ),
  )
})

test('With use.latest.version a field that the schema does not name is refused unless that is allowed', async () => {
  await using registry = await SchemaRegistry.start()
  registry.add('t-value', '{"type":"object","title":"K","properties":{"id":{"type":"integer"}}}', {
    schemaType: 'JSON',
  })
  const schema = structSchema([
    { name: 'id', schema: id },
    { name: 'extra', schema: text },
  ])
  const value = new ValueStruct(schema, [1, 'x'])
  const more = { 'auto.register.schemas': 'false', 'use.latest.version': 'true' }
  await assert.rejects(written(converterOf(registry, more), schema, value), {
    code: 'registry.schema-incompatible',
  })
  const lax = converterOf(registry, { ...more, 'latest.compatibility.strict': 'false' })
  assert.notEqual(await written(lax, schema, value), null)
})
