import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Decimal } from '../../api/decimal.ts'
import { javaText } from '../../api/java/java-text.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import { castValue, type CastType } from './cast-value.ts'
import { cast } from './cast.ts'
import { refuses, validates, valueAfter } from '../testing/expectations.ts'
import { INT32, mapRecord, record, STRING, structRecord, structSchemaOf } from '../testing/records.ts'

const leaf = (type: Schema['type'], name?: string): Schema => ({
  type,
  optional: false,
  ...(name !== undefined && { name }),
})
const DECIMAL = leaf('bytes', LOGICAL.decimal)
const DATE = leaf('int32', LOGICAL.date)
const TIMESTAMP = leaf('int64', LOGICAL.timestamp)

const VALUES: readonly (readonly [Schema | null, ConnectValue, CastType, ConnectValue])[] = [
  [leaf('int32'), 300, 'int8', 44],
  [leaf('int64'), 2n ** 40n + 5n, 'int32', 5],
  [leaf('int32'), 5, 'int64', 5n],
  [leaf('double'), 1e20, 'int64', 2n ** 63n - 1n],
  [leaf('double'), -1e20, 'int64', -(2n ** 63n)],
  [leaf('double'), -3.9, 'int32', -3],
  [leaf('double'), 3e9, 'int16', -1],
  [leaf('double'), NaN, 'int32', 0],
  [leaf('double'), 0.1, 'float', Math.fround(0.1)],
  [leaf('float'), Math.fround(0.1), 'string', '0.1'],
  [leaf('double'), 10_000_000, 'string', '1.0E7'],
  [leaf('double'), 0.5, 'boolean', false],
  [leaf('int32'), 2, 'boolean', true],
  [leaf('boolean'), true, 'double', 1],
  [leaf('boolean'), false, 'string', 'false'],
  [STRING, 'TRUE', 'boolean', true],
  [STRING, 'yes', 'boolean', false],
  [STRING, '+12', 'int8', 12],
  [STRING, ' 1.5e3 ', 'double', 1500],
  [STRING, '1.5f', 'float', 1.5],
  [STRING, null, 'int8', null],
  [leaf('bytes'), new Uint8Array([1, 2]), 'string', 'AQI='],
  [DECIMAL, new Decimal(12345n, 2), 'int32', 123],
  [DECIMAL, new Decimal(12345n, 2), 'double', 123.45],
  [DECIMAL, new Decimal(12345n, 2), 'string', '123.45'],
  [DATE, new Date('2024-02-29'), 'int32', 19782],
  [DATE, new Date('2024-02-29'), 'string', '2024-02-29'],
  [leaf('int32', LOGICAL.time), new Date(3_723_004), 'string', '01:02:03.004Z'],
  [TIMESTAMP, new Date(86_400_001), 'int64', 86_400_001n],
  [TIMESTAMP, new Date(86_400_001), 'string', '1970-01-02T00:00:00.001Z'],
  [null, 12n, 'int8', 12n],
  [null, 1.1, 'float', 1.1],
  [null, 'x', 'string', 'x'],
]

for (const [schema, value, type, expected] of VALUES) {
  it(`Cast makes ${javaText(null, expected)} of ${javaText(null, value)} (${schema?.name ?? schema?.type ?? 'no schema'}) as ${type}`, () =>
    assert.deepEqual(castValue(schema, value, type), expected))
}

const qty: Schema = { ...INT32, optional: true, default: 7, name: 'gone' }
const row = structRecord(structSchemaOf({ id: INT32, qty }, { name: 'Row', optional: true }), [1, null])

it('Cast changes types in the schema, defaults with them, and loses their names', () => {
  const casted = cast.value.create({ spec: 'qty:string' }).apply(row)!
  assert.deepEqual(
    casted.valueSchema,
    structSchemaOf(
      { id: INT32, qty: { type: 'string', optional: true, default: '7' } },
      { name: 'Row', optional: true },
    ),
  )
  assert.deepEqual(valueAfter(cast.value, { spec: 'qty:string' }, row), [
    ['id', 1],
    ['qty', '7'],
  ])
})

it('Cast of the whole value keeps the name of the schema', () => {
  const day = record({ valueSchema: { ...DATE, optional: true }, value: new Date('1970-01-03') })
  const casted = cast.value.create({ spec: 'int64' }).apply(day)!
  assert.deepEqual(
    [casted.valueSchema, casted.value],
    [{ type: 'int64', optional: true, name: LOGICAL.date }, 2n],
  )
  const tombstone = record({ valueSchema: DATE })
  assert.equal(cast.value.create({ spec: 'int64' }).apply(tombstone), tombstone)
})

it('Cast changes entries of maps, with nulls for those that are not there', () => {
  assert.deepEqual(
    valueAfter(cast.value, { spec: 'a: string, b:int8' }, mapRecord({ a: 1n })),
    new Map<string, unknown>([
      ['a', '1'],
      ['b', null],
    ]),
  )
})

it('Cast refuses what cannot be cast', () => {
  const text = (value: string) => structRecord(structSchemaOf({ a: STRING }), [value])
  refuses(
    cast.value,
    { spec: 'a:int32' },
    { record: text('nope'), message: 'Value (nope) was out of range for requested data type' },
  )
  refuses(
    cast.value,
    { spec: 'a:int8' },
    { record: text('128'), message: 'Value (128) was out of range for requested data type' },
  )
  refuses(
    cast.value,
    { spec: 'a:int8' },
    {
      record: structRecord(structSchemaOf({ a: leaf('bytes') }), [new Uint8Array(1)]),
      message: 'Unexpected type in Cast transformation: class [B',
    },
  )
  refuses(
    cast.value,
    { spec: 'a:int8' },
    {
      record: mapRecord({ a: [1n] }),
      message:
        'Cast transformation does not support casting from ARRAY; supported types are [INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES]',
    },
  )
})

const SPECS: readonly (readonly [string, string])[] = [
  ['', 'Must specify at least one field to cast.'],
  [
    'a:int',
    'Invalid value java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.INT for configuration Invalid type found in casting spec: int',
  ],
  [
    'a:bytes',
    'Cast transformation does not support casting to BYTES; supported types are [INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING]',
  ],
  ['a:b:c', 'Invalid value [a:b:c] for configuration renames: Invalid rename mapping: a:b:c'],
  [
    'int8,a:int8',
    'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
  ],
]

for (const [spec, message] of SPECS) {
  it(`Cast tells what is wrong with the spec "${spec}"`, () => validates(cast.value, { spec }, [message]))
}

it('Cast needs a spec', () =>
  validates(cast.value, {}, [
    'Missing required configuration "spec" which has no default value.',
    'Must specify at least one field to cast.',
  ]))
