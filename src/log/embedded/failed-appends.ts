import type { AppendAsk } from './protocol.ts'

/**
 * The appends of one client that failed and of which it may not have heard yet. Appends that it sent before it heard,
 * and that write on the same partitions or state, must fail too: otherwise the source offset of a later append would
 * stand for the records of the one that failed, and a restart would lose them.
 */
export class FailedAppends {
  #failures = 0
  #error: unknown = null
  /** What failed appends were to write, and the number of the failure. */
  readonly #writes = new Map<string, number>()

  add(ask: Pick<AppendAsk, 'batches' | 'state'>, error: unknown): void {
    this.#failures++
    this.#error = error
    for (const key of writesOf(ask)) this.#writes.set(key, this.#failures)
  }

  /** The error that an append must fail with, or null. */
  before(ask: Pick<AppendAsk, 'batches' | 'state'>, failuresHeard: number): unknown {
    if (this.#writes.size === 0) return null
    if (failuresHeard >= this.#failures) {
      this.#writes.clear()
      return null
    }
    return writesOf(ask).some((key) => (this.#writes.get(key) ?? 0) > failuresHeard) ? this.#error : null
  }
}

function writesOf({ batches, state }: Pick<AppendAsk, 'batches' | 'state'>): string[] {
  return [
    ...batches.map(({ topic, partition }) => `${topic}/${partition}`),
    ...state.map(({ space, key }) => JSON.stringify([space, key])),
  ]
}
