import assert from 'node:assert/strict'

/**
 * By how much what is promised of an idle machine may be exceeded on one that runs other tests, too, and stalls.
 * TAILRACE_TEST_PATIENCE=1 holds the promise to the letter.
 */
const PATIENCE = Number(process.env['TAILRACE_TEST_PATIENCE'] ?? 30)

/** @param what completes "… took": `The document` */
export function assertPromise(what: string, tookMs: number, promisedMs: number): void {
  const message = `${what} took ${Math.round(tookMs)} ms; ${promisedMs} ms are promised of an idle machine.`
  assert.ok(tookMs < promisedMs * PATIENCE, message)
}
