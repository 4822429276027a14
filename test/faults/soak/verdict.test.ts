import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Dice } from '../ledger.ts'
import type { Figure, Sample } from './sample.ts'
import { risesOf } from './verdict.ts'

const FLAT: Sample = {
  atS: 0,
  load: 5,
  changesPerS: 5000,
  residentMb: 180,
  descriptors: 40,
  threads: 20,
  cpuPercent: 60,
  dataMb: 900,
  keptRecords: 1_500_000,
  retainedWalMb: 40,
  toLogP50Ms: 4,
  toLogP99Ms: 60,
  toIndexP50Ms: 12,
  toIndexP99Ms: 120,
  seenP50Ms: 30,
  seenP99Ms: 200,
}
const COUNT = 180

/** Samples as of half an hour, each figure within a tenth of its value. */
function noisy(change: (sample: Sample, i: number) => Partial<Sample>): Sample[] {
  const dice = new Dice(1)
  return Array.from({ length: COUNT }, (_, i) => {
    const entries = Object.entries(FLAT).map(([figure, value]) => {
      const isCounted = figure === 'descriptors' || figure === 'threads'
      return [figure, isCounted ? value + dice.below(3) - 1 : value * (0.9 + dice.below(200) / 1000)]
    })
    const sample = Object.fromEntries(entries) as unknown as Sample
    return { ...sample, ...change(sample, i) }
  })
}

const figuresOf = (samples: readonly Sample[]): Figure[] => risesOf(samples).map(({ figure }) => figure)

describe('the verdict of a soak', () => {
  it('lets pass what is noisy and flat', () => {
    assert.deepEqual(figuresOf(noisy(() => ({}))), [])
  })

  it('lets pass what rises while it warms up, and what falls', () => {
    const warm = noisy(({ residentMb, threads }, i) => ({
      residentMb: i < COUNT / 3 ? residentMb / 2 : residentMb,
      threads: i > 100 ? threads - 5 : threads,
    }))
    assert.deepEqual(figuresOf(warm), [])
  })

  it('lets pass single samples out of the ordinary', () => {
    const stalls = noisy(({ seenP50Ms, residentMb }, i) =>
      i % 10 === 0 ? { seenP50Ms: seenP50Ms * 100, residentMb: residentMb + 60 } : {},
    )
    assert.deepEqual(figuresOf(stalls), [])
  })

  // What a leak adds in half an hour.
  const leaks: readonly (readonly [Figure, number])[] = [
    ['residentMb', 80],
    ['descriptors', 12],
    ['threads', 12],
    ['dataMb', 900],
    ['keptRecords', 2_000_000],
    ['retainedWalMb', 300],
    ['toLogP50Ms', 40],
    ['toLogP99Ms', 300],
    ['toIndexP50Ms', 60],
    ['toIndexP99Ms', 600],
    ['seenP50Ms', 100],
    ['seenP99Ms', 900],
  ]
  for (const [figure, growth] of leaks) {
    it(`finds ${figure} that rises steadily`, () => {
      const leaking = noisy((sample, i) => ({ [figure]: sample[figure] + (growth * i) / COUNT }))
      assert.deepEqual(figuresOf(leaking), [figure])
    })
  }

  it('finds a figure that there is no value of', () => {
    assert.deepEqual(figuresOf(noisy(() => ({ toLogP50Ms: NaN }))), ['toLogP50Ms'])
  })

  it('says how high it was and how high it is', () => {
    const [rise] = risesOf(noisy((_, i) => ({ descriptors: i < 120 ? 40 : 43 })))
    assert.deepEqual(rise, { figure: 'descriptors', middle: 40, end: 43, allowed: 2 })
  })
})
