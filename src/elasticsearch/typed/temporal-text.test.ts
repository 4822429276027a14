import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { dateText, timestampText, timeText } from './temporal-text.ts'

test('days, moments and times of day are ISO 8601', () => {
  assert.equal(dateText(0), '1970-01-01')
  assert.equal(dateText(-719_528), '0000-01-01')
  assert.equal(dateText(19_782), '2024-02-29')
  assert.equal(timestampText(1_736_784_417_004_500n, 6), '2025-01-13T16:06:57.0045')
  assert.equal(timestampText(-1n, 9), '1969-12-31T23:59:59.999999999')
  assert.equal(timestampText(0n, 3), '1970-01-01T00:00:00')
  assert.equal(timeText(45_296_789_000n, 6), '12:34:56.789')
  assert.equal(timeText(86_400_000n, 3), '24:00:00')
})

test('any moment reads back as itself', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -62_167_219_200_000n, max: 253_402_300_799_999n }), (ms) => {
      for (const [units, digits] of [
        [ms, 3],
        [ms * 1000n, 6],
        [ms * 1_000_000n, 9],
      ] as const) {
        assert.equal(BigInt(Date.parse(`${timestampText(units, digits)}Z`)), ms)
      }
    }),
  )
})
