import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LastingReason } from './lasting-reason.ts'

test('a reason is told once it lasts, as it then is, and taken back at once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const told: (string | null)[] = []
  const reason = new LastingReason(() => told.push(reason.told))
  reason.set('429')
  t.mock.timers.tick(600)
  reason.set('503')
  t.mock.timers.tick(399)
  assert.deepEqual(told, [])
  t.mock.timers.tick(1)
  assert.deepEqual(told, ['503'])
  reason.set(null)
  assert.deepEqual(told, ['503', null])
})

test('nobody is told what comes and goes many times a second', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const told: (string | null)[] = []
  const reason = new LastingReason(() => told.push(reason.told))
  for (let i = 0; i < 50; i++) {
    reason.set('429')
    t.mock.timers.tick(100)
    reason.set(null)
  }
  t.mock.timers.tick(5000)
  assert.deepEqual(told, [])
})
