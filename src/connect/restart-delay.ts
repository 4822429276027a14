const FIRST_MS = 500
const MOST_MS = 60_000

/**
 * How long a task that failed for now waits before it starts again: half a second, doubling up to a minute, a quarter
 * more or less of it so that the tasks of one lost server do not all come back at once.
 *
 * @param failures in a row before this one
 * @param random in [0, 1)
 */
export function restartDelayMs(failures: number, random: number): number {
  const base = Math.min(FIRST_MS * 2 ** Math.min(failures, 20), MOST_MS)
  return Math.round(base * (0.75 + random / 2))
}
