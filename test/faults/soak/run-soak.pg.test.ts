import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runSoak } from './run-soak.ts'
import type { Sample } from './sample.ts'

/** A few seconds; `npm run soak` has the half hour, and judges what rises. */
const PLAN = {
  log: 'embedded',
  search: 'embedded',
  minutes: 0.05,
  rate: 500,
  rows: 500,
  sampleMs: 1000,
} as const

it('a table that changes all the time: each look sees every figure, and the index is right in the end', async (t) => {
  const seen: Sample[] = []
  const { samples, changes, differences } = await runSoak(PLAN, (sample) => seen.push(sample))
  t.diagnostic(JSON.stringify(samples.at(-1)))
  assert.deepEqual(differences, [])
  assert.equal(samples.length, 3)
  assert.deepEqual(seen, samples)
  assert.ok(changes > 0)
  for (const sample of samples) {
    for (const figure of [
      'residentMb',
      'descriptors',
      'threads',
      'dataMb',
      'keptRecords',
      'seenP50Ms',
    ] as const)
      assert.ok(sample[figure] > 0, JSON.stringify(sample))
    // On a machine that stalls there may be looks between which nothing was written, and so nothing took any time.
    for (const figure of ['toLogP50Ms', 'toIndexP50Ms'] as const)
      assert.ok(Number.isNaN(sample[figure]) || sample[figure] >= 0, JSON.stringify(sample))
  }
})
