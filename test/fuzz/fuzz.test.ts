import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { FUZZ_TARGETS, type FuzzTargetName } from './fuzz-target.ts'
import { Mutator, SeededRandom } from './mutator.ts'
import { runFuzz } from './run-fuzz.ts'

/** A look at each, so that nothing breaks unseen; `npm run fuzz` looks longer. */
const RUNS = 10_000
const FEWER: Partial<Record<FuzzTargetName, number>> = { rest: 1000, segments: 5000, 'kafka-batches': 3000 }

describe('parsers under nearly well-formed input', () => {
  for (const name of Object.keys(FUZZ_TARGETS) as FuzzTargetName[]) {
    it(`${name} reads it, or refuses it in its own words`, async () => {
      await runFuzz(name, { runs: FEWER[name] ?? RUNS, seed: 7 })
    })
  }
})

test('faults of a parser are found: the input that throws, the one that never ends, memory that is kept', async () => {
  const module = new URL('./testing/faulty-target.ts', import.meta.url).href
  const outcome = (seed: number): Promise<string> =>
    runFuzz('json', { runs: 5000, seed, module, hangMs: 300 }).then(
      () => 'nothing',
      (error: Error) => error.message,
    )
  const found = await Promise.all([1, 2, 3, 4, 5, 6].map(outcome))
  assert.ok(
    found.some((message) => /a fault[^]*corpus\/json\.txt[^]*"\u00ff/.test(message)),
    found.join('\n'),
  )
  assert.ok(
    found.some((message) => /no answer within 300 ms[^]*"\u007f/.test(message)),
    found.join('\n'),
  )
})

test('the same seed makes the same inputs', () => {
  const inputs = (seed: number): string[] => {
    const parts = { seeds: [Buffer.from('abcdef')], words: [Buffer.from('xyz')], mostBytes: 16 }
    const mutator = new Mutator(new SeededRandom(seed), parts)
    return Array.from({ length: 100 }, () => mutator.next().toString('latin1'))
  }
  assert.deepEqual(inputs(5), inputs(5))
  assert.notDeepEqual(inputs(5), inputs(6))
  assert.ok(inputs(5).every((input) => input.length <= 16))
})
