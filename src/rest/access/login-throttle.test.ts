import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoginThrottle } from './login-throttle.ts'

test('who guesses waits longer with each wrong try, and nobody else does', async () => {
  const slept: number[] = []
  const throttle = new LoginThrottle(async (ms) => slept.push(ms))
  for (let i = 0; i < 12; i++) assert.equal(await throttle.check('1.2.3.4', async () => false), false)
  assert.deepEqual(slept, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000])
  slept.length = 0
  assert.equal(await throttle.check('5.6.7.8', async () => true), true)
  assert.deepEqual(slept, [])
  assert.equal(await throttle.check('1.2.3.4', async () => true), true)
  assert.equal(await throttle.check('1.2.3.4', async () => false), false)
  assert.deepEqual(slept, [8000], 'a right login clears the account')
})

test('tries of one address are checked one after the other, and only some may wait', async () => {
  const throttle = new LoginThrottle(async () => {})
  const first = Promise.withResolvers<boolean>()
  let running = 0
  const tries = Array.from({ length: 9 }, () =>
    throttle.check('a', async () => {
      assert.equal(++running, 1)
      await first.promise
      running--
      return false
    }),
  )
  await assert.rejects(tries[8]!, { status: 429, headers: { 'retry-after': '5' } })
  first.resolve(true)
  assert.deepEqual(await Promise.all(tries.slice(0, 8)), Array(8).fill(false))
})
