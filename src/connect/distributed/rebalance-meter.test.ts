import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RebalanceMeter } from './rebalance-meter.ts'

test('a round lasts from its first attempt to its end', () => {
  let nowMs = 1000
  const meter = new RebalanceMeter(() => nowMs)
  assert.equal(meter.read().sinceLastMs, null)
  meter.completed()
  assert.equal(meter.read().completed, 0)
  meter.began()
  nowMs += 300
  meter.began()
  nowMs += 100
  meter.completed()
  nowMs += 50
  meter.began()
  nowMs += 200
  meter.completed()
  nowMs += 7
  const { completed, sinceLastMs, times } = meter.read()
  assert.deepEqual([completed, sinceLastMs, times.max, times.average], [2, 7, 400, 300])
})
