import type { PositionRecords } from '../envelope/position-records.ts'
import type { StreamSignals } from '../signal/stream-signals.ts'
import { nowUs, type SourceSession } from '../source-session.ts'
import { Cursor } from '../wire/cursor.ts'
import { readLogicalMessage } from '../wire/pgoutput/logical-message.ts'
import { readBegin, readCommit } from '../wire/pgoutput/transaction-messages.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { ControlConnection } from './control-connection.ts'
import type { ResumePoint } from './resume-point.ts'
import type { SourceOffset } from './source-offset.ts'
import type { StreamBatches } from './stream-batches.ts'
import type { StreamPosition } from './stream-position.ts'
import { TableChanges } from './table-changes.ts'
import { TransactionMarks } from './transaction-marks.ts'

const TYPE = {
  begin: 'B'.charCodeAt(0),
  commit: 'C'.charCodeAt(0),
  origin: 'O'.charCodeAt(0),
  relation: 'R'.charCodeAt(0),
  type: 'Y'.charCodeAt(0),
  insert: 'I'.charCodeAt(0),
  update: 'U'.charCodeAt(0),
  delete: 'D'.charCodeAt(0),
  truncate: 'T'.charCodeAt(0),
  message: 'M'.charCodeAt(0),
} as const

/** Who reads the stream. */
export interface StreamOwner {
  /** False: the transaction has to wait, or will be read by another stream. */
  mayBegin(): boolean
  /** A transaction is over, delivered before or now. */
  committed(): void
  /** Reads nothing until something is done. */
  holdFor(preparation: Promise<void>): void
}

/** Turns pgoutput's messages into records of the batch at hand, and leaves out what was delivered before. */
export class StreamMessages {
  readonly #session: SourceSession
  readonly #owner: StreamOwner
  readonly #resume: ResumePoint
  readonly #position: StreamPosition
  readonly #batches: StreamBatches
  readonly #records: PositionRecords
  readonly #signals: StreamSignals
  readonly #tables: TableChanges
  readonly #marks: TransactionMarks | null
  readonly #cursor = new Cursor()
  /** The transaction at hand was not delivered before. */
  #isTransactionNew = false
  /** The next change comes with a new chunk: ask for the time once for all changes of a chunk. */
  #isClockStale = true

  constructor(
    session: SourceSession,
    control: ControlConnection,
    parts: {
      readonly owner: StreamOwner
      readonly start: SourceOffset
      readonly resume: ResumePoint
      readonly position: StreamPosition
      readonly batches: StreamBatches
      readonly records: PositionRecords
      readonly signals: StreamSignals
    },
  ) {
    const { owner, start, resume, batches, records, signals } = parts
    this.#session = session
    this.#owner = owner
    this.#resume = resume
    this.#position = parts.position
    this.#batches = batches
    this.#records = records
    this.#signals = signals
    const flow = {
      hasRoom: (lsn: bigint) => batches.hasRoom(lsn),
      startChange: (lsn: bigint) => this.#startChange(lsn),
      emitted: (lsn: bigint, messageType: string) => batches.emitted(lsn, messageType),
      holdFor: (preparation: Promise<void>) => owner.holdFor(preparation),
    }
    this.#tables = new TableChanges(session, control, { flow, resume, signals })
    const counts = start.kind === 'stream' ? start.transactionCounts : new Map<string, number>()
    const { order, batch } = session
    this.#marks = order === null ? null : new TransactionMarks(order, { records, batch }, counts)
  }

  /** Changes that come from now on came later. */
  drained(): void {
    this.#isClockStale = true
  }

  /** False: not now; the message comes once more. */
  change(lsn: bigint, bytes: Buffer, start: number, end: number): boolean {
    const cursor = this.#cursor
    const type = bytes[start]!
    cursor.reset(bytes, start + 1, end)
    switch (type) {
      case TYPE.insert:
        return !this.#isTransactionNew || this.#tables.insert(cursor, lsn)
      case TYPE.update:
        return !this.#isTransactionNew || this.#tables.update(cursor, lsn)
      case TYPE.delete:
        return !this.#isTransactionNew || this.#tables.delete(cursor, lsn)
      case TYPE.truncate:
        return !this.#isTransactionNew || this.#tables.truncate(cursor, lsn)
      case TYPE.begin:
        return this.#begin(lsn)
      case TYPE.commit:
        this.#commit(lsn)
        return true
      case TYPE.relation:
        this.#tables.relation(cursor)
        return true
      case TYPE.message:
        return this.#message(lsn)
      case TYPE.origin:
      case TYPE.type:
        return true
      default:
        throw new ProtocolError(`a pgoutput message of type 0x${type.toString(16)}`)
    }
  }

  #begin(lsn: bigint): boolean {
    if (!this.#owner.mayBegin()) return false
    const begin = readBegin(this.#cursor)
    this.#batches.changesCome()
    this.#position.begin(begin)
    this.#isTransactionNew = this.#resume.isTransactionNew(begin.finalLsn, begin.xid)
    if (this.#marks !== null && this.#isTransactionNew) this.#markBegin(this.#marks, lsn)
    return true
  }

  #commit(lsn: bigint): void {
    if (this.#marks !== null && this.#isTransactionNew) {
      this.#position.startChange(lsn)
      this.#marks.end()
    }
    const commit = readCommit(this.#cursor)
    this.#position.commit(commit, this.#isTransactionNew)
    const { queue } = this.#signals.incremental
    if (this.#isTransactionNew) queue.delivered(this.#session.position.txId)
    queue.reached(commit.endLsn)
    if (this.#isTransactionNew) this.#session.meter.committed()
    this.#isTransactionNew = false
    this.#batches.committed()
    this.#owner.committed()
  }

  #message(lsn: bigint): boolean {
    const message = readLogicalMessage(this.#cursor)
    const { options, batch, position, order } = this.#session
    if (!options.isMessageIncluded(message.prefix)) return true
    const { isTransactional } = message
    // One outside of transactions comes when it is written: after all that committed before, and before all else.
    const isNew = isTransactional ? this.#isTransactionNew : this.#resume.isMessageNew(lsn)
    if (!isNew) return true
    if (!this.#batches.hasRoom(lsn)) return false
    if (isTransactional && !this.#resume.isChangeNew(lsn)) return true
    this.#startChange(lsn)
    if (isTransactional) order?.next('LOGICAL_DECODING_MESSAGE')
    else {
      this.#position.startMessage(lsn)
      position.sourceTimeUs = position.processedTimeUs
    }
    this.#batches.changesCome()
    batch.add([this.#records.message(message)], 512 + message.content.length)
    if (isTransactional) this.#batches.emitted(lsn, 'MESSAGE')
    else {
      this.#session.meter.changed('MESSAGE')
      this.#position.endMessage(lsn)
    }
    return true
  }

  #markBegin(marks: TransactionMarks, lsn: bigint): void {
    this.#position.startChange(lsn)
    const isContinued = this.#resume.isTransactionPartial
    marks.begin(isContinued)
    // The LSN is that of the first change, which is not done yet.
    if (!isContinued) this.#batches.emitted(lsn - 1n, 'BEGIN')
  }

  #startChange(lsn: bigint): void {
    this.#position.startChange(lsn)
    if (!this.#isClockStale) return
    this.#isClockStale = false
    this.#session.position.processedTimeUs = nowUs()
  }
}
