import { doneUpTo, type StreamOffset } from './source-offset.ts'
import type { SnapshotVisibility } from './snapshot-visibility.ts'

/**
 * Which part of the stream was delivered before. Transactions arrive whole and in the order of their commits, but the
 * LSNs of their changes interleave: so an LSN alone says nothing across transactions. Those that committed up to
 * `lsn_commit` are done; of the one that was under way, the changes up to `lsn_proc` are.
 */
export class ResumePoint {
  /** Transactions that committed before it are done. */
  readonly doneUpTo: bigint
  /** The transaction of which a part was delivered, until it went by. */
  #partial: { readonly xid: number; readonly lsn: bigint; changesAtLsn: bigint | null } | null
  #visibility: SnapshotVisibility | null
  #isWithinPartial = false

  /**
   * @param offset where the stream was left; null: it was never read
   * @param visibility what a snapshot has that is younger than the slot
   */
  constructor(offset: StreamOffset | null, visibility: SnapshotVisibility | null) {
    this.doneUpTo = offset === null ? 0n : doneUpTo(offset)
    this.#visibility = visibility
    this.#partial =
      offset === null || offset.txId === null || offset.messageType === 'COMMIT'
        ? null
        : { xid: Number(BigInt.asUintN(32, offset.txId)), lsn: offset.lsn, changesAtLsn: offset.changesAtLsn }
  }

  /** What still has to be stored with the offsets; null once the stream is past it. */
  get visibility(): SnapshotVisibility | null {
    return this.#visibility
  }

  /** The transaction of which a part was delivered is still to come. */
  get isPartPending(): boolean {
    return this.#partial !== null
  }

  /** A part of the transaction at hand was delivered. */
  get isTransactionPartial(): boolean {
    return this.#isWithinPartial
  }

  /** Whether the transaction that begins has anything new. */
  isTransactionNew(finalLsn: bigint, xid: number): boolean {
    this.#isWithinPartial = false
    if (finalLsn < this.doneUpTo) return false
    if (this.#visibility !== null) {
      if (finalLsn >= this.#visibility.endLsn) this.#visibility = null
      else if (this.#visibility.sees(xid)) return false
    }
    this.#isWithinPartial = this.#partial !== null && this.#partial.xid === xid
    if (!this.#isWithinPartial) this.#partial = null
    return true
  }

  /**
   * Whether a message outside of transactions is new. All of them before the transaction that was under way were delivered
   * before its changes.
   */
  isMessageNew(lsn: bigint): boolean {
    return lsn > this.doneUpTo && this.#partial === null
  }

  /** Whether a change of the transaction at hand is new. To be asked once for each change, in order. */
  isChangeNew(lsn: bigint): boolean {
    if (!this.#isWithinPartial) return true
    const partial = this.#partial!
    if (lsn < partial.lsn) return false
    if (lsn > partial.lsn) return true
    if (partial.changesAtLsn === null) return false
    return partial.changesAtLsn-- <= 0n
  }

  /** The transaction at hand is complete. */
  commit(): void {
    if (this.#isWithinPartial) this.#partial = null
    this.#isWithinPartial = false
  }

  /** The server has sent all that committed before `lsn`. */
  passed(lsn: bigint): void {
    if (this.#visibility !== null && lsn >= this.#visibility.endLsn) this.#visibility = null
  }
}
