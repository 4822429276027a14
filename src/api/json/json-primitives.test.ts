import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { ByteWriter } from '../byte-writer.ts'
import { Decimal } from '../decimal.ts'
import { writeBase64 } from './json-base64.ts'
import {
  decimalText,
  unscaledBytes,
  unscaledFromBytes,
  withScale,
  writeSmallUnscaled,
  writeUnscaled,
} from './json-decimal.ts'
import { doubleText, floatText, writeInteger } from './json-number.ts'
import { writeJsonText } from './json-string.ts'

function written(write: (out: ByteWriter) => void): string {
  const out = new ByteWriter(1)
  write(out)
  return out.bytes.toString('utf8', 0, out.position)
}

test('strings are escaped as Jackson escapes them', () => {
  const cases: [text: string, json: string][] = [
    ['', '""'],
    ['\u0000\u0001\b\t\n\u000b\f\r\u001f', String.raw`"\u0000\u0001\b\t\n\u000B\f\r\u001F"`],
    ['"\\/<', String.raw`"\"\\/<"`],
    ['\u007f\u0085é\u2028日本', '"\u007f\u0085é\u2028日本"'],
    ['😀', String.raw`"\uD83D\uDE00"`],
    [`${'x'.repeat(300)}\n😀y`, `"${'x'.repeat(300)}${String.raw`\n\uD83D\uDE00y`}"`],
  ]
  for (const [text, json] of cases)
    assert.equal(
      written((out) => writeJsonText(text, out)),
      json,
    )
})

test('any string is read back by a JSON parser', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 300 })
  fc.assert(
    fc.property(text, (value) => {
      assert.equal(JSON.parse(written((out) => writeJsonText(value, out))), value)
    }),
  )
})

test('integers are written as JavaScript prints them', () => {
  const edges = [
    0,
    -0,
    9,
    10,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    999_999_999,
    1e9,
    1e15,
    Number.MAX_SAFE_INTEGER,
  ]
  for (const value of [...edges, ...edges.map((edge) => -edge)]) {
    assert.equal(
      written((out) => writeInteger(value, out)),
      String(value),
    )
  }
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      assert.equal(
        written((out) => writeInteger(value, out)),
        String(value),
      )
    }),
  )
})

test('doubles are laid out as Java lays them out', () => {
  const cases: [value: number, text: string][] = [
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [100, '100.0'],
    [0.1, '0.1'],
    [0.001, '0.001'],
    [9.999e-4, '9.999E-4'],
    [9_999_999, '9999999.0'],
    [1e7, '1.0E7'],
    [12_345_678.9, '1.23456789E7'],
    [9_007_199_254_740_992, '9.007199254740992E15'],
    [1e21, '1.0E21'],
    [-1.5e-10, '-1.5E-10'],
    [5e-324, '4.9E-324'],
    [2e-323, '2.0E-323'],
    [1.797_693_134_862_315_7e308, '1.7976931348623157E308'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
  ]
  for (const [value, text] of cases) assert.equal(doubleText(value), text)
})

test('single precision numbers have the digits that single precision needs', () => {
  const cases: [value: number, text: string][] = [
    [0.1, '0.1'],
    [16_777_216, '1.6777216E7'],
    [3.402_823_5e38, '3.4028235E38'],
    [1e-45, '1.4E-45'],
    [1e10, '1.0E10'],
    [123_456.7, '123456.7'],
    [1.175_494_35e-38, '1.1754944E-38'],
  ]
  for (const [value, text] of cases) assert.equal(floatText(Math.fround(value)), text)
})

test('base64 is that of the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const text = written((out) => writeBase64(bytes, 0, bytes.length, out))
      assert.equal(text, Buffer.from(bytes).toString('base64'))
    }),
  )
})

test('unscaled integers are two’s complement, as few bytes as possible', () => {
  const cases: [value: bigint, base64: string][] = [
    [0n, 'AA=='],
    [1n, 'AQ=='],
    [-1n, '/w=='],
    [127n, 'fw=='],
    [128n, 'AIA='],
    [-128n, 'gA=='],
    [-129n, '/38='],
    [1234n, 'BNI='],
    [-1234n, '+y4='],
    [9_999_999_999n, 'AlQL4/8='],
    [9_223_372_036_854_775_807n, 'f/////////8='],
  ]
  for (const [value, base64] of cases) {
    assert.equal(
      written((out) => writeUnscaled(value, out)),
      `"${base64}"`,
    )
    assert.equal(unscaledFromBytes(unscaledBytes(value)), value)
  }
})

test('small unscaled integers are written as large ones are', () => {
  const small = fc.integer({ min: -(2 ** 47) + 1, max: 2 ** 47 - 1 })
  fc.assert(
    fc.property(small, (value) => {
      assert.equal(
        written((out) => writeSmallUnscaled(value, out)),
        written((out) => writeUnscaled(BigInt(value), out)),
      )
    }),
  )
})

test('decimals are printed as BigDecimal prints them', () => {
  const cases: [unscaled: bigint, scale: number, text: string][] = [
    [1230n, 2, '12.30'],
    [0n, 2, '0.00'],
    [0n, 10, '0E-10'],
    [1n, 10, '1E-10'],
    [150n, 10, '1.50E-8'],
    [10n, 7, '0.0000010'],
    [1n, -2, '1E+2'],
    [-12n, -1, '-1.2E+2'],
    [123_456_789_012_345_678_901_234_567_890n, 0, '123456789012345678901234567890'],
  ]
  for (const [unscaled, scale, text] of cases) assert.equal(decimalText(new Decimal(unscaled, scale)), text)
})

test('a decimal’s scale changes only where no digit is lost', () => {
  assert.deepEqual(withScale(Decimal.parse('1.5'), 3), new Decimal(1500n, 3))
  assert.deepEqual(withScale(Decimal.parse('1200'), -2), new Decimal(12n, -2))
  assert.equal(withScale(Decimal.parse('1.25'), 1), null)
})
