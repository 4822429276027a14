import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffMs } from './backoff.ts'

test('waits double with each failure, up to five seconds, at random below that', () => {
  assert.deepEqual(
    [1, 2, 3, 6, 7, 100].map((failures) => backoffMs(failures, 100, 1)),
    [100, 200, 400, 3200, 5000, 5000],
  )
  assert.equal(backoffMs(3, 100, 0.5), 200)
  assert.equal(backoffMs(3, 100, 0), 0)
  assert.equal(backoffMs(5, 0, 1), 0)
})
