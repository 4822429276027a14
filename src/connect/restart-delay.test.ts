import assert from 'node:assert/strict'
import { it } from 'node:test'
import { restartDelayMs } from './restart-delay.ts'

it('doubles from half a second up to a minute', () => {
  assert.deepEqual(
    [0, 1, 2, 6, 7, 8, 1000].map((failures) => restartDelayMs(failures, 0.5)),
    [500, 1000, 2000, 32_000, 60_000, 60_000, 60_000],
  )
})

it('spreads by a quarter to either side', () => {
  assert.equal(restartDelayMs(0, 0), 375)
  assert.equal(restartDelayMs(0, 0.999_999), 625)
})
