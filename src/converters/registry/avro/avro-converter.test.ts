import assert from 'node:assert/strict'
import { test } from 'node:test'
import avsc from 'avsc'
import fc from '../../../../test/properties.ts'
import { SchemaRegistry } from '../../../../test/servers/schema-registry.ts'
import { Decimal } from '../../../api/decimal.ts'
import type { Converter } from '../../../api/plugin.ts'
import { structSchema, type Schema } from '../../../api/schema.ts'
import { isStruct, ValueStruct } from '../../../api/struct.ts'
import { comparable, samples } from '../testing/random-data.ts'
import { readBack, written } from '../testing/round-trip.ts'
import { avroConverter } from './avro-converter.ts'

const key: Schema = structSchema([{ name: 'id', schema: { type: 'int32', optional: false, default: 0 } }], {
  name: 's.public.t.Key',
})

function converterOf(registry: SchemaRegistry, more: Record<string, string> = {}): Converter {
  return avroConverter.create(
    { 'schema.registry.url': registry.url, 'retries.wait.ms': '1', ...more },
    'value',
  )
}

/** Longs as bigint, for avsc's own doubles are not exact. */
const longs = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
})

test('The bytes are a zero, the id of the schema and what another reader of Avro understands', async () => {
  await using registry = await SchemaRegistry.start()
  const schema = structSchema(
    [
      { name: 'id', schema: { type: 'int64', optional: false } },
      { name: 'name', schema: { type: 'string', optional: true } },
      {
        name: 'tags',
        schema: { type: 'array', optional: false, valueSchema: { type: 'string', optional: true } },
      },
      { name: 'ratio', schema: { type: 'double', optional: false } },
      { name: 'raw', schema: { type: 'bytes', optional: true } },
    ],
    { name: 'n.Row' },
  )
  const value = new ValueStruct(schema, [-9007199254740993n, 'é漢😀', ['a', null], 0.5, Buffer.from([1, 2])])
  const bytes = Buffer.from((await written(converterOf(registry), schema, value))!)
  assert.deepEqual([...bytes.subarray(0, 5)], [0, 0, 0, 0, 1])
  const type = avsc.Type.forSchema(JSON.parse(registry.schemas('t-value')[0]!) as avsc.Schema, {
    registry: { long: longs },
    wrapUnions: false,
  })
  const read = type.fromBuffer(bytes.subarray(5)) as Record<string, unknown>
  assert.deepEqual(
    { ...read },
    { id: -9007199254740993n, name: 'é漢😀', tags: ['a', null], ratio: 0.5, raw: Buffer.from([1, 2]) },
  )
})

test('What is written is read back, whatever its schema, and with the same schema', async () => {
  await using registry = await SchemaRegistry.start()
  await fc.assert(
    fc.asyncProperty(samples, async ({ schema, value }) => {
      const topic = schema.name!
      const bytes = await written(converterOf(registry), schema, value, topic)
      // A converter that has not seen the schema, as in a sink.
      const read = await readBack(converterOf(registry), bytes, topic)
      assert.deepEqual(comparable(read.value), comparable(value))
      assert.deepEqual(read.schema, { ...schema, version: 1 })
    }),
    { numRuns: 60 },
  )
})

test('A schema is registered once, and asked for once', async () => {
  await using registry = await SchemaRegistry.start()
  const converter = converterOf(registry)
  const first = await written(converter, key, new ValueStruct(key, [1]))
  assert.equal(converter.prepareToWrite!('t', key, new ValueStruct(key, [2])), null)
  await written(converter, { ...key }, new ValueStruct(key, [3]))
  await readBack(converter, first)
  assert.equal(converter.prepareToRead!('t', first), null)
  assert.deepEqual(registry.requests, [
    'POST /subjects/t-value/versions?normalize=false',
    'GET /schemas/ids/1?fetchMaxId=false&subject=t-value',
    'POST /subjects/t-value?normalize=false&deleted=true',
  ])
})

test('Null is no bytes, with a schema too, and asks nobody', async () => {
  await using registry = await SchemaRegistry.start()
  const converter = converterOf(registry)
  assert.equal(await written(converter, null, null), null)
  assert.equal(await written(converter, { ...key, optional: true }, null), null)
  assert.deepEqual(await readBack(converter, null), { schema: null, value: null })
  assert.throws(() => converter.fromConnectData('t', key, null), { message: /Failed to serialize Avro data/ })
  assert.deepEqual(registry.requests, [])
})

test('Bytes alone go as they are; a decimal too', async () => {
  await using registry = await SchemaRegistry.start()
  const converter = converterOf(registry)
  const raw = await written(converter, { type: 'bytes', optional: false }, Buffer.from('abc'), 'raw')
  assert.equal(Buffer.from(raw!).subarray(5).toString(), 'abc')
  assert.deepEqual((await readBack(converter, raw, 'raw')).value, Buffer.from('abc'))
  const schema: Schema = {
    type: 'bytes',
    optional: false,
    name: 'org.apache.kafka.connect.data.Decimal',
    version: 1,
    parameters: { scale: '2' },
  }
  const decimal = await written(converter, schema, new Decimal(-314n, 2), 'decimal')
  assert.deepEqual((await readBack(converter, decimal, 'decimal')).value, new Decimal(-314n, 2))
})

test('Data without a schema goes as Anything', async () => {
  await using registry = await SchemaRegistry.start()
  const value = new Map([['a', [1n, 'x', null, true, 0.5, new Map([['b', Buffer.from('c')]])]]])
  const read = await readBack(converterOf(registry), await written(converterOf(registry), null, value))
  assert.deepEqual(read, { schema: null, value })
  assert.match(registry.schemas('t-value')[0]!, /^\{"type":"record","name":"Anything"/)
})

test('A null in a field with a default is written as the default, unless ignore.default.for.nullables', async () => {
  await using registry = await SchemaRegistry.start()
  const schema = structSchema([{ name: 'a', schema: { type: 'int32', optional: true, default: 7 } }], {
    name: 'n.R',
  })
  const value = new ValueStruct(schema, [null])
  const fieldOf = async (more: Record<string, string>) => {
    const read = await readBack(
      converterOf(registry),
      await written(converterOf(registry, more), schema, value),
    )
    return isStruct(read.value) ? read.value.at(0) : assert.fail('no struct')
  }
  assert.equal(await fieldOf({}), 7)
  assert.equal(await fieldOf({ 'ignore.default.for.nullables': 'true' }), null)
})

test("Others' schemas are read: unions, enums, fixed types, types that hold themselves, references", async () => {
  await using registry = await SchemaRegistry.start()
  registry.add('mood', '{"type":"enum","name":"Mood","namespace":"o","symbols":["SAD","OK"]}')
  const text = JSON.stringify({
    type: 'record',
    name: 'o.Node',
    fields: [
      { name: 'either', type: ['null', 'string', 'long', 'o.Mood'] },
      { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 2 } },
      { name: 'next', type: ['null', 'Node'], default: null },
    ],
  })
  const id = registry.add('t-value', text, { references: [{ name: 'o.Mood', subject: 'mood', version: 1 }] })
  const type = avsc.Type.forSchema(
    JSON.parse(
      text.replace('"o.Mood"', '{"type":"enum","name":"o.Mood","symbols":["SAD","OK"]}'),
    ) as avsc.Schema,
    { wrapUnions: true },
  )
  const hash = Buffer.from([9, 8])
  const payload = type.toBuffer({
    either: { 'o.Mood': 'OK' },
    hash,
    next: { 'o.Node': { either: { long: 5 }, hash, next: null } },
  })
  const { value } = await readBack(
    converterOf(registry),
    Buffer.concat([Buffer.from([0, 0, 0, 0, id]), payload]),
  )
  assert.deepEqual(comparable(value), [[null, null, 'OK'], '0908', [[null, 5n, null], '0908', null]])
})

test('With use.latest.version fields are found by name, and one too many is refused unless that is allowed', async () => {
  await using registry = await SchemaRegistry.start()
  registry.add(
    't-value',
    '{"type":"record","name":"Key","namespace":"s.public.t","fields":[{"name":"note","type":["null","string"],"default":null},{"name":"id","type":"long"}]}',
  )
  const more = { 'auto.register.schemas': 'false', 'use.latest.version': 'true' }
  const read = await readBack(
    converterOf(registry),
    await written(converterOf(registry, more), key, new ValueStruct(key, [5])),
  )
  assert.deepEqual(comparable(read.value), [null, 5n])
  const wider = structSchema(
    [...key.fields!, { name: 'extra', schema: { type: 'string', optional: false } }],
    {
      name: 's.public.t.Key',
    },
  )
  const value = new ValueStruct(wider, [5, 'x'])
  await assert.rejects(written(converterOf(registry, more), wider, value), (error: Error) =>
    /no field extra.*latest\.compatibility\.strict=false/.test(String(error.cause)),
  )
  const lax = converterOf(registry, { ...more, 'latest.compatibility.strict': 'false' })
  assert.deepEqual(comparable((await readBack(lax, await written(lax, wider, value))).value), [null, 5n])
})

test('Subjects are named after topic, record or both', async () => {
  await using registry = await SchemaRegistry.start()
  for (const strategy of ['TopicNameStrategy', 'RecordNameStrategy', 'TopicRecordNameStrategy']) {
    const converter = converterOf(registry, {
      'value.subject.name.strategy': `io.confluent.kafka.serializers.subject.${strategy}`,
    })
    const bytes = await written(converter, key, new ValueStruct(key, [1]))
    assert.deepEqual(comparable((await readBack(converter, bytes)).value), [1])
  }
  assert.deepEqual(registry.subjects, ['s.public.t.Key', 't-s.public.t.Key', 't-value'])
})
