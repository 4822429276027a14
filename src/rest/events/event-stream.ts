import type { ServerResponse } from 'node:http'
import type { JsonValue } from '../../api/record.ts'
import { stringifyJson } from '../../api/json/json-text.ts'
import { HttpError } from '../http-error.ts'

/** Each holds a connection, and some memory while its client is slow. */
const MOST_STREAMS = 64
/** Of a client that does not read: it is let go, and may come back. */
const MOST_BUFFERED_BYTES = 8 * 1024 * 1024
/** Something has to be sent now and then, or what lies between takes the connection for dead. */
const KEEP_ALIVE_MS = 15_000

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Else some proxies would collect what is meant to be read at once.
  'x-accel-buffering': 'no',
}

/** Server-sent events to one client. */
export class EventStream {
  readonly #response: ServerResponse
  readonly #left = new AbortController()
  readonly #keepAlive: NodeJS.Timeout

  constructor(response: ServerResponse) {
    this.#response = response
    response.writeHead(200, HEADERS)
    response.flushHeaders()
    response.once('close', () => {
      clearInterval(this.#keepAlive)
      this.#left.abort()
    })
    this.#keepAlive = setInterval(() => this.#write(':\n\n'), KEEP_ALIVE_MS).unref()
  }

  /** Aborted once the client has left. */
  get signal(): AbortSignal {
    return this.#left.signal
  }

  /** False: the client is behind; what is superseded soon can be left out. */
  get hasRoom(): boolean {
    return !this.#response.writableNeedDrain
  }

  send(event: string, data: JsonValue): void {
    this.sendText(event, stringifyJson(data))
  }

  /** @param json without line ends */
  sendText(event: string, json: string): void {
    this.#write(`event: ${event}\ndata: ${json}\n\n`)
  }

  /** Resolves once the client has read what it was sent, or left. */
  async drained(): Promise<void> {
    if (this.hasRoom || this.signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#response.once('drain', resolve)
    this.#response.once('close', resolve)
    await promise
    this.#response.off('drain', resolve)
    this.#response.off('close', resolve)
  }

  close(): void {
    this.#response.end()
  }

  #write(text: string): void {
    if (this.signal.aborted || this.#response.writableEnded) return
    this.#response.write(text)
    if (this.#response.writableLength > MOST_BUFFERED_BYTES) this.#response.destroy()
  }
}

/** The streams of a server. */
export class EventStreams {
  readonly #open = new Set<EventStream>()

  /** Begins to answer. Throws the `HttpError` (503) of too many streams. */
  open(response: ServerResponse): EventStream {
    if (this.#open.size >= MOST_STREAMS) {
      throw new HttpError(
        'rest.too-many-streams',
        { status: 503, headers: { 'retry-after': '5' } },
        `${MOST_STREAMS} clients follow events already; close a console somewhere, and try again`,
      )
    }
    const stream = new EventStream(response)
    this.#open.add(stream)
    stream.signal.addEventListener('abort', () => this.#open.delete(stream), { once: true })
    return stream
  }

  close(): void {
    for (const stream of this.#open) stream.close()
  }
}
