import type { ChangePosition } from '../envelope/change-position.ts'
import type { TransactionOrder } from '../envelope/transaction-order.ts'
import type { BeginMessage, CommitMessage } from '../wire/pgoutput/transaction-messages.ts'
import type { ResumePoint } from './resume-point.ts'
import { doneUpTo, type SourceOffset, type StreamOffset } from './source-offset.ts'

/** How far the stream was read, as the offsets and the source block of the records tell it. */
export class StreamPosition {
  readonly #change: ChangePosition
  readonly #resume: ResumePoint
  readonly #order: TransactionOrder | null
  #lsn: bigint
  #commitLsn: bigint | null
  /** The server has sent, and we have read, all that committed before it; at least what the slot may be told. */
  #doneUpTo: bigint
  #messageType: string
  #txId: bigint | number | null
  #timeUs: bigint | null
  /** Of the last offset that was handed over. */
  #deliveredLsn: bigint
  isInTransaction = false

  /** @param from where the server begins to stream: it sends nothing that committed before */
  constructor(
    start: SourceOffset,
    from: bigint,
    {
      change,
      resume,
      order,
    }: {
      readonly change: ChangePosition
      readonly resume: ResumePoint
      readonly order: TransactionOrder | null
    },
  ) {
    this.#change = change
    this.#order = order
    this.#resume = resume
    this.#doneUpTo = from
    // A snapshot beside an older slot: what it has not seen may have committed before its LSN, and is still to come.
    this.#lsn = start.kind === 'snapshot' && start.snapshotHolds !== null ? from : start.lsn
    this.#txId = start.txId
    this.#timeUs = start.timeUs
    this.#commitLsn = start.kind === 'stream' ? lastCommit(start) : null
    this.#messageType = start.kind === 'stream' ? start.messageType : 'COMMIT'
    this.#deliveredLsn = this.#lsn
    change.snapshot = 'false'
    change.lastCommitLsn = this.#commitLsn
  }

  /** The LSN of the last change, commit or idle position. */
  get lsn(): bigint {
    return this.#lsn
  }

  /** What may be acknowledged once all that was read is durable. */
  get doneUpTo(): bigint {
    return this.#messageType === 'COMMIT' && this.#lsn > this.#doneUpTo ? this.#lsn : this.#doneUpTo
  }

  /** There is more to acknowledge than any offset says. */
  get isAheadOfDelivered(): boolean {
    return !this.isInTransaction && this.#lsn > this.#deliveredLsn
  }

  begin({ xid, commitTimeUs }: BeginMessage): void {
    this.isInTransaction = true
    this.#change.txId = xid
    this.#change.sourceTimeUs = commitTimeUs
  }

  /** A message outside of transactions, which stands for a commit of its own, is being emitted. */
  startMessage(lsn: bigint): void {
    this.startChange(lsn)
    this.#change.lastCommitLsn = lsn
  }

  /** It was emitted. */
  endMessage(lsn: bigint): void {
    if (lsn > this.#lsn && !this.#resume.isPartPending) this.#commitLsn = lsn
    this.reached(lsn)
  }

  /** A change is being emitted. */
  startChange(lsn: bigint): void {
    this.#change.lsn = lsn
  }

  /** It was emitted. */
  endChange(lsn: bigint, messageType: string): void {
    this.#lsn = lsn
    this.#messageType = messageType
    this.#txId = this.#change.txId
    this.#timeUs = this.#change.sourceTimeUs
  }

  /** @param isNew false: a snapshot has seen it, or it was delivered before; nothing was emitted of it */
  commit({ endLsn }: CommitMessage, isNew: boolean): void {
    this.isInTransaction = false
    if (isNew) this.#change.lastCommitLsn = endLsn
    this.#resume.commit()
    this.#resume.passed(endLsn)
    // What the server sends once more is no progress.
    if (this.#resume.isPartPending || endLsn <= this.#resume.doneUpTo) return
    if (isNew) this.#commitLsn = endLsn
    this.#idle(endLsn)
    this.#done(endLsn)
  }

  /** Outside of a transaction: the server has nothing for us before `lsn`. */
  reached(lsn: bigint): void {
    if (lsn > this.#lsn && !this.#resume.isPartPending) {
      this.#idle(lsn)
      this.#done(lsn)
    }
    this.#resume.passed(lsn)
  }

  /** The offset for all that was read up to now; it counts as handed over. */
  deliver(): StreamOffset {
    this.#deliveredLsn = this.#lsn
    const commitLsn = this.#messageType === 'COMMIT' ? this.#commitLsn : this.#doneWithin
    return {
      kind: 'stream',
      lsn: this.#lsn,
      commitLsn,
      sequenceLsn: commitLsn === this.#commitLsn ? null : (this.#commitLsn ?? 0n),
      messageType: this.#messageType,
      txId: this.#txId === null ? null : BigInt(this.#txId),
      timeUs: this.#timeUs,
      changesAtLsn: null,
      snapshotHolds: this.#resume.visibility?.toString() ?? null,
      transactionCounts: new Map(this.#messageType === 'COMMIT' ? [] : this.#order?.counts),
    }
  }

  /**
   * What an offset in the middle of a transaction names as done. Not the last commit: while the transaction ran, the slot
   * may have been told a later idle position, and its changes may be older than that. The offset would look as if
   * somebody else had moved the slot on.
   */
  get #doneWithin(): bigint | null {
    return this.#doneUpTo > (this.#commitLsn ?? 0n) ? this.#doneUpTo : this.#commitLsn
  }

  #done(lsn: bigint): void {
    if (lsn > this.#doneUpTo) this.#doneUpTo = lsn
  }

  #idle(lsn: bigint): void {
    // The LSN of a change may be behind that of an earlier commit; an offset after a commit never goes back.
    this.#lsn = lsn
    this.#messageType = 'COMMIT'
  }
}

function lastCommit({ sequenceLsn, commitLsn }: StreamOffset): bigint | null {
  if (sequenceLsn === null) return commitLsn
  return sequenceLsn === 0n ? null : sequenceLsn
}

/** What may be acknowledged once an offset is durable; 0 for nothing. */
export function acknowledgeable(offset: SourceOffset): bigint {
  return offset.kind === 'stream' ? doneUpTo(offset) : 0n
}
