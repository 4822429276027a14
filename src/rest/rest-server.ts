import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TlsOptions } from 'node:tls'
import { describeError } from '../api/errors.ts'
import type { TaskLogger } from '../api/source-task.ts'
import { Backups } from '../connect/backups.ts'
import { workerRequests, type AskWorker } from '../connect/distributed/worker-requests.ts'
import { HealthWatch } from '../connect/health/health-watch.ts'
import type { Herder } from '../connect/herder.ts'
import type { BackUp } from '../log/backup.ts'
import type { Tracer } from '../connect/tracing/tracer.ts'
import { stringifyJson } from '../api/json/json-text.ts'
import { refuseCrossSite } from './access/cross-site.ts'
import { headerValue } from './access/response-headers.ts'
import { OPEN_ACCESS, type RestAccess } from './access/rest-access.ts'
import type { Answer, Endpoint, RestRequest } from './endpoint.ts'
import { restEndpoints } from './endpoints/rest-endpoints.ts'
import { EventStreams } from './events/event-stream.ts'
import { answerOrForward } from './forwarding.ts'
import { errorBody, HttpError, statusOf } from './http-error.ts'
import { HttpListener } from './listener/http-listener.ts'
import { LogLevels, type LeveledLogger } from './log-levels.ts'
import { requireAccepts, requireJsonBody } from './media-type.ts'
import { readBody } from './request-body.ts'
import { RequestSpan } from './request-span.ts'
import { Router } from './router.ts'

export interface RestServerOptions {
  readonly herder: Herder
  /** pino's logger fits. Requests are logged at debug, failures at error. */
  readonly logger: TaskLogger & LeveledLogger
  /** How long an operation may take until it is answered with 500. Kafka Connect: 90 s. */
  readonly operationTimeoutMs?: number
  /** How long a connector may stand still that has something to do, before `/health` reports it. */
  readonly stalledAfterMs?: number
  /** Open to everyone who can reach it unless given. */
  readonly access?: RestAccess
  /** Where the log is the worker's own. */
  readonly backUp?: BackUp | null
  /** How to ask other workers of the group. */
  readonly ask?: AskWorker
  /** Null or absent: nobody looks at traces. */
  readonly tracer?: Tracer | null
}

const OPERATION_TIMEOUT_MS = 90_000
const STALLED_AFTER_MS = 120_000
/** What a listener answers to: everything, all but the endpoints below `/admin`, or those alone. */
export type Serves = 'all' | 'public' | 'admin'

/**
 * The REST API. Plain `node:http`: with Fastify the idle process was 12 MB larger (75 MB against 62.5) and started
 * 100 ms later, and routing by JAX-RS's rules, parsing, errors, HEAD and OPTIONS had to be replaced in it all the same.
 */
export class RestServer implements AsyncDisposable {
  readonly #herder: Herder
  readonly #routers: Readonly<Record<Serves, Router>>
  readonly #logger: TaskLogger
  readonly #operationTimeoutMs: number
  readonly #access: RestAccess
  readonly #ask: AskWorker
  readonly #tracer: Tracer | null
  readonly #health: HealthWatch
  readonly #backups: Backups
  readonly #streams = new EventStreams()
  readonly #listeners: HttpListener[] = []

  constructor(options: RestServerOptions) {
    const { herder, logger, operationTimeoutMs = OPERATION_TIMEOUT_MS, access = OPEN_ACCESS } = options
    const { stalledAfterMs = STALLED_AFTER_MS } = options
    this.#health = new HealthWatch({ herder, logger, stalledAfterMs })
    this.#backups = new Backups(options.backUp ?? null, logger)
    const endpoints = restEndpoints(herder, new LogLevels(logger), this.#health, this.#backups)
    const isAdmin = ({ path }: Endpoint): boolean => path.startsWith('/admin/')
    this.#herder = herder
    this.#access = access
    this.#tracer = options.tracer ?? null
    this.#ask = options.ask ?? workerRequests(() => ({}))
    this.#routers = {
      all: new Router(endpoints),
      public: new Router(endpoints.filter((endpoint) => !isAdmin(endpoint))),
      admin: new Router(endpoints.filter(isAdmin)),
    }
    this.#logger = logger
    this.#operationTimeoutMs = operationTimeoutMs
  }

  /**
   * Starts to listen; may be called for several addresses. @param port 0 takes a free one. Answers the port. Throws
   * `rest.port-in-use`, `rest.listen-failed`, and `ConfigError` where the keys of `tls` cannot be used.
   */
  async listen({
    host = '127.0.0.1',
    port,
    tls,
    serves = 'all',
  }: {
    readonly host?: string
    readonly port: number
    readonly tls?: TlsOptions
    readonly serves?: Serves
  }): Promise<number> {
    const address = { host, port, logger: this.#logger, ...(tls === undefined ? {} : { tls }) }
    const listener = await HttpListener.open(address, (message, response) => {
      void this.#serve(message, response, { router: this.#routers[serves], isSecure: tls !== undefined })
    })
    if (this.#listeners.push(listener) === 1) this.#health.begin()
    return listener.port
  }

  /** Takes no more requests, lets those under way end for a moment. May come twice. */
  async close(): Promise<void> {
    this.#health[Symbol.dispose]()
    await this.#backups.stop()
    this.#streams.close()
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Never rejects. */
  async #serve(message: IncomingMessage, response: ServerResponse, over: Over): Promise<void> {
    const { method = 'GET', url = '/' } = message
    const started = performance.now()
    const span = this.#tracer === null ? null : new RequestSpan(this.#tracer, method, message.headers)
    let status = 500
    this.#setCommonHeaders(message, response)
    try {
      const answer = await this.#answer(message, { ...over, method, url, span })
      status = answer.status
      if (answer.follow === undefined) send(response, answer)
      else answer.follow(this.#streams.open(response))
    } catch (error) {
      status = statusOf(error)
      const headers = error instanceof HttpError ? error.headers : {}
      if (status >= 500 && !(error instanceof HttpError)) {
        this.#logger.error({ method, path: pathOf(url), error: describeError(error) }, 'REST request failed')
      }
      if (!response.headersSent) send(response, { status, body: errorBody(error), headers })
    }
    span?.ended(status)
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

  async #answer(
    message: IncomingMessage,
    { method, url, router, isSecure, span }: Over & Asked,
  ): Promise<Answer> {
    const preflight = this.#access.crossOrigin?.preflight(method, message.headers) ?? null
    if (preflight !== null) return { status: 200, headers: preflight }
    refuseCrossSite(message, this.#access.crossOrigin)
    if (!this.#needsNoLogin(method, pathOf(url))) {
      await this.#access.credentials?.check(message.headers, message.socket.remoteAddress ?? '')
    }
    const route = router.route(method, pathOf(url))
    if (route.kind === 'options') {
      const headers = { allow: route.allow, 'content-type': 'text/plain' }
      return { status: 200, text: route.allow, headers }
    }
    if (hasBody(message)) requireJsonBody(message.headers)
    const { endpoint, params } = route
    span?.routed(endpoint.path)
    const traceparent = span?.traceparent ?? null
    const { mediaType = 'application/json' } = endpoint
    requireAccepts(message.headers, mediaType)
    const request: RestRequest = {
      param: (name) => params.get(name)!,
      path: pathOf(url),
      query: new URLSearchParams(url.split('?')[1] ?? ''),
      headers: traceparent === null ? message.headers : { ...message.headers, traceparent },
      scheme: isSecure ? 'https' : 'http',
      body: await readBody(message),
    }
    const timeoutMs = Math.min(this.#operationTimeoutMs, requestTimeoutMs(message))
    const answer = await withDeadline(timeoutMs, (signal) =>
      answerOrForward(
        { method, url, request, handle: () => endpoint.handle(request) },
        { ask: this.#ask, signal },
      ),
    )
    if (answer.text === undefined) return answer
    return { ...answer, headers: { 'content-type': `${mediaType}; charset=utf-8`, ...answer.headers } }
  }

  /** Who watches over the worker needs none to see whether it is well, nor does the console until it asks something; workers sign what they ask of each other. */
  #needsNoLogin(method: string, path: string): boolean {
    const isSigned = this.#herder.group?.hasSignedRequests === true && INTERNAL.test(`${method} ${path}`)
    return isSigned || PUBLIC.test(path)
  }
}

/** Whether the worker is well, and the console's own files. */
const PUBLIC = /^\/(?:health(?:\/(?:live|ready))?\/?|console(?:\/|\/assets\/[^/]+)?)$/
/** Requests of workers to each other. */
const INTERNAL = /^(?:POST \/connectors\/[^/]+\/tasks|PUT \/connectors\/[^/]+\/fence)\/?$/

/** Which listener a request came over. */
interface Over {
  readonly router: Router
  readonly isSecure: boolean
}

interface Asked {
  readonly method: string
  readonly url: string
  /** Null: nobody looks at traces. */
  readonly span: RequestSpan | null
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
  if (answer.bytes !== undefined) {
    response.setHeader('content-length', answer.bytes.length)
    response.end(answer.bytes)
    return
  }
  const text = answer.text ?? (answer.body === undefined ? null : stringifyJson(answer.body))
  if (text === null) {
    response.end()
    return
  }
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json')
  response.setHeader('content-length', Buffer.byteLength(text))
  response.end(text)
}

async function withDeadline(
  timeoutMs: number,
  operation: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const { promise: expired, reject } = Promise.withResolvers<never>()
  const late = new AbortController()
  const timer = setTimeout(() => {
    const message = `Request timed out. The operation took more than ${timeoutMs} ms and may still complete.`
    reject(new HttpError('rest.request-timeout', { status: 500 }, message))
    late.abort()
  }, timeoutMs)
  try {
    return await Promise.race([operation(late.signal), expired])
  } finally {
    clearTimeout(timer)
  }
}
