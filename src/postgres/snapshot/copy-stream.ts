import { BackendStream, unexpectedMessage, type BackendListener } from '../wire/backend-stream.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { readServerError, type ServerError } from '../wire/server-error.ts'

export interface CopyListener {
  /** One row: `bytes[start, end)`, valid until `drained` has returned. False: not now; it comes again after `release`. */
  row(bytes: Buffer, start: number, end: number): boolean
  drained(): void
  /** The server says something beside its rows. What this throws fails the command. */
  warned?(warning: ServerError): void
  /** The command is complete; the next one may follow. */
  finished(): void
  /** The command failed, or the connection ended (null: without an error). Nothing follows. */
  failed(error: unknown): void
}

const TYPE = {
  copyData: 'd'.charCodeAt(0),
  copyOut: 'H'.charCodeAt(0),
  copyDone: 'c'.charCodeAt(0),
  commandComplete: 'C'.charCodeAt(0),
  ready: 'Z'.charCodeAt(0),
  error: 'E'.charCodeAt(0),
  notice: 'N'.charCodeAt(0),
  parameter: 'S'.charCodeAt(0),
} as const

/** Runs `COPY … TO STDOUT` commands one after the other on a connection that it takes over. */
export class CopyStream implements BackendListener {
  readonly #stream: BackendStream
  readonly #listener: CopyListener

  constructor(connection: PostgresConnection, listener: CopyListener) {
    this.#listener = listener
    this.#stream = new BackendStream(connection, this)
  }

  copy(command: string): void {
    this.#stream.query(command)
  }

  hold(): void {
    this.#stream.hold()
  }

  release(): void {
    this.#stream.release()
  }

  close(): void {
    this.#stream.close()
  }

  message(type: number, bytes: Buffer, start: number, end: number): boolean {
    switch (type) {
      case TYPE.copyData:
        return this.#listener.row(bytes, start, end)
      case TYPE.ready:
        this.#listener.finished()
        return true
      case TYPE.error:
        throw readServerError(bytes, start, end)
      case TYPE.notice:
        this.#listener.warned?.(readServerError(bytes, start, end))
        return true
      case TYPE.copyOut:
      case TYPE.copyDone:
      case TYPE.commandComplete:
      case TYPE.parameter:
        return true
      default:
        throw unexpectedMessage(type)
    }
  }

  drained(): void {
    this.#listener.drained()
  }

  closed(error: unknown): void {
    this.#listener.failed(error)
  }
}
