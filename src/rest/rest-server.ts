import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { ConnectError, describeError } from '../api/errors.ts'
import type { TaskLogger } from '../api/source-task.ts'
import type { Herder } from '../connect/herder.ts'
import { stringifyJson } from '../connect/json-text.ts'
import { headerValue } from './access/response-headers.ts'
import { OPEN_ACCESS, type RestAccess } from './access/rest-access.ts'
import type { Answer, RestRequest } from './endpoint.ts'
import { restEndpoints } from './endpoints/rest-endpoints.ts'
import { errorBody, HttpError, statusOf } from './http-error.ts'
import { LogLevels, type LeveledLogger } from './log-levels.ts'
import { requireAccepts, requireJsonBody } from './media-type.ts'
import { readBody } from './request-body.ts'
import { Router } from './router.ts'

export interface RestServerOptions {
  readonly herder: Herder
  /** pino's logger fits. Requests are logged at debug, failures at error. */
  readonly logger: TaskLogger & LeveledLogger
  /** How long an operation may take until it is answered with 500. Kafka Connect: 90 s. */
  readonly operationTimeoutMs?: number
  /** Open to everyone who can reach it unless given. */
  readonly access?: RestAccess
}

const OPERATION_TIMEOUT_MS = 90_000
/** How long a client may take to send its request: slow ones must not pile up. */
const RECEIVE_LIMITS = { headersTimeout: 30_000, requestTimeout: 60_000 } as const
/** How long requests under way may take to end when the server closes. */
const CLOSE_GRACE_MS = 2_000

/**
 * The REST API. Plain `node:http`: with Fastify the idle process was 12 MB larger (75 MB against 62.5) and started
 * 100 ms later, and routing by JAX-RS's rules, parsing, errors, HEAD and OPTIONS had to be replaced in it all the same.
 */
export class RestServer implements AsyncDisposable {
  readonly #server: Server
  readonly #router: Router
  readonly #logger: TaskLogger
  readonly #operationTimeoutMs: number
  readonly #access: RestAccess
  /** Connections without a request under way; Node itself does not count those that never sent one. */
  readonly #idle = new Set<Socket>()
  #closing: Promise<void> | null = null

  constructor(options: RestServerOptions) {
    const { herder, logger, operationTimeoutMs = OPERATION_TIMEOUT_MS, access = OPEN_ACCESS } = options
    this.#access = access
    this.#router = new Router(restEndpoints(herder, new LogLevels(logger)))
    this.#logger = logger
    this.#operationTimeoutMs = operationTimeoutMs
    this.#server = createServer(RECEIVE_LIMITS, (message, response) => {
      void this.#serve(message, response)
    })
    this.#server.on('connection', (socket) => {
      this.#idle.add(socket)
      socket.once('close', () => this.#idle.delete(socket))
    })
  }

  /** Starts to listen. @param port 0 takes a free one. Answers the port. Throws `rest.port-in-use`, `rest.listen-failed`. */
  async listen({
    host = '127.0.0.1',
    port,
  }: {
    readonly host?: string
    readonly port: number
  }): Promise<number> {
    const server = this.#server
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenFailure(error, host, port)))
      server.listen(port, host, resolve)
    })
    server.removeAllListeners('error')
    server.on('error', (error) => this.#logger.error({ error: describeError(error) }, 'REST server failed'))
    return (server.address() as AddressInfo).port
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

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Never rejects. */
  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = message
    const started = performance.now()
    const { socket } = message
    this.#idle.delete(socket)
    response.once('close', () => {
      if (this.#closing !== null) socket.destroySoon()
      else if (!socket.destroyed) this.#idle.add(socket)
    })
    let status = 500
    this.#setCommonHeaders(message, response)
    try {
      const answer = await this.#answer(message, method, url)
      status = answer.status
      send(response, answer)
    } catch (error) {
      status = statusOf(error)
      const headers = error instanceof HttpError ? error.headers : {}
      if (status >= 500 && !(error instanceof HttpError)) {
        this.#logger.error({ method, path: pathOf(url), error: describeError(error) }, 'REST request failed')
      }
      if (!response.headersSent) send(response, { status, body: errorBody(error), headers })
    }
    const ms = Math.round(performance.now() - started)
    this.#logger.debug({ method, path: pathOf(url), status, ms }, 'REST request')
  }

  #setCommonHeaders({ headers }: IncomingMessage, response: ServerResponse): void {
    const { crossOrigin, headers: own } = this.#access
    for (const [name, value] of Object.entries(crossOrigin?.headers(headers) ?? {}))
      response.setHeader(name, value)
    for (const header of own) {
      const value = headerValue(header, Date.now())
      if (header.isAdded) response.appendHeader(header.name, value)
      else response.setHeader(header.name, value)
    }
  }

  async #answer(message: IncomingMessage, method: string, url: string): Promise<Answer> {
    const preflight = this.#access.crossOrigin?.preflight(method, message.headers) ?? null
    if (preflight !== null) return { status: 200, headers: preflight }
    // Who watches over the worker needs no login to see whether it is well.
    if (pathOf(url) !== '/health') await this.#access.credentials?.check(message.headers.authorization)
    const route = this.#router.route(method, pathOf(url))
    if (route.kind === 'options') {
      const headers = { allow: route.allow, 'content-type': 'text/plain' }
      return { status: 200, text: route.allow, headers }
    }
    if (hasBody(message)) requireJsonBody(message.headers)
    const { endpoint, params } = route
    const { mediaType = 'application/json' } = endpoint
    requireAccepts(message.headers, mediaType)
    const request: RestRequest = {
      param: (name) => params.get(name)!,
      query: new URLSearchParams(url.split('?')[1] ?? ''),
      headers: message.headers,
      body: await readBody(message),
    }
    const timeoutMs = Math.min(this.#operationTimeoutMs, requestTimeoutMs(message))
    const answer = await withDeadline(Promise.resolve(endpoint.handle(request)), timeoutMs)
    if (answer.text === undefined) return answer
    return { ...answer, headers: { 'content-type': `${mediaType}; charset=utf-8`, ...answer.headers } }
  }
}

function pathOf(url: string): string {
  return url.split('?')[0]!
}

/** How long the client is ready to wait, in milliseconds, where it says so: never longer than the server is. */
function requestTimeoutMs({ headers }: IncomingMessage): number {
  const text = headers['x-request-timeout']
  return typeof text === 'string' && /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : Infinity
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Node leaves the body of an answer to HEAD out by itself. */
function send(response: ServerResponse, answer: Answer): void {
  response.statusCode = answer.status
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value)
  const text = answer.text ?? (answer.body === undefined ? null : stringifyJson(answer.body))
  if (text === null) {
    response.end()
    return
  }
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json')
  response.setHeader('content-length', Buffer.byteLength(text))
  response.end(text)
}

async function withDeadline(operation: Promise<Answer>, timeoutMs: number): Promise<Answer> {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const message = `Request timed out. The operation took more than ${timeoutMs} ms and may still complete.`
    reject(new HttpError('rest.request-timeout', { status: 500 }, message))
  }, timeoutMs)
  try {
    return await Promise.race([operation, expired])
  } finally {
    clearTimeout(timer)
  }
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
