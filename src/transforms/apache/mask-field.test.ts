import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Decimal } from '../../api/decimal.ts'
import { javaText } from '../../api/java/java-text.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import { maskField } from './mask-field.ts'
import { refuses, validates, valueAfter } from '../testing/expectations.ts'
import { INT32, mapRecord, record, STRING, structRecord, structSchemaOf } from '../testing/records.ts'

const leaf = (type: Schema['type'], name?: string): Schema => ({
  type,
  optional: true,
  ...(name !== undefined && { name }),
})

const VALUES: readonly (readonly [Schema, ConnectValue, string | null, ConnectValue])[] = [
  [STRING, 'secret', null, ''],
  [leaf('int32'), 5, null, 0],
  [leaf('int64'), 5n, null, 0n],
  [leaf('double'), 5.5, null, 0],
  [leaf('boolean'), true, null, false],
  [leaf('bytes', LOGICAL.decimal), new Decimal(123n, 2), null, new Decimal(0n, 0)],
  [leaf('int64', LOGICAL.timestamp), new Date(5), null, new Date(0)],
  [{ ...leaf('array'), valueSchema: STRING }, ['a'], null, []],
  [STRING, null, '***', null],
  [STRING, 'secret', '***', '***'],
  [leaf('int8'), 5, '300', 44],
  [leaf('int64'), 5n, '12.7', 12n],
  [leaf('float'), 5, '0.1', Math.fround(0.1)],
  [leaf('double'), 5, '1e3', 1000],
  [leaf('bytes', LOGICAL.decimal), new Decimal(123n, 2), '1.50', new Decimal(150n, 2)],
]

for (const [schema, value, replacement, expected] of VALUES) {
  it(`MaskField puts ${javaText(null, expected)} for ${javaText(null, value)} (${schema.type}) ${replacement ?? ''}`, () => {
    const config = { fields: 'f', ...(replacement !== null && { replacement }) }
    const row = structRecord(structSchemaOf({ f: schema, id: INT32 }), [value, 1])
    assert.deepEqual(valueAfter(maskField.value, config, row), [
      ['f', expected],
      ['id', 1],
    ])
  })
}

it('MaskField keeps the schema, and writes defaults for nulls unless told not to', () => {
  const schema = structSchemaOf(
    { f: { ...STRING, default: 'd' }, g: { ...STRING, default: 'e' } },
    { name: 'N' },
  )
  const row = structRecord(schema, [null, null])
  assert.equal(maskField.value.create({ fields: 'f' }).apply(row)!.valueSchema, schema)
  assert.deepEqual(valueAfter(maskField.value, { fields: 'f' }, row), [
    ['f', ''],
    ['g', 'e'],
  ])
  const kept = { fields: 'f', 'replace.null.with.default': 'false' }
  assert.deepEqual(valueAfter(maskField.value, kept, row), [
    ['f', null],
    ['g', null],
  ])
})

it('MaskField masks entries of maps, with nulls for those that are not there', () => {
  const masked = valueAfter(maskField.value, { fields: 'a,b,no' }, mapRecord({ a: 5n, b: new Map(), c: 1n }))
  assert.deepEqual(
    masked,
    new Map<string, unknown>([
      ['a', 0n],
      ['b', new Map()],
      ['c', 1n],
      ['no', null],
    ]),
  )
})

it('MaskField refuses what it cannot mask', () => {
  const bytes = structRecord(structSchemaOf({ f: leaf('bytes') }), [new Uint8Array(1)])
  const flag = structRecord(structSchemaOf({ f: leaf('boolean') }), [true])
  const count = structRecord(structSchemaOf({ f: INT32 }), [1])
  refuses(maskField.value, { fields: 'f' }, { record: bytes, message: 'Cannot mask value of type: class [B' })
  refuses(
    maskField.value,
    { fields: 'f', replacement: 'x' },
    {
      record: flag,
      message: 'Cannot mask value of type class java.lang.Boolean with custom replacement.',
    },
  )
  refuses(
    maskField.value,
    { fields: 'f', replacement: 'x' },
    { record: count, message: 'Unable to convert x (class java.lang.String) to a number' },
  )
  refuses(
    maskField.value,
    { fields: 'f' },
    {
      record: record(),
      message: 'Only Map objects supported in absence of schema for [mask fields], found: null',
    },
  )
})

it('MaskField tells what is wrong with its options', () =>
  validates(maskField.value, { fields: 'a', replacement: '' }, [
    'Invalid value  for configuration replacement: String must be non-empty',
  ]))
