/** What timers take: 24 days. A longer one would fire at once. */
const MOST_MS = 2n ** 31n - 1n

/** A time from an option, as long as timers allow. */
export function milliseconds(value: bigint): number {
  return Number(value > MOST_MS ? MOST_MS : value)
}
