import type { Duplex } from 'node:stream'
import { ProtocolError } from './protocol-error.ts'
import type { PostgresConnection } from './connection.ts'
import { FrameReader, type FrameHandler } from './frame-reader.ts'

export interface BackendListener extends FrameHandler {
  /** The connection is over; nothing is called after it. Called once. Null: it ended without an error. */
  closed(error: unknown): void
}

/**
 * The socket of a connection, taken over from `pg`: messages go to a listener as they arrive; while the listener holds,
 * the socket is paused and TCP makes the server wait.
 */
export class BackendStream {
  readonly #connection: PostgresConnection
  readonly #socket: Duplex
  readonly #frames: FrameReader
  readonly #listener: BackendListener
  #isClosed = false

  constructor(connection: PostgresConnection, listener: BackendListener) {
    this.#connection = connection
    this.#listener = listener
    this.#frames = new FrameReader(listener)
    this.#socket = connection.takeSocket()
    this.#socket.on('data', (chunk: Buffer) => this.#guard(() => this.#frames.push(chunk)))
    this.#socket.once('error', (error) => this.#end(error))
    this.#socket.once('end', () => this.#end(null))
    this.#socket.once('close', () => this.#end(null))
    if (this.#socket.destroyed) queueMicrotask(() => this.#end(null))
    this.#socket.resume()
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Nothing can be heard from the server, because nobody reads. */
  get isPaused(): boolean {
    return this.#socket.isPaused()
  }

  /** Stops handing out messages after the one at hand. */
  hold(): void {
    this.#frames.hold()
    this.#socket.pause()
  }

  release(): void {
    if (this.#isClosed) return
    this.#guard(() => this.#frames.release())
  }

  /** A simple query. Its answer comes to the listener. */
  query(sql: string): void {
    const text = Buffer.from(sql)
    const message = Buffer.allocUnsafe(text.length + 6)
    message[0] = 0x51
    message.writeInt32BE(text.length + 5, 1)
    text.copy(message, 5)
    message[text.length + 5] = 0
    this.#write(message)
  }

  /** One statement, which the server refuses if it is several. Its answer comes to the listener. */
  execute(sql: string): void {
    const text = Buffer.from(sql)
    const parse = Buffer.alloc(text.length + 9)
    parse[0] = 0x50
    parse.writeInt32BE(text.length + 8, 1)
    text.copy(parse, 6)
    this.#write(Buffer.concat([parse, BIND_EXECUTE_SYNC]))
  }

  copyData(body: Buffer): void {
    const message = Buffer.allocUnsafe(body.length + 5)
    message[0] = 0x64
    message.writeInt32BE(body.length + 4, 1)
    body.copy(message, 5)
    this.#write(message)
  }

  /** Lets go of the server at once; `closed` is not called any more. */
  close(): void {
    this.#isClosed = true
    this.#connection.close()
  }

  #write(message: Buffer): void {
    if (!this.#isClosed && this.#socket.writable) this.#socket.write(message)
  }

  #guard(read: () => void): void {
    if (this.#isClosed) return
    try {
      read()
    } catch (error) {
      this.#end(error)
      return
    }
    if (this.#frames.isHeld) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  #end(error: unknown): void {
    if (this.#isClosed) return
    this.close()
    this.#listener.closed(error)
  }
}

/** Bind and Execute of the unnamed statement without parameters, then Sync. */
const BIND_EXECUTE_SYNC = Buffer.concat([
  Buffer.of(0x42, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0),
  Buffer.of(0x45, 0, 0, 0, 9, 0, 0, 0, 0, 0),
  Buffer.of(0x53, 0, 0, 0, 4),
])

/** For a message that must not come at this point. */
export function unexpectedMessage(type: number): ProtocolError {
  return new ProtocolError(`an unexpected message "${String.fromCharCode(type)}"`)
}
