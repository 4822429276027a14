import { percentile, thirds, type Figure, type Sample } from './sample.ts'

interface Limit {
  readonly figure: Figure
  /** By so much, or by this share of what it was, may a figure be higher at the end than in the middle. */
  readonly rise: number
  readonly share: number
  /** Whether what it varied by in the middle counts, too: it depends on who else is on the machine. */
  readonly isNoisy: boolean
}

const LIMITS: readonly Limit[] = [
  { figure: 'residentMb', rise: 20, share: 0.1, isNoisy: false },
  { figure: 'descriptors', rise: 2, share: 0, isNoisy: false },
  { figure: 'threads', rise: 2, share: 0, isNoisy: false },
  { figure: 'dataMb', rise: 20, share: 0.2, isNoisy: false },
  { figure: 'keptRecords', rise: 0, share: 0.2, isNoisy: false },
  { figure: 'retainedWalMb', rise: 64, share: 0.5, isNoisy: true },
  { figure: 'toLogP50Ms', rise: 5, share: 0.25, isNoisy: true },
  { figure: 'toLogP99Ms', rise: 50, share: 0.25, isNoisy: true },
  { figure: 'toIndexP50Ms', rise: 5, share: 0.25, isNoisy: true },
  { figure: 'toIndexP99Ms', rise: 50, share: 0.25, isNoisy: true },
  { figure: 'seenP50Ms', rise: 5, share: 0.25, isNoisy: true },
  { figure: 'seenP99Ms', rise: 50, share: 0.25, isNoisy: true },
]

/** How many times the median deviation from the median is still noise. */
const NOISE = 3

/** A figure that was not flat. */
export interface Rise {
  readonly figure: Figure
  readonly middle: number
  readonly end: number
  readonly allowed: number
}

/** Compares the medians of the second third with those of the last: what rises there rises for ever. */
export function risesOf(samples: readonly Sample[]): Rise[] {
  const [, before, after] = thirds(samples)
  return LIMITS.flatMap(({ figure, rise, share, isNoisy }) => {
    const values = before.map((sample) => sample[figure])
    const middle = percentile(values, 0.5)
    const end = percentile(
      after.map((sample) => sample[figure]),
      0.5,
    )
    const deviations = values.map((value) => Math.abs(value - middle))
    const noise = isNoisy ? NOISE * percentile(deviations, 0.5) : 0
    const allowed = Math.max(rise, share * middle, noise)
    // Not `>`: a figure that is missing is not flat.
    return end - middle <= allowed ? [] : [{ figure, middle, end, allowed }]
  })
}
