import assert from 'node:assert/strict'

/** In every password that the servers of tests have, and in nothing else: where it is found, a password has got out. */
export const CANARY = 'canary7d41e9'

const SHOWN_AROUND = 200

/** The password of a user of a test's server. */
export function canaryPassword(user: string): string {
  return `${CANARY}-${user}`
}

/** Throws where a password is in `text`, with what is around it. @param where completes "a password is in …" */
export function assertNoCanary(text: string, where: string): void {
  const at = text.indexOf(CANARY)
  if (at < 0) return
  const around = text.slice(Math.max(0, at - SHOWN_AROUND), at + SHOWN_AROUND)
  assert.fail(`A password is in ${where}: ${around}`)
}

/** Looks for passwords in what comes in pieces, and need not be kept. */
export class CanaryWatch {
  #tail = ''
  #found: string | null = null

  see(piece: string): void {
    const text = this.#tail + piece
    // The piece may begin within the word, and what stands before it tells where it comes from.
    this.#tail = text.slice(-SHOWN_AROUND)
    if (this.#found === null && text.includes(CANARY)) this.#found = text
  }

  assertNone(where: string): void {
    if (this.#found !== null) assertNoCanary(this.#found, where)
  }
}
