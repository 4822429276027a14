import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from '../../../api/decimal.ts'
import type { Schema } from '../../../api/schema.ts'
import { ValueStruct } from '../../../api/struct.ts'
import { avroSchemaOf } from './avro-from-connect.ts'
import { avroMapping } from './avro-options.ts'
import { avroText } from './avro-schema.ts'
import { defaultAvroOptions } from '../testing/avro-mapping.ts'

const CONNECT = 'org.apache.kafka.connect.data'

function text(schema: Schema, more: Partial<typeof defaultAvroOptions> = {}): string {
  return avroText(avroSchemaOf(schema, avroMapping({ ...defaultAvroOptions, ...more })))
}

const required = (type: Schema['type'], more: Partial<Schema> = {}): Schema => ({
  type,
  optional: false,
  ...more,
})
const nullable = (type: Schema['type'], more: Partial<Schema> = {}): Schema => ({
  type,
  optional: true,
  ...more,
})
const struct = (
  name: string | undefined,
  fields: Record<string, Schema>,
  more: Partial<Schema> = {},
): Schema => ({
  type: 'struct',
  optional: false,
  ...(name === undefined ? {} : { name }),
  ...more,
  fields: Object.entries(fields).map(([field, schema]) => ({ name: field, schema })),
})

const types: readonly [string, Schema, string][] = [
  ['int8', required('int8'), '{"type":"int","connect.type":"int8"}'],
  ['int16', required('int16'), '{"type":"int","connect.type":"int16"}'],
  ['int32', required('int32'), '"int"'],
  ['int64', required('int64'), '"long"'],
  ['float', required('float'), '"float"'],
  ['double', required('double'), '"double"'],
  ['boolean', required('boolean'), '"boolean"'],
  ['string', required('string'), '"string"'],
  ['bytes', required('bytes'), '"bytes"'],
  ['an optional type', nullable('string'), '["null","string"]'],
  [
    'an optional type with a default, null second',
    nullable('int16', { default: 3 }),
    '[{"type":"int","connect.default":3,"connect.type":"int16"},"null"]',
  ],
  [
    "Debezium's timestamps",
    nullable('int64', { name: 'io.debezium.time.MicroTimestamp', version: 1 }),
    '["null",{"type":"long","connect.version":1,"connect.name":"io.debezium.time.MicroTimestamp"}]',
  ],
  [
    'an enum of Debezium, its parameters kept',
    required('string', {
      name: 'io.debezium.data.Enum',
      version: 1,
      parameters: { allowed: 'a,b' },
      doc: 'd',
    }),
    '{"type":"string","connect.doc":"d","connect.version":1,"connect.parameters":{"allowed":"a,b"},"connect.name":"io.debezium.data.Enum"}',
  ],
  [
    'Decimal',
    required('bytes', { name: `${CONNECT}.Decimal`, version: 1, parameters: { scale: '2' } }),
    `{"type":"bytes","scale":2,"precision":64,"connect.version":1,"connect.parameters":{"scale":"2"},"connect.name":"${CONNECT}.Decimal","logicalType":"decimal"}`,
  ],
  [
    'Decimal with a precision and a default',
    required('bytes', {
      name: `${CONNECT}.Decimal`,
      version: 1,
      parameters: { scale: '2', 'connect.decimal.precision': '8' },
      default: new Decimal(314n, 2),
    }),
    `{"type":"bytes","scale":2,"precision":8,"connect.version":1,"connect.parameters":{"scale":"2","connect.decimal.precision":"8"},"connect.default":"\\u0001:","connect.name":"${CONNECT}.Decimal","logicalType":"decimal"}`,
  ],
  [
    'Date',
    required('int32', { name: `${CONNECT}.Date`, version: 1 }),
    `{"type":"int","connect.version":1,"connect.name":"${CONNECT}.Date","logicalType":"date"}`,
  ],
  [
    'Time',
    required('int32', { name: `${CONNECT}.Time`, version: 1 }),
    `{"type":"int","connect.version":1,"connect.name":"${CONNECT}.Time","logicalType":"time-millis"}`,
  ],
  [
    'Timestamp',
    required('int64', { name: `${CONNECT}.Timestamp`, version: 1 }),
    `{"type":"long","connect.version":1,"connect.name":"${CONNECT}.Timestamp","logicalType":"timestamp-millis"}`,
  ],
  [
    'an array',
    required('array', { valueSchema: nullable('int32') }),
    '{"type":"array","items":["null","int"]}',
  ],
  [
    'a map with text keys',
    required('map', { keySchema: required('string'), valueSchema: nullable('string') }),
    '{"type":"map","values":["null","string"]}',
  ],
  [
    'a map with other keys, as entries',
    required('map', { keySchema: required('int32'), valueSchema: required('string') }),
    '{"type":"array","items":{"type":"record","name":"MapEntry","namespace":"io.confluent.connect.avro","fields":[{"name":"key","type":"int"},{"name":"value","type":"string"}]}}',
  ],
  [
    'structs without a name, numbered',
    struct(undefined, { a: struct(undefined, { b: required('int32') }) }),
    '{"type":"record","name":"ConnectDefault","namespace":"io.confluent.connect.avro","fields":[{"name":"a","type":{"type":"record","name":"ConnectDefault2","fields":[{"name":"b","type":"int"}]}}]}',
  ],
  [
    'defaults of fields: a float is widened there, not in connect.default',
    struct('n.R', {
      f: required('float', { default: Math.fround(0.1) }),
      l: required('int64', { default: 9007199254740993n }),
      s: nullable('string', { default: 'x' }),
      d: required('double', { default: 1e10 }),
      b: required('bytes', { default: Buffer.from([0xff]) }),
    }),
    '{"type":"record","name":"R","namespace":"n","fields":[{"name":"f","type":{"type":"float","connect.default":0.1},"default":0.10000000149011612},{"name":"l","type":{"type":"long","connect.default":9007199254740993},"default":9007199254740993},{"name":"s","type":[{"type":"string","connect.default":"x"},"null"],"default":"x"},{"name":"d","type":{"type":"double","connect.default":1.0E10},"default":1.0E10},{"name":"b","type":{"type":"bytes","connect.default":"ÿ"},"default":"ÿ"}],"connect.name":"n.R"}',
  ],
]

for (const [what, schema, expected] of types) {
  test(`The Avro schema of ${what} is the reference's`, () => {
    assert.equal(text(schema), expected)
  })
}

test("The Avro schema of a Debezium key is the reference's", () => {
  const key = struct('s.public.t.Key', { id: required('int32', { default: 0 }) })
  assert.equal(
    text(key),
    '{"type":"record","name":"Key","namespace":"s.public.t","fields":[{"name":"id","type":{"type":"int","connect.default":0},"default":0}],"connect.name":"s.public.t.Key"}',
  )
})

test("In a Debezium envelope the row's schema is written once and named after that", () => {
  const row = (): Schema => struct('s.public.t.Value', { id: required('int32') }, { optional: true })
  const envelope = struct(
    's.public.t.Envelope',
    { before: row(), after: row(), op: required('string') },
    { version: 2 },
  )
  assert.equal(
    text(envelope),
    '{"type":"record","name":"Envelope","namespace":"s.public.t","fields":[{"name":"before","type":["null",{"type":"record","name":"Value","fields":[{"name":"id","type":"int"}],"connect.name":"s.public.t.Value"}],"default":null},{"name":"after","type":["null","Value"],"default":null},{"name":"op","type":"string"}],"connect.version":2,"connect.name":"s.public.t.Envelope"}',
  )
})

test('Two different structs of one name are refused, with that name', () => {
  const two = struct('n.R', {
    a: struct('n.S', { x: required('int32') }),
    b: struct('n.S', { x: required('string') }),
  })
  assert.throws(() => text(two), /Can't redefine: n\.S/)
})

test('A name that Avro does not allow is refused with the way out, or scrubbed', () => {
  const odd = struct('s.order-items.Key', { 'a b': required('int32') })
  assert.throws(
    () => text(odd),
    /Illegal character in: a b.*field\.name\.adjustment\.mode=avro.*scrub\.invalid\.names/,
  )
  assert.equal(
    text(odd, { 'scrub.invalid.names': true }),
    '{"type":"record","name":"Key","namespace":"s.order_items","fields":[{"name":"a_b","type":"int"}],"connect.name":"s.order-items.Key"}',
  )
})

test('Without connect.meta.data only what Avro knows is left', () => {
  const schema = struct('n.R', {
    d: required('int32', { name: `${CONNECT}.Date`, version: 1, default: new Date(0) }),
  })
  assert.equal(
    text(schema, { 'connect.meta.data': false }),
    '{"type":"record","name":"R","namespace":"n","fields":[{"name":"d","type":{"type":"int","logicalType":"date"},"default":0}]}',
  )
})

test('A default struct is written field by field', () => {
  const inner = struct('n.S', { x: required('int32') })
  const schema = struct('n.R', { s: { ...inner, default: new ValueStruct(inner, [5]) } })
  assert.match(text(schema), /"connect\.default":\{"x":5\},"connect\.name":"n\.S"\},"default":\{"x":5\}/)
})

test('An enum stays one with enhanced.avro.schema.support', () => {
  const parameter = 'io.confluent.connect.avro.Enum'
  const schema = required('string', {
    name: 'n.Mood',
    parameters: { [parameter]: 'n.Mood', [`${parameter}.SAD`]: 'SAD', [`${parameter}.OK`]: 'OK' },
  })
  assert.equal(
    text(schema, { 'enhanced.avro.schema.support': true, 'connect.meta.data': false }),
    '{"type":"enum","name":"Mood","namespace":"n","symbols":["SAD","OK"]}',
  )
})
