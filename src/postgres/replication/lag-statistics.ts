/** Quantiles are right within so much of themselves, as the reference's are. */
const ACCURACY = 0.01
const GROWTH = Math.log((1 + ACCURACY) / (1 - ACCURACY))
/** Below it a lag counts as this: a microsecond. */
const LEAST_MS = 0.001
/** Up to thirty years. */
const BUCKETS = Math.ceil(Math.log(1e12 / LEAST_MS) / GROWTH)

/** The lags of a run, in milliseconds: their least, most, average and quantiles. Memory is bounded: they are counted by size. */
export class LagStatistics {
  #leastMs = Infinity
  #mostMs = -Infinity
  #sumMs = 0
  #count = 0
  readonly #buckets = new Float64Array(BUCKETS)
  #lowest = BUCKETS
  #highest = -1

  get leastMs(): number {
    return this.#leastMs
  }

  get mostMs(): number {
    return this.#mostMs
  }

  get averageMs(): number {
    return this.#sumMs / this.#count
  }

  add(lagMs: number): void {
    this.#leastMs = Math.min(this.#leastMs, lagMs)
    this.#mostMs = Math.max(this.#mostMs, lagMs)
    this.#sumMs += lagMs
    this.#count++
    const bucket = bucketOf(lagMs)
    this.#buckets[bucket]!++
    this.#lowest = Math.min(this.#lowest, bucket)
    this.#highest = Math.max(this.#highest, bucket)
  }

  /**
   * The lags below which these parts of all lie.
   * @param parts in ascending order, from 0 to 1
   */
  quantilesMs(parts: readonly number[]): number[] {
    const found: number[] = []
    let below = 0
    let bucket = this.#lowest - 1
    for (const part of parts) {
      const rank = part * (this.#count - 1)
      while (below <= rank && bucket < this.#highest) below += this.#buckets[++bucket]!
      // Not beyond what there was: a bucket's middle may be.
      found.push(Math.min(this.#mostMs, Math.max(this.#leastMs, middleMs(bucket))))
    }
    return found
  }
}

/** A server whose clock is ahead makes a lag negative. */
function bucketOf(lagMs: number): number {
  if (lagMs <= LEAST_MS) return 0
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(lagMs / LEAST_MS) / GROWTH))
}

/** As far from the bucket's lower end as from its upper one, in parts of itself. */
function middleMs(bucket: number): number {
  return LEAST_MS * Math.exp(bucket * GROWTH) * (1 - ACCURACY)
}
