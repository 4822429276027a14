import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../../test/properties.ts'
import { LagStatistics } from './lag-statistics.ts'

test('quantiles are those of all lags, within one part in a hundred', () => {
  const lags = fc.array(fc.double({ min: 0.01, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(lags, (values) => {
      const statistics = new LagStatistics()
      for (const value of values) statistics.add(value)
      const sorted = values.toSorted((a, b) => a - b)
      for (const [i, part] of [0.5, 0.95, 0.99].entries()) {
        const right = sorted[Math.floor(part * (sorted.length - 1))]!
        const found = statistics.quantilesMs([0.5, 0.95, 0.99])[i]!
        assert.ok(Math.abs(found - right) <= right * 0.0101, `${found} in place of ${right}`)
      }
      assert.equal(statistics.leastMs, sorted[0])
      assert.equal(statistics.mostMs, sorted.at(-1))
    }),
  )
})

test('a lag of nothing, of less, and of ages is counted', () => {
  const statistics = new LagStatistics()
  for (const value of [-5, 0, 1e15]) statistics.add(value)
  assert.deepEqual(statistics.quantilesMs([0, 0.5])[0]! <= 0.001, true)
  assert.ok(statistics.quantilesMs([1])[0]! >= 9e11)
  assert.equal(statistics.mostMs, 1e15)
})
