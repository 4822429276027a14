import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectorConfig } from '../api/config-def.ts'
import { Decimal } from '../api/decimal.ts'
import { DataError, SerializationError } from '../api/errors.ts'
import { optional, primitiveSchema, structSchema, type Schema } from '../api/schema.ts'
import { ValueStruct } from '../api/struct.ts'
import type { ConnectValue } from '../api/value.ts'
import { jsonConverter } from './json-converter.ts'

const PLAIN = { 'schemas.enable': 'false' }
const LOGICAL = 'org.apache.kafka.connect.data.'
const INT32 = primitiveSchema('int32')
const TEXT = primitiveSchema('string')

function from(schema: Schema | null, value: ConnectValue, config: ConnectorConfig = PLAIN): string | null {
  const bytes = jsonConverter.create(config, 'value').fromConnectData('t', schema, value)
  return bytes === null ? null : Buffer.from(bytes).toString()
}

function to(json: string | null, config: ConnectorConfig = {}) {
  const bytes = json === null ? null : Buffer.from(json)
  return jsonConverter.create(config, 'value').toConnectData('t', bytes)
}

function decimalSchema(scale: number): Schema {
  return primitiveSchema('bytes', {
    name: `${LOGICAL}Decimal`,
    version: 1,
    parameters: { scale: String(scale) },
  })
}

test('values are written by their schema', () => {
  const map = (keySchema: Schema): Schema => ({ type: 'map', optional: false, keySchema, valueSchema: TEXT })
  const cases: [schema: Schema | null, value: ConnectValue, json: string | null][] = [
    [null, null, null],
    [null, 5n, '5'],
    [null, 1.5, '1.5'],
    [null, [1n, 'a'], '[1,"a"]'],
    [null, new Map([['a', 1n]]), '{"a":1}'],
    [null, new Map([[1n, 2n]]), '[[1,2]]'],
    [null, new Uint8Array([1]), '"AQ=="'],
    [primitiveSchema('float'), Math.fround(1e10), '1.0E10'],
    [primitiveSchema('double'), Number.NaN, '"NaN"'],
    [primitiveSchema('int64'), 9_007_199_254_740_993n, '9007199254740993'],
    [map(INT32), new Map([[1, 'a']]), '[[1,"a"]]'],
    [map(TEXT), new Map([['k', 'a']]), '{"k":"a"}'],
    [optional(INT32), null, 'null'],
    [{ ...INT32, optional: true, default: 7 }, null, '7'],
    [primitiveSchema('int32', { name: `${LOGICAL}Date`, version: 1 }), new Date(86_400_000 * 3), '3'],
    [primitiveSchema('int32', { name: `${LOGICAL}Time`, version: 1 }), new Date(1234), '1234'],
    [primitiveSchema('int64', { name: `${LOGICAL}Timestamp`, version: 1 }), new Date(1234), '1234'],
    [decimalSchema(2), new Decimal(150n, 2), '"AJY="'],
    [structSchema([]), new ValueStruct(structSchema([]), []), '{}'],
  ]
  for (const [schema, value, json] of cases) assert.equal(from(schema, value), json)
})

test('options change how decimals and nulls are written', () => {
  const numeric = { ...PLAIN, 'decimal.format': 'numeric' }
  assert.equal(from(decimalSchema(10), new Decimal(0n, 10), numeric), '0E-10')
  assert.equal(from(decimalSchema(2), new Decimal(1230n, 2), numeric), '12.30')
  const keeping = { ...PLAIN, 'replace.null.with.default': 'false' }
  assert.equal(from({ ...INT32, optional: true, default: 7 }, null, keeping), 'null')
  assert.throws(() => from({ ...INT32, default: 7 }, null, keeping), DataError)
})

test('values that their schema does not allow are refused', () => {
  const wrong: [schema: Schema | null, value: ConnectValue][] = [
    [INT32, null],
    [INT32, 'x'],
    [TEXT, 5],
    [decimalSchema(2), new Decimal(1n, 3)],
    [null, new Decimal(1n, 0)],
    [null, new Date(5)],
  ]
  for (const [schema, value] of wrong) assert.throws(() => from(schema, value), DataError)
})

test('with schemas a value is wrapped together with its schema', () => {
  const schema = structSchema(
    [
      { name: 'f', schema: { ...INT32, optional: true, default: 5, doc: 'dd' } },
      {
        name: 'm',
        schema: {
          type: 'map',
          optional: true,
          keySchema: TEXT,
          valueSchema: primitiveSchema('int64', { optional: true }),
        },
      },
      { name: 'd', schema: { ...decimalSchema(2), optional: true, default: new Decimal(150n, 2) } },
    ],
    { optional: true, name: 'n', version: 2, doc: 'd', parameters: { k: 'v', a: 'b' } },
  )
  assert.equal(
    from(schema, null, {}),
    '{"schema":{"type":"struct","fields":[{"type":"int32","optional":true,"doc":"dd","default":5,"field":"f"},' +
      '{"type":"map","keys":{"type":"string","optional":false},"values":{"type":"int64","optional":true},"optional":true,"field":"m"},' +
      '{"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"},"default":"AJY=","field":"d"}],' +
      '"optional":true,"name":"n","version":2,"doc":"d","parameters":{"k":"v","a":"b"}},"payload":null}',
  )
  assert.equal(from(null, 5n, {}), '{"schema":null,"payload":5}')
  assert.equal(from(null, null, {}), null)
})

test('a template is rendered with the text that records get around their payload', () => {
  const template = { kind: 'constant', schema: INT32, value: 1 } as const
  const rendering = jsonConverter.create({}, 'value').compile!('t', template)!
  assert.equal(`${rendering.prefix}1${rendering.suffix}`, from(INT32, 1, {}))
})

test('without schemas JSON is read as it is', () => {
  assert.deepEqual(to('{"a":[1,2.5]}', PLAIN), { schema: null, value: new Map([['a', [1n, 2.5]]]) })
  assert.deepEqual(to(null, PLAIN), { schema: null, value: null })
  for (const config of [PLAIN, {}]) {
    assert.throws(
      () => to('{bad', config),
      (error: Error) =>
        error instanceof DataError &&
        error.message === 'Converting byte[] to Kafka Connect data failed due to serialization error: ' &&
        error.cause instanceof SerializationError,
    )
  }
  assert.equal(jsonConverter.create(PLAIN, 'value').isPlainJson, true)
  assert.equal(jsonConverter.create({}, 'value').isPlainJson, false)
})

test('with schemas values are read by the schema that comes with them', () => {
  const cases: [schema: string, payload: string, value: ConnectValue][] = [
    ['null', '1', 1n],
    ['null', '1.5', 1.5],
    ['{"type":"int32"}', '1', 1],
    ['{"type":"int32","optional":true}', 'null', null],
    ['{"type":"int64"}', '9007199254740993', 9_007_199_254_740_993n],
    ['{"type":"array","items":{"type":"int64"}}', '[1,2]', [1n, 2n]],
    ['{"type":"map","keys":{"type":"int32"},"values":{"type":"string"}}', '[[1,"a"]]', new Map([[1, 'a']])],
    [
      '{"type":"map","keys":{"type":"string"},"values":{"type":"string"}}',
      '{"k":"a"}',
      new Map([['k', 'a']]),
    ],
    [
      `{"type":"bytes","name":"${LOGICAL}Decimal","version":1,"parameters":{"scale":"2"}}`,
      '"AJY="',
      new Decimal(150n, 2),
    ],
    [
      `{"type":"bytes","name":"${LOGICAL}Decimal","version":1,"parameters":{"scale":"2"}}`,
      '1.5',
      new Decimal(15n, 1),
    ],
    [`{"type":"int32","name":"${LOGICAL}Date","version":1}`, '3', new Date(259_200_000)],
    ['{"type":"float"}', '1', 1],
    ['{"type":"bytes"}', '"AQ=="', Buffer.from([1])],
  ]
  for (const [schema, payload, value] of cases) {
    assert.deepEqual(to(`{"schema":${schema},"payload":${payload}}`).value, value)
    // In another order the envelope is read as a whole.
    assert.deepEqual(to(`{"payload":${payload}, "schema":${schema}}`).value, value)
  }
})

test('structs take defaults for what is missing', () => {
  const schema = '{"type":"struct","fields":[{"type":"int32","field":"a","optional":true,"default":4}]}'
  const { value } = to(`{"schema":${schema},"payload":{}}`)
  assert.equal((value as ValueStruct).get('a'), 4)
})

test('the same schema text gives the same schema object', () => {
  const converter = jsonConverter.create({}, 'value')
  const read = () =>
    converter.toConnectData('t', Buffer.from('{"schema":{"type":"int32"},"payload":1}')).schema
  assert.equal(read(), read())
})

test('a wrong envelope, schema or value is refused in the reference’s words', () => {
  const cases: [json: string, message: RegExp][] = [
    ['1', /requires "schema" and "payload" fields/],
    ['{}', /requires "schema" and "payload" fields/],
    ['{"schema":{"type":"int32"},"payload":1,"more":1}', /may not contain additional fields/],
    ['{"schema":{"type":"blah"},"payload":1}', /^Error|Unknown schema type: blah/],
    ['{"schema":{},"payload":1}', /Schema must contain 'type' field/],
    ['{"schema":5,"payload":1}', /Schema must contain 'type' field/],
    ['{"schema":{"type":"struct"},"payload":1}', /"fields" argument is not an array/],
    [
      '{"schema":{"type":"struct","fields":[{"type":"int32"}]},"payload":1}',
      /field name not specified properly/,
    ],
    ['{"schema":{"type":"array"},"payload":[]}', /Array schema did not specify the element type/],
    ['{"schema":{"type":"int32"},"payload":null}', /Invalid null value for required INT32 field/],
    ['{"schema":{"type":"int32"},"payload":"x"}', /Invalid type for INT32: the JSON has STRING/],
    ['{"schema":{"type":"int32"},"payload":5000000000}', /Invalid type for INT32/],
  ]
  for (const [json, message] of cases) assert.throws(() => to(json), message, json)
})

for (const [what, schema, payload, message] of [
  ['bytes that are no base64', '{"type":"bytes"}', '"x"', 'Invalid bytes field'],
  [
    'a decimal of no bytes',
    '{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}}',
    '""',
    'Invalid bytes for Decimal field',
  ],
  [
    'two fields of one name',
    '{"type":"struct","fields":[{"type":"int32","field":"a"},{"type":"int32","field":"a"}]}',
    '{"a":1}',
    'Cannot create field because of field name duplication a',
  ],
  [
    'a moment that no calendar has',
    '{"type":"int64","name":"org.apache.kafka.connect.data.Timestamp"}',
    '9223372036854775807',
    'Invalid value for org.apache.kafka.connect.data.Timestamp: it is beyond the year 275760',
  ],
] as const) {
  test(`JsonConverter refuses ${what}`, () => {
    const converter = jsonConverter.create({}, 'value')
    const bytes = Buffer.from(`{"schema":${schema},"payload":${payload}}`)
    assert.throws(() => converter.toConnectData('t', bytes), { name: 'DataError', message })
  })
}
