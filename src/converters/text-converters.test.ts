import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from '../api/decimal.ts'
import { DataError } from '../api/errors.ts'
import { optional, primitiveSchema, structSchema, type Schema } from '../api/schema.ts'
import { ValueStruct } from '../api/struct.ts'
import type { ConnectValue } from '../api/value.ts'
import { byteArrayConverter } from './byte-array-converter.ts'
import { simpleHeaderConverter } from './simple-header-converter.ts'
import { stringConverter } from './string-converter.ts'

const TEXT = primitiveSchema('string')
const LOGICAL = 'org.apache.kafka.connect.data.'

test('StringConverter writes what Java prints', () => {
  const converter = stringConverter.create({}, 'value')
  const row = structSchema([
    { name: 'id', schema: primitiveSchema('int32') },
    { name: 'name', schema: optional(TEXT) },
    { name: 'f', schema: primitiveSchema('float') },
    { name: 'l', schema: { type: 'array', optional: false, valueSchema: TEXT } },
  ])
  const cases: [schema: Schema | null, value: ConnectValue, text: string][] = [
    [TEXT, 'é', 'é'],
    [row, new ValueStruct(row, [1, null, 1.5, ['a', 'b']]), 'Struct{id=1,f=1.5,l=[a, b]}'],
    [null, new Map([['k', 1n]]), '{k=1}'],
    [primitiveSchema('double'), 1e10, '1.0E10'],
    [null, true, 'true'],
    [null, new Decimal(150n, 2), '1.50'],
    [null, new Date(0), 'Thu Jan 01 00:00:00 UTC 1970'],
  ]
  for (const [schema, value, text] of cases) {
    assert.equal(Buffer.from(converter.fromConnectData('t', schema, value)!).toString(), text)
  }
  assert.equal(converter.fromConnectData('t', TEXT, null), null)
  assert.deepEqual(converter.toConnectData('t', Buffer.from('é')), { schema: optional(TEXT), value: 'é' })
})

test('StringConverter refuses an encoding that it does not know', () => {
  assert.throws(
    () => stringConverter.create({ 'converter.encoding': 'EBCDIC' }, 'value'),
    /converter.encoding/,
  )
})

test('ByteArrayConverter takes bytes and nothing else', () => {
  const converter = byteArrayConverter.create({}, 'value')
  const bytes = new Uint8Array([0, 255])
  assert.equal(converter.fromConnectData('t', primitiveSchema('bytes'), bytes), bytes)
  assert.equal(converter.fromConnectData('t', null, null), null)
  assert.throws(() => converter.fromConnectData('t', TEXT, 'x'), DataError)
  assert.throws(() => converter.fromConnectData('t', null, 'x'), DataError)
  assert.equal(converter.toConnectData('t', bytes).value, bytes)
})

test('SimpleHeaderConverter writes readable text', () => {
  const converter = simpleHeaderConverter.create({})
  const write = (schema: Schema | null, value: ConnectValue) => {
    const bytes = converter.fromConnectHeader('t', { name: 'h', schema, value })
    return bytes === null ? null : Buffer.from(bytes).toString()
  }
  const row = structSchema([
    { name: 'a', schema: primitiveSchema('int32') },
    { name: 'b', schema: optional(TEXT) },
    { name: 'c', schema: primitiveSchema('bytes') },
    { name: 'd', schema: { ...TEXT, optional: true, default: 'dd' } },
  ])
  const cases: [schema: Schema | null, value: ConnectValue, text: string | null][] = [
    [TEXT, 'a"b\\c', 'a"b\\c'],
    [null, null, null],
    [primitiveSchema('int32'), 5, '5'],
    [primitiveSchema('double'), 1e10, '1.0E10'],
    [null, new Uint8Array([1, 2, 3]), 'AQID'],
    [null, ['a', 1n, ['q"x']], String.raw`["a",1,["q\"x"]]`],
    [null, new Map([['k', 'v']]), '{"k":"v"}'],
    [
      primitiveSchema('int64', { name: `${LOGICAL}Timestamp` }),
      new Date(1_234_567_890_123),
      '2009-02-13T23:31:30.123Z',
    ],
    [primitiveSchema('int32', { name: `${LOGICAL}Date` }), new Date(86_400_000), '1970-01-02'],
    [primitiveSchema('int32', { name: `${LOGICAL}Time` }), new Date(5000), '00:00:05.000Z'],
    [
      row,
      new ValueStruct(row, [1, 'x"y', new Uint8Array([1]), null]),
      String.raw`{"a":1,"b":"x\"y","c":"AQ==","d":"dd"}`,
    ],
  ]
  for (const [schema, value, text] of cases) assert.equal(write(schema, value), text)
})

test('SimpleHeaderConverter guesses the type that it reads', () => {
  const converter = simpleHeaderConverter.create({})
  const read = (text: string) => {
    const { schema, value } = converter.toConnectHeader('t', 'h', Buffer.from(text))
    return [schema?.name?.replace(LOGICAL, '') ?? schema?.type ?? null, value]
  }
  const cases: [text: string, type: string | null, value: ConnectValue][] = [
    ['', 'string', ''],
    ['null', null, null],
    ['true', 'boolean', true],
    ['TRUE', 'string', 'TRUE'],
    ['127', 'int8', 127],
    [' 5 ', 'int8', 5],
    ['-129', 'int16', -129],
    ['40000', 'int32', 40_000],
    ['3000000000', 'int64', 3_000_000_000n],
    ['1e10', 'int64', 10_000_000_000n],
    ['99999999999999999999', 'Decimal', new Decimal(99_999_999_999_999_999_999n, 0)],
    ['1.50', 'float', 1.5],
    ['3.5E38', 'double', 3.5e38],
    ['5.', 'int8', 5],
    ['abc', 'string', 'abc'],
    ['"quoted"', 'string', '"quoted"'],
    ['2019-08-23', 'Date', new Date('2019-08-23')],
    ['14:34:54.346Z', 'Time', new Date('1970-01-01T14:34:54.346Z')],
    ['2019-08-23T14:34:54.346Z', 'Timestamp', new Date('2019-08-23T14:34:54.346Z')],
    ['[1,"a"]', 'array', [1n, 'a']],
    ['[1.5,2]', 'array', [1.5, 2]],
    ['[]', 'array', []],
    ['[1,2] x', 'array', [1, 2]],
    ['[1,2', 'string', '[1,2'],
    ['[a]', 'string', '[a]'],
    ['{"a":{"b":1}}', 'map', new Map([['a', new Map([['b', 1]])]])],
    ['{a:1}', 'string', '{a:1}'],
    ['NaN', 'string', 'NaN'],
  ]
  for (const [text, type, value] of cases) assert.deepEqual(read(text), [type, value], text)
})
