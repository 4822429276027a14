/** As Kafka's clients have them: `metrics.sample.window.ms` and `metrics.num.samples`. */
const SAMPLE_MS = 30_000
const SAMPLES = 2
/** Of a sample: when it began, how many values it has, their sum, the greatest. */
const FIELDS = 4

/** What was recorded within the last minute; between half of it and the whole. */
export interface RecentReading {
  readonly count: number
  readonly sum: number
  /** NaN without values, as `average` is. */
  readonly max: number
  readonly average: number
  /** The sum by seconds. 0 without values. */
  readonly perSecond: number
}

/**
 * Values of the last minute in numbers of a fixed length, which may lie in memory that threads share: one writes, and a
 * reader that comes while a sample is exchanged may miss it. Recording is a handful of stores.
 */
export class RecentValues {
  static readonly length = SAMPLES * FIELDS
  readonly #numbers: Float64Array

  /** @param numbers `RecentValues.length` of them, all 0 at first */
  constructor(numbers: Float64Array = new Float64Array(RecentValues.length)) {
    this.#numbers = numbers
  }

  /** @param nowMs of a clock that never goes back, the reader's too; not 0 */
  record(value: number, nowMs: number): void {
    const numbers = this.#numbers
    let at = numbers[0]! >= numbers[FIELDS]! ? 0 : FIELDS
    if (numbers[at] === 0 || nowMs - numbers[at]! >= SAMPLE_MS) {
      if (numbers[at] !== 0) at = FIELDS - at
      numbers[at + 1] = 0
      numbers[at + 2] = 0
      numbers[at + 3] = -Infinity
      numbers[at] = nowMs
    }
    numbers[at + 1]! += 1
    numbers[at + 2]! += value
    if (value > numbers[at + 3]!) numbers[at + 3] = value
  }

  read(nowMs: number): RecentReading {
    let count = 0
    let sum = 0
    let max = -Infinity
    let since = nowMs
    for (let at = 0; at < RecentValues.length; at += FIELDS) {
      const [start, values, total, greatest] = this.#numbers.subarray(at, at + FIELDS)
      if (start === 0 || values === 0 || nowMs - start! >= SAMPLES * SAMPLE_MS) continue
      count += values!
      sum += total!
      max = Math.max(max, greatest!)
      since = Math.min(since, start!)
    }
    if (count === 0) return { count, sum, max: NaN, average: NaN, perSecond: 0 }
    return { count, sum, max, average: sum / count, perSecond: sum / (spanMs(nowMs - since) / 1000) }
  }
}

/** A burst that has only begun is no rate yet: the first sample counts as if a whole one were before it. */
function spanMs(elapsedMs: number): number {
  return elapsedMs < SAMPLE_MS ? elapsedMs + SAMPLE_MS : elapsedMs
}

/** The same in all threads of the process, and never set back. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
