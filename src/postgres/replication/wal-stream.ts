import { BackendStream, unexpectedMessage, type BackendListener } from '../wire/backend-stream.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { postgresTime } from '../wire/pgoutput/transaction-messages.ts'
import { ProtocolError } from '../wire/protocol-error.ts'
import { readServerError, type ServerError } from '../wire/server-error.ts'
import { SilenceError, SilenceWatch } from './silence.ts'

export interface WalListener {
  /**
   * One message of pgoutput: `bytes[start, end)`, valid until `drained` has returned. False: not now; it comes again after
   * `release`.
   */
  change(lsn: bigint, bytes: Buffer, start: number, end: number): boolean
  /** All that committed before `walEnd` was sent. `isUrgent`: the server waits for an answer. */
  keepalive(walEnd: bigint, isUrgent: boolean): void
  /** The server warns of something; it streams on. */
  warned(warning: ServerError): void
  drained(): void
  /** The stream is over. Null: without an error. */
  closed(error: unknown): void
}

const XLOG_DATA_HEADER_BYTES = 25
const TYPE = {
  copyBoth: 'W'.charCodeAt(0),
  copyData: 'd'.charCodeAt(0),
  copyDone: 'c'.charCodeAt(0),
  commandComplete: 'C'.charCodeAt(0),
  error: 'E'.charCodeAt(0),
  notice: 'N'.charCodeAt(0),
  parameter: 'S'.charCodeAt(0),
  ready: 'Z'.charCodeAt(0),
  xlogData: 'w'.charCodeAt(0),
  keepalive: 'k'.charCodeAt(0),
} as const

/** A walsender that streams: the messages around pgoutput's own, and the status updates that answer them. */
export class WalStream implements BackendListener {
  readonly #stream: BackendStream
  readonly #listener: WalListener
  #starting: PromiseWithResolvers<void> | null = null
  #isDone = false
  /** Null: silence is no reason to worry. */
  readonly #watch: SilenceWatch | null
  #written = 0n
  #flushed = 0n

  /** @param silenceTimeoutMs 0: never */
  constructor(connection: PostgresConnection, listener: WalListener, silenceTimeoutMs: number) {
    this.#listener = listener
    const stream = (this.#stream = new BackendStream(connection, this))
    this.#watch =
      silenceTimeoutMs === 0
        ? null
        : new SilenceWatch(silenceTimeoutMs, {
            isDeaf: () => this.#starting !== null || stream.isPaused,
            ask: () => this.sendStatus(this.#written, this.#flushed, true),
            giveUp: () => {
              this.close()
              this.closed(new SilenceError(connection.server, silenceTimeoutMs))
            },
          })
  }

  /**
   * Resolves when the server has agreed to stream; rejects with its own error otherwise. Nothing reaches the listener
   * before the first `release`: changes can come with the answer, before its caller gets to know.
   */
  start(command: string): Promise<void> {
    this.#starting = Promise.withResolvers()
    this.#stream.query(command)
    return this.#starting.promise
  }

  hold(): void {
    this.#stream.hold()
  }

  release(): void {
    this.#stream.release()
  }

  /** A standby status update: `flushed` is acknowledged and will not be streamed again after a restart. */
  sendStatus(written: bigint, flushed: bigint, wantsReply: boolean): void {
    this.#written = written
    this.#flushed = flushed
    const body = Buffer.allocUnsafe(34)
    body[0] = 0x72
    body.writeBigUInt64BE(written, 1)
    body.writeBigUInt64BE(flushed, 9)
    body.writeBigUInt64BE(flushed, 17)
    body.writeBigInt64BE(postgresTime(Date.now()), 25)
    body[33] = wantsReply ? 1 : 0
    this.#stream.copyData(body)
  }

  close(): void {
    this.#watch?.close()
    this.#stream.close()
    this.#starting?.reject(new Error('the connection was closed'))
    this.#starting = null
  }

  message(type: number, bytes: Buffer, start: number, end: number): boolean {
    switch (type) {
      case TYPE.copyData:
        return this.#copyData(bytes, start, end)
      case TYPE.copyBoth:
        this.#starting?.resolve()
        this.#starting = null
        this.#stream.hold()
        return true
      case TYPE.error:
        throw readServerError(bytes, start, end)
      case TYPE.notice:
        this.#listener.warned(readServerError(bytes, start, end))
        return true
      case TYPE.parameter:
        return true
      case TYPE.copyDone:
      case TYPE.commandComplete:
      case TYPE.ready:
        // The server has ended the stream: it shuts down, or the slot was taken away.
        this.#isDone = true
        return true
      default:
        throw unexpectedMessage(type)
    }
  }

  drained(): void {
    this.#watch?.heard()
    this.#listener.drained()
    if (!this.#isDone) return
    this.#stream.close()
    this.closed(null)
  }

  closed(error: unknown): void {
    this.#watch?.close()
    if (this.#starting !== null) {
      this.#starting.reject(error instanceof Error ? error : new Error('the server ended the connection'))
      this.#starting = null
      return
    }
    this.#listener.closed(error)
  }

  #copyData(bytes: Buffer, start: number, end: number): boolean {
    const kind = bytes[start]
    if (kind === TYPE.xlogData && end - start > XLOG_DATA_HEADER_BYTES) {
      const lsn = bytes.readBigUInt64BE(start + 1)
      return this.#listener.change(lsn, bytes, start + XLOG_DATA_HEADER_BYTES, end)
    }
    if (kind === TYPE.keepalive && end - start === 18) {
      this.#listener.keepalive(bytes.readBigUInt64BE(start + 1), bytes[end - 1] === 1)
      return true
    }
    throw new ProtocolError('a replication message of unknown form')
  }
}
