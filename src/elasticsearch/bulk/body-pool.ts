import { BulkBody } from './bulk-body.ts'

// What is kept for the next requests while nothing is under way.
const MAX_IDLE_BODIES = 2
const MAX_IDLE_BODY_BYTES = 1024 * 1024

/** Bodies to use again, as many as are under way at most. */
export class BodyPool {
  readonly #maxBodies: number
  #spare: BulkBody[] = []

  constructor(maxBodies: number) {
    this.#maxBodies = maxBodies
  }

  take(): BulkBody {
    return this.#spare.pop() ?? new BulkBody()
  }

  /** Nothing may refer to the body any more. */
  give(body: BulkBody): void {
    body.reset()
    if (this.#spare.length < this.#maxBodies) this.#spare.push(body)
  }

  /** Nothing is under way: gives memory back. */
  shrink(): void {
    if (this.#spare.length === 0) return
    const small = this.#spare.filter(({ out }) => out.bytes.length <= MAX_IDLE_BODY_BYTES)
    this.#spare = small.slice(0, MAX_IDLE_BODIES)
  }
}
