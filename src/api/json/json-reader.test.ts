import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { Decimal } from '../decimal.ts'
import { DataError } from '../errors.ts'
import { jsonValueEnd, readJson } from './json-reader.ts'
import type { ConnectValue } from '../value.ts'

function read(text: string): ConnectValue {
  return readJson(Buffer.from(text))
}

test('values are read exactly', () => {
  const cases: [text: string, value: ConnectValue][] = [
    ['null', null],
    ['', null],
    [' \n', null],
    ['true', true],
    ['12345678901234567890', 12_345_678_901_234_567_890n],
    ['-0', 0n],
    ['1.0', 1],
    ['1e400', Infinity],
    [' [1, 2.5 ,null, {"b": []}]\n', [1n, 2.5, null, new Map([['b', []]])]],
    ['{"a":1,"a":2}', new Map([['a', 2n]])],
    ['{"__proto__":1}', new Map([['__proto__', 1n]])],
    [String.raw`"\u00e9\n\"\\\/\ud83d\ude00 é"`, 'é\n"\\/😀 é'],
    ['{}', new Map()],
  ]
  for (const [text, value] of cases) assert.deepEqual(read(text), value)
})

test('numbers with a fraction can be read as decimals', () => {
  const bytes = Buffer.from('[1.50,-2e3,5]')
  assert.deepEqual(readJson(bytes, 0, bytes.length, { fractions: 'decimal' }), [
    new Decimal(150n, 2),
    new Decimal(-2n, -3),
    5n,
  ])
})

test('what is not JSON is refused', () => {
  const wrong = [
    '{bad',
    "{'a':1}",
    '[1,]',
    '{"a":1,}',
    '1 2',
    '{} x',
    '01',
    '+1',
    '.5',
    '1.',
    'NaN',
    '-',
    'tru',
    '"a\tb"',
    '"a',
    '[1',
    '{"a"',
    '{"a":',
    String.raw`"\x"`,
    String.raw`"\u12"`,
    '// c\n1',
    '[1 2]',
    '"\u0001"',
  ]
  for (const text of wrong) assert.throws(() => read(text), DataError, text)
  assert.throws(() => readJson(Buffer.from([0x22, 0xff, 0x22])), /UTF-8/)
})

test('nesting has a bound', () => {
  assert.equal(Array.isArray(read('['.repeat(1000) + ']'.repeat(1000))), true)
  assert.throws(() => read('['.repeat(1001) + ']'.repeat(1001)), /nested deeper/)
})

test('whatever JSON.stringify writes is read back', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(plain(read(text)), JSON.parse(text))
    }),
  )
})

test('the end of a value is found without reading it', () => {
  const cases: [text: string, end: number][] = [
    ['{"a":"}]\\""},1', 12],
    ['[1,[2]],', 7],
    ['"a\\"b",', 6],
    ['12,', 2],
    ['null}', 4],
    ['{"a":1', 6],
  ]
  for (const [text, end] of cases) {
    const bytes = Buffer.from(text)
    assert.equal(jsonValueEnd(bytes, 0, bytes.length), end, text)
  }
})

function plain(value: ConnectValue): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return (value as readonly ConnectValue[]).map(plain)
  if (!(value instanceof Map)) return value
  const result: Record<string, unknown> = {}
  for (const [name, entry] of value as ReadonlyMap<string, ConnectValue>) {
    Object.defineProperty(result, name, {
      value: plain(entry),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  }
  return result
}

test('a byte order mark before the text is passed over, and refused anywhere else', () => {
  assert.deepEqual(readJson(Buffer.from('\ufeff{"a":1}')), new Map([['a', 1n]]))
  assert.equal(readJson(Buffer.from('\ufeff')), null)
  assert.throws(() => readJson(Buffer.from('{\ufeff"a":1}')), DataError)
  assert.throws(() => readJson(Buffer.from(' \ufeff{}')), DataError)
})
