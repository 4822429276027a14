import type { JsonObject } from '../../api/record.ts'
import type { SourceBatch } from '../../api/source-task.ts'
import { PositionRecords } from '../envelope/position-records.ts'
import { nowUs, type SourceSession } from '../source-session.ts'
import { Cursor } from '../wire/cursor.ts'
import { readLogicalMessage } from '../wire/pgoutput/logical-message.ts'
import { readBegin, readCommit } from '../wire/pgoutput/transaction-messages.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import type { ConnectError } from '../../api/errors.ts'
import type { ServerError } from '../wire/server-error.ts'
import { Acknowledger } from './acknowledger.ts'
import { BatchHandoff } from './batch-handoff.ts'
import type { ControlConnection } from './control-connection.ts'
import { Heartbeat } from './heartbeat.ts'
import type { ResumePoint } from './resume-point.ts'
import { readSourceOffset, type SourceOffset, writeSourceOffset } from './source-offset.ts'
import { acknowledgeable, StreamPosition } from './stream-position.ts'
import { publicationMissing, streamFailure } from './stream-failure.ts'
import { TableChanges } from './table-changes.ts'
import { TransactionMarks } from './transaction-marks.ts'
import type { StreamSignals } from '../signal/stream-signals.ts'
import { CatchUp, type CatchUpListener } from './catch-up.ts'
import type { WalSource } from './wal-source.ts'

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

/** Where another stream goes on. */
export interface NextStream {
  readonly offset: SourceOffset
  /** The server does not give changes by SQL. */
  readonly isCatchUpRefused: boolean
  readonly signals: StreamSignals
}

/**
 * Turns pgoutput's messages into batches.
 *
 * A batch ends after a commit, or within a transaction between two changes of different LSN: rows of one multi-insert
 * share theirs, and an offset in the middle of them could not say which of them are done.
 */
export class StreamReader implements CatchUpListener {
  readonly #session: SourceSession
  readonly #batchBytes: number
  readonly #tables: TableChanges
  readonly #resume: ResumePoint
  readonly #position: StreamPosition
  readonly #handoff = new BatchHandoff(() => this.#take())
  readonly #cursor = new Cursor()
  readonly #records: PositionRecords
  readonly #marks: TransactionMarks | null
  #heartbeat: Heartbeat | null = null
  /** A heartbeat is in the batch. */
  #hasBeat = false
  /** Nothing else is. */
  #hasOnlyBeat = false
  #stream: WalSource | null = null
  /** The last offset that was handed over. */
  #offset: SourceOffset
  /** Another stream goes on after this one. */
  #hasNext = false
  #isCatchUpRefused = false
  /** No further transaction is begun. */
  #isEnding = false
  #acknowledger: Acknowledger | null = null
  /** The transaction at hand was not delivered before. */
  #isTransactionNew = false
  /** The batch may end here. */
  #isAtBoundary = true
  /** Where we stand is to be handed over even without a record, so that it can be acknowledged. */
  #isProgressDue = false
  /** The next change comes with a new chunk: ask for the time once for all changes of a chunk. */
  #isClockStale = true
  /** An emitter is being made, or values are read; nothing is read meanwhile. */
  #isPreparing = false
  readonly #signals: StreamSignals
  /** A blocking snapshot is to be read; nothing of the stream is meanwhile. */
  #isPaused = false

  constructor(
    session: SourceSession,
    control: ControlConnection,
    from: {
      readonly offset: SourceOffset
      readonly resume: ResumePoint
      readonly lsn: bigint
      readonly signals: StreamSignals
      readonly isCatchUpRefused: boolean
    },
  ) {
    this.#session = session
    this.#batchBytes = session.options.batchBytes
    this.#signals = from.signals
    this.#tables = new TableChanges(session, control, {
      flow: {
        hasRoom: (lsn) => this.#hasRoom(lsn),
        startChange: (lsn) => this.#startChange(lsn),
        emitted: (lsn, messageType) => this.#emitted(lsn, messageType),
        holdFor: (preparation) => this.#holdFor(preparation),
      },
      resume: from.resume,
      signals: from.signals,
    })
    this.#resume = from.resume
    this.#offset = from.offset
    this.#isCatchUpRefused = from.isCatchUpRefused
    this.#position = new StreamPosition(from.offset, from.lsn, {
      change: session.position,
      resume: from.resume,
      order: session.order,
    })
    this.#records = new PositionRecords(session.options, session.position)
    const counts = from.offset.kind === 'stream' ? from.offset.transactionCounts : new Map<string, number>()
    const output = { records: this.#records, batch: session.batch }
    this.#marks = session.order === null ? null : new TransactionMarks(session.order, output, counts)
  }

  /** @param acknowledged what the server knows to be flushed */
  start(stream: WalSource, acknowledged: bigint): void {
    this.#stream = stream
    this.#session.meter.connected(true)
    this.#session.meter.begin(this.#offset.timeUs ?? 0n)
    this.#acknowledger = new Acknowledger(
      (durable, wantsReply) => stream.sendStatus(this.durableUpTo, this.#told(durable), wantsReply),
      acknowledged,
      {
        intervalMs: this.#session.options.statusUpdateIntervalMs,
        beat: () => this.#deliverProgress(),
      },
    )
    if (this.#session.options.heartbeatIntervalMs > 0)
      this.#heartbeat = new Heartbeat(this.#session, () => this.#beat())
    this.#signals.attach({
      pump: () => this.#pump(),
      wake: () => this.#wake(),
      fail: (error) => this.closed(error),
      ping: () => this.#acknowledger?.ask(),
    })
    this.#pauseIfAsked()
    if (!this.#isPaused) stream.release()
  }

  /** Null: this way of reading is over, see `next`. */
  async poll(): Promise<SourceBatch | null> {
    if (this.#isPaused) return this.#take()
    this.#signals.incremental.pump()
    const next = this.#handoff.poll()
    // It may have stopped at a full batch. What is read now goes into the next one.
    if (!this.#isPreparing && !this.#isPaused) this.#stream?.release()
    return next
  }

  /** `poll` answers null until `resume`: a blocking snapshot comes first. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  resume(): void {
    this.#isPaused = false
    this.#pauseIfAsked()
    if (!this.#isPaused && !this.#isPreparing) this.#stream?.release()
  }

  /** The offset for what was handed over, with what the signals add to it. */
  offsetJson(): JsonObject {
    return {
      ...writeSourceOffset(this.#offset),
      ...this.#session.timeline.offset(),
      ...this.#signals.offset(),
    }
  }

  /** How to go on once `poll` has answered null; null when it was closed. */
  get next(): NextStream | null {
    if (!this.#hasNext) return null
    return { offset: this.#offset, isCatchUpRefused: this.#isCatchUpRefused, signals: this.#signals }
  }

  commit(offset: JsonObject): void {
    this.#signals.durable(offset)
    const durable = readSourceOffset(offset)
    this.#acknowledger?.durable(acknowledgeable(durable))
    if (durable.timeUs !== null) this.#session.meter.durable(durable.timeUs)
    // Not while an emitter is made: its rows would be read as those of the relation before.
    if (this.#isEnding && !this.#isPreparing && !this.#isPaused) this.#stream?.release()
  }

  close(): void {
    this.#session.meter.connected(false)
    this.#handoff.close()
    this.#acknowledger?.close()
    this.#heartbeat?.close()
    this.#stream?.close()
  }

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
      case TYPE.begin: {
        if (this.#isEnding) return this.#hasEnded()
        const begin = readBegin(cursor)
        this.#hasOnlyBeat = false
        this.#position.begin(begin)
        this.#isTransactionNew = this.#resume.isTransactionNew(begin.finalLsn, begin.xid)
        if (this.#marks !== null && this.#isTransactionNew) this.#markBegin(this.#marks, lsn)
        return true
      }
      case TYPE.commit:
        if (this.#marks !== null && this.#isTransactionNew) this.#markEnd(this.#marks, lsn)
        this.#commit()
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

  keepalive(walEnd: bigint, isUrgent: boolean): void {
    const durableUpTo = this.durableUpTo
    // A heartbeat that nobody takes must not keep a stream without changes where it is.
    const hasChanges = !this.#session.batch.isEmpty && !this.#hasOnlyBeat
    if (!this.#position.isInTransaction && !hasChanges) this.#position.reached(walEnd)
    this.#signals.incremental.queue.reached(walEnd)
    if (!isUrgent) {
      // No offset is stored for it before the next beat, but who waits for the stream can see it: `write_lsn`.
      if (this.durableUpTo > durableUpTo) this.#acknowledger?.replySoon()
      return
    }
    this.#acknowledger?.reply()
    // A server that shuts down asks until all is acknowledged: do not let it wait for the next beat.
    this.#deliverProgress()
  }

  /**
   * From version 18 on a server without the publication leaves changes out instead of ending the stream. What the snapshot
   * has seen anyway may be left out.
   */
  warned(warning: ServerError): void {
    const { options, context } = this.#session
    const isMissing = warning.severity === 'WARNING' && warning.code === '55000'
    if (isMissing && this.#resume.visibility === null) throw publicationMissing(warning, options)
    context.log.warn({ slot: options.slotName, code: warning.code }, 'the server warns about the stream')
  }

  drained(): void {
    this.#signals.incremental.pump()
    this.#handoff.offer()
    this.#isClockStale = true
  }

  closed(error: unknown): void {
    this.#session.meter.connected(false)
    this.#acknowledger?.close()
    this.#heartbeat?.close()
    this.#handoff.fail(streamFailure(error, this.#session.options))
  }

  /** Lets go of the server. */
  letGo(): void {
    this.#stream?.close()
  }

  /** What was read is still handed over, then the task fails. */
  fail(error: ConnectError): void {
    this.letGo()
    this.closed(error)
  }

  /** A walsender streams, and SQL may be tried in its place. */
  get canCatchUp(): boolean {
    return !this.#isEnding && !this.#isCatchUpRefused && !(this.#stream instanceof CatchUp)
  }

  /** Ends before the next transaction, to go on in another way: see `next`. */
  end(): void {
    this.#isEnding = true
  }

  /** False, for the transaction that is to come; over as soon as all before it is durable. */
  #hasEnded(): false {
    this.deliverAll()
    if (this.#acknowledger !== null && this.#acknowledger.durableLsn >= this.readUpTo) {
      this.#stream?.close()
      this.caughtUp(false)
    }
    return false
  }

  /** What the server may be told: nothing, where somebody else moves the slot. */
  #told(flushed: bigint): bigint {
    return this.#session.options.isAcknowledging ? flushed : 0n
  }

  get readUpTo(): bigint {
    return this.#position.doneUpTo
  }

  /** All before it is durable, in topics: what was read and had nothing for us as well. */
  get durableUpTo(): bigint {
    const durable = this.#acknowledger?.durableLsn ?? 0n
    const isPending = !this.#session.batch.isEmpty || durable < acknowledgeable(this.#offset)
    return isPending || this.readUpTo < durable ? durable : this.readUpTo
  }

  deliverAll(): void {
    if (this.#session.batch.isEmpty) this.#deliverProgress()
    else this.#handoff.offer()
  }

  caughtUp(isRefused: boolean): void {
    this.#hasNext = true
    this.#isCatchUpRefused ||= isRefused
    this.#acknowledger?.close()
    this.#heartbeat?.close()
    this.#handoff.end()
  }

  #message(lsn: bigint): boolean {
    const message = readLogicalMessage(this.#cursor)
    const { options, batch, position, order } = this.#session
    if (!options.isMessageIncluded(message.prefix)) return true
    const { isTransactional } = message
    // One outside of transactions comes when it is written: after all that committed before, and before all else.
    const isNew = isTransactional ? this.#isTransactionNew : this.#resume.isMessageNew(lsn)
    if (!isNew) return true
    if (!this.#hasRoom(lsn)) return false
    if (isTransactional && !this.#resume.isChangeNew(lsn)) return true
    this.#startChange(lsn)
    if (isTransactional) order?.next('LOGICAL_DECODING_MESSAGE')
    else position.sourceTimeUs = position.processedTimeUs
    this.#hasOnlyBeat = false
    batch.add([this.#records.message(message)], 512 + message.content.length)
    if (isTransactional) this.#emitted(lsn, 'MESSAGE')
    else this.#position.reached(lsn)
    return true
  }

  #markBegin(marks: TransactionMarks, lsn: bigint): void {
    this.#position.startChange(lsn)
    const isContinued = this.#resume.isTransactionPartial
    marks.begin(isContinued)
    // The LSN is that of the first change, which is not done yet.
    if (!isContinued) this.#emitted(lsn - 1n, 'BEGIN')
  }

  #markEnd(marks: TransactionMarks, lsn: bigint): void {
    this.#position.startChange(lsn)
    marks.end()
  }

  #beat(): void {
    if (this.#hasBeat) return
    this.#hasBeat = true
    this.#hasOnlyBeat = this.#session.batch.isEmpty
    this.#session.batch.add([this.#records.heartbeat(Date.now())], 256)
    this.#handoff.offer()
  }

  #startChange(lsn: bigint): void {
    this.#position.startChange(lsn)
    if (!this.#isClockStale) return
    this.#isClockStale = false
    this.#session.position.processedTimeUs = nowUs()
  }

  #emitted(lsn: bigint, messageType: string): void {
    this.#position.endChange(lsn, messageType)
    this.#session.meter.changed(messageType)
    this.#isAtBoundary = false
  }

  /** Before a change is emitted: false when it has to wait because the batch is full and nobody takes it. */
  #hasRoom(lsn: bigint): boolean {
    if (this.#session.batch.bytes < this.#batchBytes) return true
    if (!this.#isAtBoundary && lsn === this.#position.lsn) return true
    this.#isAtBoundary = true
    return this.#handoff.offer()
  }

  #commit(): void {
    const commit = readCommit(this.#cursor)
    this.#position.commit(commit, this.#isTransactionNew)
    const { incremental } = this.#signals
    if (this.#isTransactionNew) incremental.queue.delivered(this.#session.position.txId)
    incremental.queue.reached(commit.endLsn)
    if (this.#isTransactionNew) this.#session.meter.committed()
    this.#isTransactionNew = false
    this.#isAtBoundary = true
    this.#pauseIfAsked()
  }

  /** Reads nothing until something is done. */
  #holdFor(preparation: Promise<void>): void {
    this.#isPreparing = true
    this.#stream!.hold()
    this.#handoff.offer()
    preparation.then(
      () => {
        this.#isPreparing = false
        if (!this.#isPaused) this.#stream?.release()
      },
      (error: unknown) => {
        this.#stream?.close()
        this.closed(error)
      },
    )
  }

  /** Hands over where we are, without records, when only this is new. */
  #deliverProgress(): void {
    if (!this.#session.batch.isEmpty || !this.#position.isAheadOfDelivered) return
    this.#isProgressDue = true
    this.#handoff.offer()
  }

  #take(): SourceBatch | null {
    const { batch, partition } = this.#session
    if (!this.#isAtBoundary || (batch.isEmpty && !this.#isProgressDue)) return null
    this.#isProgressDue = false
    this.#hasBeat = false
    this.#hasOnlyBeat = false
    this.#session.meter.report(batch.bytes, this.#batchBytes)
    this.#offset = this.#position.deliver()
    const offset = this.offsetJson()
    this.#signals.taken(offset)
    return batch.take(partition, offset)
  }

  /** Somebody beside the stream has records, or something for the offset. */
  #wake(): void {
    this.#pauseIfAsked()
    this.#isProgressDue = true
    this.#pump()
  }

  #pump(): void {
    if (!this.#isPaused) this.#signals.incremental.pump()
    this.#handoff.offer()
  }

  /** Between transactions, so that the stream can go on from there. */
  #pauseIfAsked(): void {
    if (this.#isPaused || this.#position.isInTransaction || this.#signals.blocking.first === null) return
    this.#isPaused = true
    this.#isProgressDue = true
    this.#stream?.hold()
    this.#handoff.offer()
  }
}
