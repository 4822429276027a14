import assert from 'node:assert/strict'
import { it } from 'node:test'
import { restartDelayMs, restartIssues, restartPolicy } from './restart-policy.ts'
import { parseWorkerConfig } from '../config/worker-config.ts'

const byDefault = restartPolicy(parseWorkerConfig({}), {})

it('doubles from half a second up to a minute', () => {
  assert.deepEqual(
    [0, 1, 2, 6, 7, 8, 1000].map((failures) => restartDelayMs(failures, 0.5, byDefault)),
    [500, 1000, 2000, 32_000, 60_000, 60_000, 60_000],
  )
})

it('spreads by a quarter to either side', () => {
  assert.equal(restartDelayMs(0, 0, byDefault), 375)
  assert.equal(restartDelayMs(0, 0.999_999, byDefault), 625)
})

it('waits no longer than a timer can', () => {
  const longest = restartPolicy(parseWorkerConfig({}), {
    'tasks.auto.restart.delay.ms': '9223372036854775807',
    'tasks.auto.restart.delay.max.ms': '9223372036854775807',
  })
  assert.equal(restartDelayMs(0, 0.5, longest), 2 ** 31 - 1)
})

it("takes a connector's own limits before the worker's", () => {
  const worker = parseWorkerConfig({ 'tasks.auto.restart.max': '7', 'tasks.auto.restart.delay.ms': '10' })
  assert.deepEqual(byDefault, { most: Infinity, firstDelayMs: 500, mostDelayMs: 60_000, resetMs: 60_000 })
  assert.deepEqual(
    restartPolicy(worker, { 'tasks.auto.restart.max': '0', 'tasks.auto.restart.delay.max.ms': '99' }),
    { most: 0, firstDelayMs: 10, mostDelayMs: 99, resetMs: 60_000 },
  )
  assert.deepEqual(restartIssues({ 'tasks.max': 'x' }), [])
  assert.deepEqual(restartIssues({ 'tasks.auto.restart.max': '-2' }), [
    {
      option: 'tasks.auto.restart.max',
      message: 'Invalid value -2 for configuration tasks.auto.restart.max: Value must be at least -1',
    },
  ])
})
