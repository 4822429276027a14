import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { MAX_JSON_DEPTH, SCAN, scanJsonObject } from './json-scanner.ts'

function scan(text: string | Buffer): number {
  const bytes = Buffer.concat([Buffer.from('"{'), Buffer.from(text), Buffer.from('}"')])
  return scanJsonObject(bytes, 2, bytes.length - 2)
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

test('objects on one line are taken as they are', () => {
  for (const text of [
    '{}',
    ' { } ',
    '{"a":1}',
    '{"a":{"b":[1,2,{"c":null}],"d":[]},"e":{}}',
    '{"n":-0.5e+10,"z":0,"f":1E5,"t":true,"g":false}',
    '{"s":"\\u00e9\\ud83d\\ude00\\n\\t\\"\\\\\\/","k":"값 שלום 😀"}',
    '{"dup":1,"dup":2}',
  ]) {
    assert.equal(scan(text), SCAN.oneLine, text)
  }
})

test('line breaks between tokens are reported, escaped ones inside strings are not', () => {
  for (const text of [
    '{\n}',
    '\r\n{"a":1}',
    '{"a":1}\n',
    '{"a"\n:1}',
    '{"a":\r1}',
    '{"a":[\n]}',
    '{"a":[1\n,2]}',
  ]) {
    assert.equal(scan(text), SCAN.manyLines, JSON.stringify(text))
  }
  assert.equal(scan('{"a":"\\n\\r"}'), SCAN.oneLine)
})

test('what is not one JSON object is refused', () => {
  for (const text of [
    '',
    ' ',
    'null',
    '5',
    '"text"',
    '[1]',
    '{',
    '}',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{,}',
    '{a:1}',
    "{'a':1}",
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":-}',
    '{"a":1e}',
    '{"a":NaN}',
    '{"a":nul}',
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{"a":"\\u12"}',
    '{"a":"open}',
    '{"a":1}{"b":2}',
    '{"a":1} x',
    '{"a":[1,]}',
    '{"a":[1}',
    '{"a":{]}',
    '\ufeff{}',
    '{"a" 1}',
    '{"a":1 "b":2}',
    '{1:2}',
  ]) {
    assert.equal(scan(text), SCAN.refused, text)
    assert.equal(isObject(text), false, text)
  }
})

test('nesting is bounded', () => {
  const nested = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
  assert.equal(scan(nested(MAX_JSON_DEPTH)), SCAN.oneLine)
  assert.equal(scan(nested(MAX_JSON_DEPTH + 1)), SCAN.refused)
  assert.equal(scan('{"a":' + '['.repeat(MAX_JSON_DEPTH) + ']'.repeat(MAX_JSON_DEPTH) + '}'), SCAN.refused)
})

test('strings that are not UTF-8 are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), (bytes) => {
      // Bytes that JSON itself refuses in a string are not the subject here.
      const plain = bytes.filter((byte) => byte >= 0x20 && byte !== 0x22 && byte !== 0x5c)
      let isUtf8 = true
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(plain)
      } catch {
        isUtf8 = false
      }
      const text = Buffer.concat([Buffer.from('{"a":"'), plain, Buffer.from('"}')])
      assert.equal(scan(text) !== SCAN.refused, isUtf8)
    }),
    { numRuns: 5000 },
  )
})

test('it accepts every object that JSON.stringify writes', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
      fc.constantFrom(undefined, 2, '\t'),
      (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        assert.equal(scan(text), text.includes('\n') ? SCAN.manyLines : SCAN.oneLine)
      },
    ),
    { numRuns: 2000 },
  )
})

test('it agrees with JSON.parse on random text made of JSON pieces', () => {
  const piece = fc.constantFrom(
    ...'{}[],:"\\ \n\t-+.eE019'.split(''),
    '"a"',
    '"a":',
    '{"a":',
    'null',
    'true',
    'false',
    '\\u00e9',
    '1.5',
    '\u0001',
    'é',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      assert.equal(scan(text) !== SCAN.refused, isObject(text), text)
    }),
    { numRuns: 30000 },
  )
})

test('it agrees with JSON.parse on objects with one character changed', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
      fc.nat(),
      fc.string({ maxLength: 1 }),
      (value, where, put) => {
        const good = JSON.stringify(value)
        const text = good.slice(0, where % good.length) + put + good.slice((where % good.length) + 1)
        assert.equal(scan(text) !== SCAN.refused, isObject(text), text)
      },
    ),
    { numRuns: 10000 },
  )
})
