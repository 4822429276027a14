import { setTimeout as delay } from 'node:timers/promises'
import { describeError } from '../src/api/errors.ts'

/**
 * Asks `probe` again and again until it answers something true, and answers that. A probe that throws has not
 * succeeded yet. Fails after the deadline (of minutes: CI's machines stall, and who succeeds does not wait for it) with
 * what was waited for and the last thing seen.
 *
 * @param show asked in the end: what tells why it was in vain
 * @param what completes "waited for …": `three documents`, `the task to be RUNNING`
 */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  { deadlineMs = 180_000, show }: { deadlineMs?: number; show?: () => Promise<unknown> } = {},
): Promise<T> {
  const end = performance.now() + deadlineMs
  let lastError: unknown
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, 250)) {
    try {
      const answer = await probe()
      if (answer !== undefined && answer !== false) return answer
      lastError = undefined
    } catch (error) {
      lastError = error
    }
    if (performance.now() > end) {
      const hint = lastError === undefined ? '' : `; last error: ${describeError(lastError)}`
      const shown = show === undefined ? '' : `; ${JSON.stringify(await show().catch(describeError))}`
      throw new Error(`Waited ${deadlineMs} ms in vain for ${what}${hint}${shown}`, { cause: lastError })
    }
    await delay(pauseMs)
  }
}
