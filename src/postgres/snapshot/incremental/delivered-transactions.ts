import type { SnapshotVisibility } from '../../replication/snapshot-visibility.ts'

/** How many are remembered: more than can be between their commit record and being visible at any time. */
const REMEMBERED = 4096

/**
 * The transactions that the stream has brought last. A transaction is streamed from the moment in which its commit is in
 * the WAL; to others it becomes visible only after that, with synchronous replication much later. Rows that are read in
 * between are older than what was delivered, and emitting them would take the newer state back.
 */
export class DeliveredTransactions {
  readonly #xids = new Uint32Array(REMEMBERED)
  /** How many there were at all. */
  count = 0

  add(xid: number): void {
    this.#xids[this.count++ % REMEMBERED] = xid
  }

  /** Whether one of the first `count` is not visible to a snapshot. */
  isAheadOf(visibility: SnapshotVisibility, count: number): boolean {
    const oldest = Math.max(0, this.count - REMEMBERED)
    for (let i = count - 1; i >= oldest; i--) {
      if (!visibility.sees(this.#xids[i % REMEMBERED]!)) return true
    }
    return false
  }
}
