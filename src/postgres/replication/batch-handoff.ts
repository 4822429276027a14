import type { SourceBatch } from '../../api/source-task.ts'

/**
 * Between a reader that a socket pushes and a runtime that pulls: a `poll` that waits is answered in the moment in which
 * there is something, without a timer.
 */
export class BatchHandoff {
  readonly #take: () => SourceBatch | null
  #waiting: PromiseWithResolvers<SourceBatch | null> | null = null
  #failure: { readonly error: Error } | null = null
  #isOver = false
  #isEnding = false

  /** @param take what can be handed over now, or null */
  constructor(take: () => SourceBatch | null) {
    this.#take = take
  }

  /** Null: there will be nothing more. Rejects with what `fail` was told, once all is handed over. */
  poll(): Promise<SourceBatch | null> {
    const batch = this.#isOver ? null : this.#take()
    if (batch !== null) return Promise.resolve(batch)
    if (this.#failure !== null) return Promise.reject(this.#failure.error)
    if (this.#isOver || this.#isEnding) return Promise.resolve(null)
    this.#waiting = Promise.withResolvers()
    return this.#waiting.promise
  }

  /** Hands over what there is, if somebody waits for it. False: nobody does, or there is nothing. */
  offer(): boolean {
    if (this.#waiting === null) return false
    const batch = this.#take()
    if (batch === null) return false
    this.#waiting.resolve(batch)
    this.#waiting = null
    return true
  }

  fail(error: Error): void {
    this.#failure ??= { error }
    if (this.offer()) return
    this.#waiting?.reject(this.#failure.error)
    this.#waiting = null
  }

  /** There will be nothing more than what is there. */
  end(): void {
    this.#isEnding = true
    if (this.offer()) return
    this.#waiting?.resolve(null)
    this.#waiting = null
  }

  /** There will be nothing more, not even what is there. */
  close(): void {
    this.#isOver = true
    this.#waiting?.resolve(null)
    this.#waiting = null
  }
}
