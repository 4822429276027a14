/** No wait is longer: a server that comes back is noticed within this time. */
const MAX_WAIT_MS = 5_000

/**
 * How long to wait after the given number of failed attempts: exponential with full jitter, so that many tasks do not
 * come back at the same moment. @param random 0 to 1
 */
export function backoffMs(failures: number, baseMs: number, random: number): number {
  return random * Math.min(MAX_WAIT_MS, baseMs * 2 ** Math.min(failures - 1, 30))
}
