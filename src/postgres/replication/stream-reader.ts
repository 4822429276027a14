import type { ConnectError } from '../../api/errors.ts'
import type { JsonObject } from '../../api/record.ts'
import type { SourceBatch } from '../../api/source-task.ts'
import { PositionRecords } from '../envelope/position-records.ts'
import type { StreamSignals } from '../signal/stream-signals.ts'
import type { SourceSession } from '../source-session.ts'
import type { ServerError } from '../wire/server-error.ts'
import { Acknowledger } from './acknowledger.ts'
import { CatchUp, type CatchUpListener } from './catch-up.ts'
import type { ControlConnection } from './control-connection.ts'
import { Heartbeat } from './heartbeat.ts'
import type { ResumePoint } from './resume-point.ts'
import { readSourceOffset, type SourceOffset } from './source-offset.ts'
import { StreamBatches } from './stream-batches.ts'
import { publicationMissing, saysPublicationMissing, streamFailure } from './stream-failure.ts'
import { StreamMessages } from './stream-messages.ts'
import { acknowledgeable, StreamPosition } from './stream-position.ts'
import type { WalSource } from './wal-source.ts'

/** Where another stream goes on. */
export interface NextStream {
  readonly offset: SourceOffset
  /** The server does not give changes by SQL. */
  readonly isCatchUpRefused: boolean
  /** SQL has read until a walsender is as fast; what was written meanwhile is the walsender's, however much it is. */
  readonly isCaughtUp: boolean
  readonly signals: StreamSignals
}

/**
 * One stream from its start to its end: when it is read and when it waits, what the server is told, and what follows it.
 * What is read goes to `StreamMessages`, what comes of it to `StreamBatches`.
 */
export class StreamReader implements CatchUpListener {
  readonly #session: SourceSession
  readonly #resume: ResumePoint
  readonly #position: StreamPosition
  readonly #batches: StreamBatches
  readonly #messages: StreamMessages
  readonly #signals: StreamSignals
  #stream: WalSource | null = null
  #acknowledger: Acknowledger | null = null
  #heartbeat: Heartbeat | null = null
  /** Another stream goes on after this one. */
  #hasNext = false
  #isCatchUpRefused = false
  /** No further transaction is begun. */
  #isEnding = false
  /** An emitter is being made, or values are read; nothing is read meanwhile. */
  #isPreparing = false
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
    const { offset: start, resume, signals } = from
    this.#session = session
    this.#resume = resume
    this.#signals = signals
    this.#isCatchUpRefused = from.isCatchUpRefused
    const { position: change, order } = session
    const position = (this.#position = new StreamPosition(start, from.lsn, { change, resume, order }))
    const records = new PositionRecords(session.options, change)
    const batches = (this.#batches = new StreamBatches(session, start, { position, records, signals }))
    this.#messages = new StreamMessages(session, control, {
      owner: {
        mayBegin: () => !this.#isEnding || this.#hasEnded(),
        committed: () => this.#pauseIfAsked(),
        holdFor: (preparation) => this.#holdFor(preparation),
      },
      start,
      resume,
      position,
      batches,
      records,
      signals,
    })
  }

  /** @param acknowledged what the server knows to be flushed */
  start(stream: WalSource, acknowledged: bigint): void {
    const { meter, options } = this.#session
    this.#stream = stream
    meter.connected(true)
    meter.begin(this.#batches.offset.timeUs ?? 0n)
    this.#acknowledger = new Acknowledger(
      (durable, wantsReply) => stream.sendStatus(this.durableUpTo, this.#told(durable), wantsReply),
      acknowledged,
      {
        intervalMs: options.statusUpdateIntervalMs,
        beat: () => this.#batches.offerProgress(),
      },
    )
    if (options.heartbeatIntervalMs > 0)
      this.#heartbeat = new Heartbeat(this.#session, () => this.#batches.beat())
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
    if (this.#isPaused) return this.#batches.takeNow()
    this.#signals.incremental.pump()
    const next = this.#batches.poll()
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
    return this.#batches.offsetJson()
  }

  /** How to go on once `poll` has answered null; null when it was closed. */
  get next(): NextStream | null {
    if (!this.#hasNext) return null
    return {
      offset: this.#batches.offset,
      isCatchUpRefused: this.#isCatchUpRefused,
      isCaughtUp: this.#stream instanceof CatchUp,
      signals: this.#signals,
    }
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
    this.#batches.close()
    this.#acknowledger?.close()
    this.#heartbeat?.close()
    this.#stream?.close()
  }

  change(lsn: bigint, bytes: Buffer, start: number, end: number): boolean {
    return this.#messages.change(lsn, bytes, start, end)
  }

  keepalive(walEnd: bigint, isUrgent: boolean): void {
    const durableUpTo = this.durableUpTo
    // A heartbeat that nobody takes must not keep a stream without changes where it is.
    if (!this.#position.isInTransaction && !this.#batches.hasChanges) this.#position.reached(walEnd)
    this.#signals.incremental.queue.reached(walEnd)
    if (!isUrgent) {
      // No offset is stored for it before the next beat, but who waits for the stream can see it: `write_lsn`.
      if (this.durableUpTo > durableUpTo) this.#acknowledger?.replySoon()
      return
    }
    this.#acknowledger?.reply()
    // A server that shuts down asks until all is acknowledged: do not let it wait for the next beat.
    this.#batches.offerProgress()
  }

  /**
   * From version 18 on a server without the publication leaves changes out instead of ending the stream. What the snapshot
   * has seen anyway may be left out.
   */
  warned(warning: ServerError): void {
    const { options, context } = this.#session
    if (saysPublicationMissing(warning) && this.#resume.visibility === null)
      throw publicationMissing(warning, options)
    context.log.warn({ slot: options.slotName, code: warning.code }, 'the server warns about the stream')
  }

  drained(): void {
    this.#signals.incremental.pump()
    this.#batches.offer()
    this.#messages.drained()
  }

  closed(error: unknown): void {
    this.#session.meter.connected(false)
    this.#acknowledger?.close()
    this.#heartbeat?.close()
    this.#batches.fail(streamFailure(error, this.#session.options))
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

  get readUpTo(): bigint {
    return this.#position.doneUpTo
  }

  /** All before it is durable, in topics: what was read and had nothing for us as well. */
  get durableUpTo(): bigint {
    const durable = this.#acknowledger?.durableLsn ?? 0n
    const isPending = !this.#session.batch.isEmpty || durable < acknowledgeable(this.#batches.offset)
    return isPending || this.readUpTo < durable ? durable : this.readUpTo
  }

  deliverAll(): void {
    this.#batches.offerAll()
  }

  caughtUp(isRefused: boolean): void {
    this.#hasNext = true
    this.#isCatchUpRefused ||= isRefused
    this.#acknowledger?.close()
    this.#heartbeat?.close()
    this.#batches.end()
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

  /** Reads nothing until something is done. */
  #holdFor(preparation: Promise<void>): void {
    this.#isPreparing = true
    this.#stream!.hold()
    this.#batches.offer()
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

  /** Somebody beside the stream has records, or something for the offset. */
  #wake(): void {
    this.#pauseIfAsked()
    this.#batches.positionDue()
    this.#pump()
  }

  #pump(): void {
    if (!this.#isPaused) this.#signals.incremental.pump()
    this.#batches.offer()
  }

  /** Between transactions, so that the stream can go on from there. */
  #pauseIfAsked(): void {
    if (this.#isPaused || this.#position.isInTransaction || this.#signals.blocking.first === null) return
    this.#isPaused = true
    this.#stream?.hold()
    this.#batches.offerPosition()
  }
}
