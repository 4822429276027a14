import assert from 'node:assert/strict'
import { it } from 'node:test'
import { IdleCollector } from './idle-collector.ts'

function collectionsAfter(shares: readonly number[]): number[] {
  const collectedAt: number[] = []
  let at = 0
  const collector = new IdleCollector(
    () => shares[at]!,
    () => collectedAt.push(at),
  )
  for (; at < shares.length; at++) collector.look()
  return collectedAt
}

it('collects once when a busy thread falls idle, and again only after more work', () => {
  assert.deepEqual(collectionsAfter([0, 0.9, 0.9, 0.001, 0, 0, 0.5, 0]), [3, 7])
})

it('leaves a thread alone that works now and then, and one that never worked', () => {
  assert.deepEqual(collectionsAfter([0, 0, 0.1, 0, 0.1, 0]), [])
  assert.deepEqual(collectionsAfter([0.9, 0.1, 0.1, 0.9]), [])
})
