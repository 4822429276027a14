import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { Decimal } from '../../api/decimal.ts'
import { optional, primitiveSchema, structSchema, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { documentJson } from './document-json.ts'

const AS_IS = { isSchemaIgnored: true, isMapCompact: true }
const CONVERTED = { isSchemaIgnored: false, isMapCompact: true }
const LISTS = { isSchemaIgnored: false, isMapCompact: false }

const decimal: Schema = primitiveSchema('bytes', { name: 'org.apache.kafka.connect.data.Decimal' })
const mapOf = (key: Schema['type'], value: Schema): Schema => ({
  type: 'map',
  optional: false,
  keySchema: { type: key, optional: false },
  valueSchema: value,
})

test('values are written as JsonConverter writes them', () => {
  const cases: readonly [Schema | null, ConnectValue, string][] = [
    [null, null, 'null'],
    [null, 9007199254740993n, '9007199254740993'],
    [null, 1, '1.0'],
    [null, 0.1, '0.1'],
    [null, -0, '-0.0'],
    [null, 1e300, '1e+300'],
    [null, Number.NaN, '"NaN"'],
    [null, 'a"\n', '"a\\"\\n"'],
    [null, new Map<ConnectValue, ConnectValue>([['__proto__', 1n]]), '{"__proto__":1}'],
    [null, new Map<ConnectValue, ConnectValue>([[7n, 'x']]), '[[7,"x"]]'],
    [null, [1n, [null, true]], '[1,[null,true]]'],
    [primitiveSchema('int32'), 5, '5'],
    [primitiveSchema('string', { name: 'io.tailrace.data.Json' }), '{"a":1.10}', '{"a":1.10}'],
    [primitiveSchema('float'), Math.fround(0.1), '0.1'],
    [primitiveSchema('float'), 3, '3.0'],
    [primitiveSchema('float'), Math.fround(16777216), '16777216.0'],
    [primitiveSchema('double'), 100, '100.0'],
    [primitiveSchema('bytes'), Buffer.from([1, 2, 3]), '"AQID"'],
    [
      primitiveSchema('int32', { name: 'org.apache.kafka.connect.data.Date' }),
      new Date(19700 * 86_400_000),
      '19700',
    ],
    [
      primitiveSchema('int64', { name: 'org.apache.kafka.connect.data.Timestamp' }),
      new Date(1700000000123),
      '1700000000123',
    ],
    [decimal, Decimal.parse('12.34'), '"BNI="'],
    [decimal, Decimal.parse('123.456'), '"AeJA"'],
    [decimal, Decimal.parse('-0.01'), '"/w=="'],
    [mapOf('string', primitiveSchema('int32')), new Map([['one', 1]]), '{"one":1}'],
    [optional(primitiveSchema('int32', { default: 5 })), null, '5'],
  ]
  for (const [schema, value, json] of cases) assert.equal(documentJson(schema, value, AS_IS), json)
})

test('with schema.ignore=false decimals are numbers and maps follow compact.map.entries', () => {
  const strings = mapOf('string', primitiveSchema('string'))
  const numbers = mapOf('int32', primitiveSchema('string'))
  assert.equal(documentJson(decimal, Decimal.parse('12.34'), CONVERTED), '12.34')
  assert.equal(documentJson(strings, new Map([['a', '1']]), CONVERTED), '{"a":"1"}')
  assert.equal(documentJson(strings, new Map([['a', '1']]), LISTS), '[{"key":"a","value":"1"}]')
  assert.equal(documentJson(numbers, new Map([[7, 'seven']]), CONVERTED), '[{"key":7,"value":"seven"}]')
})

test('a struct is an object in the order of its schema', () => {
  const inner = structSchema([{ name: 'b', schema: primitiveSchema('string') }])
  const schema = structSchema([
    { name: 'z', schema: optional(primitiveSchema('int64')) },
    { name: 'a', schema: inner },
  ])
  const value = new ValueStruct(schema, [null, new ValueStruct(inner, ['x'])])
  assert.equal(documentJson(schema, value, AS_IS), '{"z":null,"a":{"b":"x"}}')
})

test("the bytes of a decimal are those of a two's complement of any length", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (unscaled) => {
      const json = documentJson(decimal, new Decimal(unscaled, 0), AS_IS)
      const bytes = Buffer.from(JSON.parse(json) as string, 'base64')
      assert.equal(BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`)), unscaled)
      assert.ok(bytes.length === 1 || BigInt.asIntN((bytes.length - 1) * 8, unscaled) !== unscaled)
    }),
  )
})

test('a 32-bit float is written so that it reads back as itself', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = documentJson(primitiveSchema('float'), value, AS_IS)
      assert.equal(Math.fround(Number(text)) + 0, value + 0)
      assert.ok(/[.e]/.test(text))
    }),
  )
})
