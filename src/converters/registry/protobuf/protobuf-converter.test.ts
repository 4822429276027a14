import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../../test/properties.ts'
import protobufjs from 'protobufjs'
import { SchemaRegistry } from '../../../../test/servers/schema-registry.ts'
import type { Converter } from '../../../api/plugin.ts'
import { structSchema, type Schema } from '../../../api/schema.ts'
import { isStruct, ValueStruct } from '../../../api/struct.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { comparable, samples } from '../testing/random-data.ts'
import { readBack, written } from '../testing/round-trip.ts'
import { protobufConverter } from './protobuf-converter.ts'

const NULLS = { 'optional.for.nullables': 'true' }
const int32: Schema = { type: 'int32', optional: false }
const text: Schema = { type: 'string', optional: false }

function converterOf(registry: SchemaRegistry, more: Record<string, string> = {}): Converter {
  return protobufConverter.create(
    { 'schema.registry.url': registry.url, 'retries.wait.ms': '1', ...more },
    'value',
  )
}

/** A Debezium envelope of a table with an id and a name. */
function envelope(before: ConnectValue, after: ConnectValue): { schema: Schema; value: ValueStruct } {
  const row = structSchema(
    [
      { name: 'id', schema: { type: 'int64', optional: false } },
      { name: 'name', schema: { ...text, optional: true } },
    ],
    { name: 's.public.t.Value', optional: true },
  )
  const source = structSchema(
    [
      { name: 'lsn', schema: { type: 'int64', optional: true } },
      { name: 'snapshot', schema: { ...text, optional: true } },
    ],
    { name: 'io.debezium.connector.postgresql.Source' },
  )
  const schema = structSchema(
    [
      { name: 'before', schema: row },
      { name: 'after', schema: row },
      { name: 'source', schema: source },
      { name: 'op', schema: text },
      { name: 'ts_ms', schema: { type: 'int64', optional: true } },
    ],
    { name: 's.public.t.Envelope', version: 2 },
  )
  const image = (values: ConnectValue) =>
    Array.isArray(values) && new ValueStruct(row, values as ConnectValue[])
  const value = new ValueStruct(schema, [
    image(before) || null,
    image(after) || null,
    new ValueStruct(source, [9007199254740993n, null]),
    'u',
    1700000000123n,
  ])
  return { schema, value }
}

test('The bytes are a zero, the id, a zero for the first message, and what another reader of Protobuf understands', async () => {
  await using registry = await SchemaRegistry.start()
  const { schema, value } = envelope(null, [-5n, 'é漢😀'])
  const bytes = Buffer.from((await written(converterOf(registry, NULLS), schema, value))!)
  assert.deepEqual([...bytes.subarray(0, 6)], [0, 0, 0, 0, 1, 0])
  const { root } = protobufjs.parse(registry.schemas('t-value')[0]!, { keepCase: true })
  const type = root.lookupType('s.public.t.Envelope')
  const read = type.toObject(type.decode(bytes.subarray(6)), { longs: String })
  assert.deepEqual(read, {
    after: { id: '-5', name: 'é漢😀' },
    source: { lsn: '9007199254740993' },
    op: 'u',
    ts_ms: '1700000000123',
  })
})

test('An envelope comes back as it was; without optional.for.nullables a null is the default, as in the reference', async () => {
  await using registry = await SchemaRegistry.start()
  const { schema, value } = envelope([1n, null], [1n, 'x'])
  const back = async (more: Record<string, string>) =>
    comparable(
      (await readBack(converterOf(registry, more), await written(converterOf(registry, more), schema, value)))
        .value,
    )
  assert.deepEqual(await back(NULLS), [[1n, null], [1n, 'x'], [9007199254740993n, null], 'u', 1700000000123n])
  assert.deepEqual(await back({}), [[1n, ''], [1n, 'x'], [9007199254740993n, ''], 'u', 1700000000123n])
})

test('What is written is read back, whatever its schema', async () => {
  await using registry = await SchemaRegistry.start()
  await fc.assert(
    fc.asyncProperty(samples, async ({ schema, value }) => {
      const topic = schema.name!
      const bytes = await written(converterOf(registry, NULLS), schema, value, topic).catch(refused)
      if (bytes === 'refused') return
      const read = await readBack(converterOf(registry, NULLS), bytes, topic)
      assert.deepEqual(comparable(read.value), comparable(withoutNullLists(schema, value)))
    }),
    { numRuns: 60 },
  )
})

/** Lists of lists, nulls in lists, years that messages do not have. */
function refused(error: Error): 'refused' {
  assert.match(
    String(error.cause),
    /lists of (?:lists|maps)|no null within|no years before|the years 1 to 9999|cannot be written as Protobuf repeated/,
  )
  return 'refused'
}

/** A list or a map that is null is empty, and an entry's null is the default: Protobuf knows no others. */
function withoutNullLists(schema: Schema, value: ConnectValue): ConnectValue {
  if (schema.type === 'array') {
    const items = (value ?? []) as readonly ConnectValue[]
    return items.map((item) => withoutNullLists(schema.valueSchema!, item))
  }
  if (schema.type === 'map') {
    const entries = [...((value ?? new Map()) as ReadonlyMap<ConnectValue, ConnectValue>)]
    return new Map(
      entries.map(([key, entry]) => [
        key,
        entry === null ? entryDefault(schema.valueSchema!) : withoutNullLists(schema.valueSchema!, entry),
      ]),
    )
  }
  if (!isStruct(value)) return value
  return new ValueStruct(
    schema,
    schema.fields!.map((field, index) => withoutNullLists(field.schema, value.at(index))),
  )
}

function entryDefault(schema: Schema): ConnectValue {
  switch (schema.type) {
    case 'struct':
      return new ValueStruct(
        schema,
        schema.fields!.map(({ schema: member }) =>
          member.optional && member.type !== 'array' && member.type !== 'map' ? null : entryDefault(member),
        ),
      )
    case 'array':
      return []
    case 'map':
      return new Map()
    case 'string':
      return ''
    case 'boolean':
      return false
    case 'int64':
      return schema.name === undefined ? 0n : new Date(0)
    case 'bytes':
      return schema.name === undefined ? Buffer.alloc(0) : null
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float':
    case 'double':
      return schema.name === undefined ? 0 : schema.name.endsWith('.Time') ? new Date(0) : null
  }
}

test('Plain values go in the wrapper messages, whose place in their file comes first', async () => {
  await using registry = await SchemaRegistry.start()
  const bytes = await written(converterOf(registry), { type: 'string', optional: true }, 'x')
  assert.deepEqual([...bytes!.subarray(5)], [2, 14, 10, 1, 120])
  assert.equal((await readBack(converterOf(registry), bytes)).value, 'x')
  const raw = await readBack(converterOf(registry, { 'wrapper.for.raw.primitives': 'false' }), bytes)
  assert.deepEqual(comparable(raw.value), ['x'])
  assert.equal(await written(converterOf(registry), { type: 'string', optional: true }, null), null)
})

test("Others' schemas are read: references, oneofs, enums, maps, messages within messages", async () => {
  await using registry = await SchemaRegistry.start()
  registry.add('mood', 'syntax = "proto3"; package o; enum Mood { SAD = 0; OK = 1; }', {
    schemaType: 'PROTOBUF',
  })
  const proto = `syntax = "proto3"; package p; import "mood.proto";
    message Other { string x = 1; }
    message Outer {
      message Node { oneof either { string name = 1; o.Mood mood = 2; } Node next = 3; map<string, int32> counts = 4; }
    }`
  const references = [{ name: 'mood.proto', subject: 'mood', version: 1 }]
  const id = registry.add('t-value', proto, { schemaType: 'PROTOBUF', references })
  const root = new protobufjs.Root()
  protobufjs.parse('syntax = "proto3"; package o; enum Mood { SAD = 0; OK = 1; }', root)
  const type = protobufjs.parse(proto, root).root.lookupType('p.Outer.Node')
  const payload = type.encode(type.fromObject({ mood: 'OK', next: { name: 'n' }, counts: { a: 5 } })).finish()
  const { value } = await readBack(
    converterOf(registry),
    Buffer.concat([Buffer.from([0, 0, 0, 0, id, 4, 2, 0]), payload]),
  )
  assert.deepEqual(comparable(value), [[null, 'OK'], [['n', null], null, []], [['a', 5]]])
})

test('With use.latest.version fields are found by name and have the numbers of that schema', async () => {
  await using registry = await SchemaRegistry.start()
  const schema = structSchema([{ name: 'id', schema: int32 }], { name: 's.t.Key' })
  const stored =
    'syntax = "proto3"; package s.t; message First {} message Key { optional string note = 1; sint64 id = 7; }'
  registry.add('t-value', stored, { schemaType: 'PROTOBUF' })
  const more = { ...NULLS, 'auto.register.schemas': 'false', 'use.latest.version': 'true' }
  const bytes = await written(converterOf(registry, more), schema, new ValueStruct(schema, [-5]))
  assert.deepEqual([...bytes!.subarray(5)], [2, 2, 0x38, 9])
  assert.deepEqual(comparable((await readBack(converterOf(registry, more), bytes)).value), [null, -5n])
  const wider = structSchema([...schema.fields!, { name: 'extra', schema: text }], { name: 's.t.Key' })
  const value = new ValueStruct(wider, [5, 'x'])
  await assert.rejects(written(converterOf(registry, more), wider, value), (error: Error) =>
    /no field extra.*latest\.compatibility\.strict=false/.test(String(error.cause)),
  )
  const lax = converterOf(registry, { ...more, 'latest.compatibility.strict': 'false' })
  assert.deepEqual(comparable((await readBack(lax, await written(lax, wider, value))).value), [null, 5n])
})

test('Names that Protobuf does not have are refused with the way out, or scrubbed', async () => {
  await using registry = await SchemaRegistry.start()
  const schema = structSchema([{ name: 'order-id', schema: int32 }], { name: 's.public.my-table.Key' })
  const value = new ValueStruct(schema, [5])
  await assert.rejects(written(converterOf(registry), schema, value), (error: Error) =>
    /Illegal character in: my-table .*scrub\.invalid\.names=true/.test(String(error.cause)),
  )
  const scrubbing = converterOf(registry, { 'scrub.invalid.names': 'true' })
  const { schema: read } = await readBack(scrubbing, await written(scrubbing, schema, value))
  assert.equal(read!.fields![0]!.name, 'order_id')
})

test('Bytes that are no Protobuf are refused, whatever they are', async () => {
  await using registry = await SchemaRegistry.start()
  const proto =
    'syntax = "proto3"; message M { repeated M m = 1; string s = 2; repeated int64 n = 3; map<string, M> k = 4; }'
  const id = registry.add('t-value', proto, { schemaType: 'PROTOBUF' })
  const converter = converterOf(registry)
  await converter.prepareToRead!('t', Buffer.from([0, 0, 0, 0, id, 0]))
  const read = (payload: Uint8Array) =>
    converter.toConnectData('t', Buffer.concat([Buffer.from([0, 0, 0, 0, id]), payload]))
  for (const bad of [
    '',
    '02',
    '0402',
    '000a05',
    '0012ff',
    '001203ffffff',
    '0000',
    '000b',
    '1a',
    '00220312',
    '000c',
  ])
    assert.throws(() => read(Buffer.from(bad, 'hex')), { name: 'DataError' }, bad)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        read(bytes)
      } catch (error) {
        assert.equal((error as Error).name, 'DataError')
      }
    }),
    { numRuns: 500 },
  )
})
