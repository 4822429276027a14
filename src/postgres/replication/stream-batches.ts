import type { JsonObject } from '../../api/record.ts'
import type { SourceBatch } from '../../api/source-task.ts'
import type { PositionRecords } from '../envelope/position-records.ts'
import type { StreamSignals } from '../signal/stream-signals.ts'
import type { SourceSession } from '../source-session.ts'
import { BatchHandoff } from './batch-handoff.ts'
import { type SourceOffset, writeSourceOffset } from './source-offset.ts'
import type { StreamPosition } from './stream-position.ts'

/** About what a heartbeat holds. */
const BEAT_BYTES = 256

/**
 * When what was read of a stream is handed over, and with which offset.
 *
 * A batch ends after a commit, or within a transaction between two changes of different LSN: rows of one multi-insert
 * share theirs, and an offset in the middle of them could not say which of them are done.
 */
export class StreamBatches {
  readonly #session: SourceSession
  readonly #batchBytes: number
  readonly #position: StreamPosition
  readonly #records: PositionRecords
  readonly #signals: StreamSignals
  readonly #handoff = new BatchHandoff(() => this.#take())
  /** The last one that was handed over. */
  #offset: SourceOffset
  /** The batch may end here. */
  #isAtBoundary = true
  /** Where we stand is to be handed over even without a record, so that it can be acknowledged. */
  #isProgressDue = false
  /** A heartbeat is in the batch. */
  #hasBeat = false
  /** Nothing else is. */
  #hasOnlyBeat = false

  constructor(
    session: SourceSession,
    start: SourceOffset,
    parts: {
      readonly position: StreamPosition
      readonly records: PositionRecords
      readonly signals: StreamSignals
    },
  ) {
    this.#session = session
    this.#batchBytes = session.options.batchBytes
    this.#offset = start
    this.#position = parts.position
    this.#records = parts.records
    this.#signals = parts.signals
  }

  /** What was handed over last. */
  get offset(): SourceOffset {
    return this.#offset
  }

  /** The offset for what was handed over, with what the signals add to it. */
  offsetJson(): JsonObject {
    return {
      ...writeSourceOffset(this.#offset),
      ...this.#session.timeline.offset(),
      ...this.#signals.offset(),
    }
  }

  /** Records wait that are more than a heartbeat, which nobody need take. */
  get hasChanges(): boolean {
    return !this.#session.batch.isEmpty && !this.#hasOnlyBeat
  }

  /** Null: there will be nothing more. */
  poll(): Promise<SourceBatch | null> {
    return this.#handoff.poll()
  }

  /** What can be handed over now, for who does not wait; or null. */
  takeNow(): SourceBatch | null {
    return this.#take()
  }

  offer(): void {
    this.#handoff.offer()
  }

  /** What is there is still handed over, then polling fails. */
  fail(error: Error): void {
    this.#handoff.fail(error)
  }

  /** What is there is still handed over, then polling ends. */
  end(): void {
    this.#handoff.end()
  }

  close(): void {
    this.#handoff.close()
  }

  /** Before a change is emitted: false when it has to wait because the batch is full and nobody takes it. */
  hasRoom(lsn: bigint): boolean {
    if (this.#session.batch.bytes < this.#batchBytes) return true
    if (!this.#isAtBoundary && lsn === this.#position.lsn) return true
    this.#isAtBoundary = true
    return this.#handoff.offer()
  }

  /** Records of changes come: the batch has more than a heartbeat. */
  changesCome(): void {
    this.#hasOnlyBeat = false
  }

  emitted(lsn: bigint, messageType: string): void {
    this.#position.endChange(lsn, messageType)
    this.#session.meter.changed(messageType)
    this.#isAtBoundary = false
  }

  committed(): void {
    this.#isAtBoundary = true
  }

  /** Where we are is to be handed over with the next offer, with or without records. */
  positionDue(): void {
    this.#isProgressDue = true
  }

  /** Hands over where we are, with or without records. */
  offerPosition(): void {
    this.positionDue()
    this.#handoff.offer()
  }

  /** Hands over where we are, without records, when only this is new. */
  offerProgress(): void {
    if (this.#session.batch.isEmpty && this.#position.isAheadOfDelivered) this.offerPosition()
  }

  /** All that was read. */
  offerAll(): void {
    if (this.#session.batch.isEmpty) this.offerProgress()
    else this.#handoff.offer()
  }

  /** One heartbeat a batch is enough. */
  beat(): void {
    if (this.#hasBeat) return
    this.#hasBeat = true
    this.#hasOnlyBeat = this.#session.batch.isEmpty
    this.#session.batch.add([this.#records.heartbeat(Date.now())], BEAT_BYTES)
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
}
