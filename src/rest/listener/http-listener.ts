import type { RequestListener, Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TlsOptions } from 'node:tls'
import { ConfigError, ConnectError, describeError } from '../../api/errors.ts'
import { createServer } from '../../api/node-http.ts'
import type { TaskLogger } from '../../api/source-task.ts'

/** How long a client may take to send its request: slow ones must not pile up. */
const RECEIVE_LIMITS = { headersTimeout: 30_000, requestTimeout: 60_000 } as const
/**
 * How long a connection may be idle: longer than clients and proxies keep theirs, most of them 60 s. Who closes first must
 * be the client; else it sends a request while the connection closes, and does not learn whether that was taken.
 */
const KEEP_ALIVE = { keepAliveTimeout: 75_000 } as const
/** How long requests under way may take to end when the listener closes. */
const CLOSE_GRACE_MS = 2_000

export interface HttpListenerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Absent: plain HTTP. */
  readonly tls?: TlsOptions
  readonly logger: TaskLogger
}

/** One address at which the REST API answers. */
export class HttpListener {
  readonly #server: Server
  /** Connections without a request under way; Node itself does not count those that never sent one. */
  readonly #idle = new Set<Socket>()
  #closing: Promise<void> | null = null

  constructor({ tls }: HttpListenerOptions, serve: RequestListener) {
    const serveOne: RequestListener = (message, response) => {
      const { socket } = message
      this.#idle.delete(socket)
      response.once('close', () => {
        if (this.#closing !== null) socket.destroySoon()
        else if (!socket.destroyed) this.#idle.add(socket)
      })
      serve(message, response)
    }
    this.#server =
      tls === undefined
        ? createServer({ ...RECEIVE_LIMITS, ...KEEP_ALIVE }, serveOne)
        : createTlsServer({ ...RECEIVE_LIMITS, ...KEEP_ALIVE, ...tls }, serveOne)
    this.#server.on('clientError', refuseMalformed)
    this.#server.on('connection', (socket) => this.#watch(socket))
    if (tls === undefined) return
    this.#server.on('secureConnection', (secured: Socket) => {
      // Requests come over this one now; the connection below it is not idle while one is under way.
      for (const socket of this.#idle) if (isSamePeer(socket, secured)) this.#idle.delete(socket)
      this.#watch(secured)
    })
  }

  /** Throws `rest.port-in-use`, `rest.listen-failed`, and `ConfigError` where the keys of `tls` cannot be used. */
  static async open(options: HttpListenerOptions, serve: RequestListener): Promise<HttpListener> {
    const { host, port, logger } = options
    const listener = create(options, serve)
    const server = listener.#server
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenFailure(error, host, port)))
      server.listen(port, host, resolve)
    })
    server.removeAllListeners('error')
    server.on('error', (error) => logger.error({ error: describeError(error) }, 'REST server failed'))
    return listener
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Takes no more requests, lets those under way end for a moment. May come twice. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      const deadline = setTimeout(() => this.#server.closeAllConnections(), CLOSE_GRACE_MS)
      this.#server.close(() => {
        clearTimeout(deadline)
        resolve()
      })
      for (const socket of this.#idle) socket.destroy()
    })
    return this.#closing
  }

  #watch(socket: Socket): void {
    this.#idle.add(socket)
    socket.once('close', () => this.#idle.delete(socket))
  }
}

function create(options: HttpListenerOptions, serve: RequestListener): HttpListener {
  try {
    return new HttpListener(options, serve)
  } catch (cause) {
    throw new ConfigError(
      'connect.config-invalid',
      `The keystore of the listener on port ${options.port} (ssl.keystore.*) cannot be used: ${describeError(cause)}`,
    )
  }
}

/** What the parser says of bytes that are no request, and the status for it. */
const MALFORMED: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** Bytes that are no HTTP get an answer, too, in the form that all errors have. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = MALFORMED[error.code ?? ''] ?? '400 Bad Request'
  const body = JSON.stringify({ error_code: Number.parseInt(status, 10), message: `HTTP ${status}` })
  const head = ['content-type: application/json', `content-length: ${body.length}`, 'connection: close']
  socket.end(`HTTP/1.1 ${status}\r\n${head.join('\r\n')}\r\n\r\n${body}`)
}

function isSamePeer(a: Socket, b: Socket): boolean {
  return a.remotePort === b.remotePort && a.remoteAddress === b.remoteAddress
}

function listenFailure(error: Error, host: string, port: number): ConnectError {
  const where = host === '::' || host === '0.0.0.0' ? 'all interfaces' : host
  if ('code' in error && error.code === 'EADDRINUSE') {
    return new ConnectError(
      'rest.port-in-use',
      `Port ${port} on ${where} is in use; stop what listens there, or choose another port`,
    )
  }
  return new ConnectError(
    'rest.listen-failed',
    `Cannot listen on port ${port} of ${where}: ${describeError(error)}`,
  )
}
