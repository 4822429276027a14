import type { Agent as HttpAgent, ClientRequest, IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { guardedLookup, requireAllowedHost, requireListedHost } from '../../api/allowed-hosts.ts'
import { ConfigError, RetriableError } from '../../api/errors.ts'
import { Agent, request as httpRequest } from '../../api/node-http.ts'
import type { TlsSettings } from '../../tls/ssl-properties.ts'
import { authenticationHeaders, type Authentication, type AuthenticationHeaders } from './authentication.ts'
import { NodePool, type ElasticsearchNode } from './node-pool.ts'

export interface ClientOptions {
  readonly nodes: readonly ElasticsearchNode[]
  readonly authentication: Authentication
  /** Beyond what Node has by itself; null: nothing. */
  readonly tls: TlsSettings | null
  /** `http://USER:PASSWORD@HOST:PORT`, or null. */
  readonly proxy: string | null
  readonly isCompressed: boolean
  readonly connectTimeoutMs: number
  /** How long the connection may be silent while an answer is awaited. */
  readonly readTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly maxConnections: number
  /** False: any certificate of a trusted authority will do, whatever its host name. */
  readonly isHostNameVerified: boolean
  /** An answer that is larger, or gets larger when it is unpacked, is none. */
  readonly mostAnswerBytes?: number
}

export interface ClientRequestOptions {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: Buffer
  readonly contentType?: 'application/json' | 'application/x-ndjson'
  readonly readTimeoutMs?: number
  /** It must not be done twice: it is not sent again, even where a kept connection has turned out to be closed. */
  readonly isOnce?: boolean
}

export interface Answer {
  readonly status: number
  readonly bytes: Buffer
}

/** As much as a text may have: no answer to what the sink asks comes near. */
const MOST_ANSWER_BYTES = 512 * 1024 * 1024

const gzipAsync = promisify(gzip)
const gunzipAsync = promisify(gunzip)

/**
 * Requests to Elasticsearch or OpenSearch over kept-alive connections. Any answer resolves, whatever its status; no
 * answer rejects with a `RetriableError`.
 *
 * Plain `node:http`, because it is part of every thread already: a worker thread after 4,000 bulk requests had grown by
 * 35 MB with it, by 58 MB with undici and by 78 MB with @elastic/transport (11, 33 and 37 MB after 20), at the same
 * latency (p50 0.25 ms on the loopback interface).
 */
export class ElasticsearchClient {
  readonly #options: ClientOptions
  readonly #pool: NodePool
  readonly #requests = new Set<ClientRequest>()
  #channel: Promise<Channel> | Channel | null = null
  #isClosed = false

  constructor(options: ClientOptions) {
    this.#options = options
    this.#pool = new NodePool(options.nodes)
  }

  /** Where the client connects to, for messages. */
  get name(): string {
    return this.#options.nodes.map((node) => node.name).join(', ')
  }

  async request(options: ClientRequestOptions): Promise<Answer> {
    if (this.#isClosed) throw new RetriableError('elasticsearch.unreachable', 'The client is closed.')
    const node = this.#pool.next(performance.now())
    if (this.#channel === null || 'then' in this.#channel) {
      this.#channel = await (this.#channel ??= openChannel(this.#options))
    }
    const channel = this.#channel
    const body =
      options.body !== undefined && this.#options.isCompressed ? await gzipAsync(options.body) : options.body
    try {
      const answer = await this.#attempt(node, channel, options, body)
      this.#pool.succeeded(node)
      return answer
    } catch (error) {
      // A connection that was kept too long and closed by the other side says nothing about the node.
      if (error instanceof StaleConnectionError && !options.isOnce && !this.#isClosed) {
        return this.#attempt(node, channel, options, body).catch((again: unknown) => this.#fail(node, again))
      }
      return this.#fail(node, error)
    }
  }

  /** Ends every request and connection. May be called twice. */
  close(): void {
    this.#isClosed = true
    for (const request of this.#requests) request.destroy(new Error('The client is closed.'))
    if (this.#channel !== null && !('then' in this.#channel)) {
      this.#channel.http.destroy()
      this.#channel.https?.agent.destroy()
    }
  }

  #fail(node: ElasticsearchNode, error: unknown): never {
    if (error instanceof ConfigError) throw error
    this.#pool.failed(node, performance.now())
    throw new RetriableError('elasticsearch.unreachable', `No answer from Elasticsearch at ${node.name}`, {
      cause: error,
    })
  }

  #attempt(
    node: ElasticsearchNode,
    channel: Channel,
    options: ClientRequestOptions,
    body: Buffer | undefined,
  ): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const { method } = options
    const path = node.basePath + options.path
    const headers = this.#headers(options, body)
    const secure = node.protocol === 'https:' ? channel.https : null
    const request = (secure?.request ?? httpRequest)({
      agent: secure?.agent ?? channel.http,
      host: node.host,
      port: node.port,
      method,
      path,
      headers: {
        ...headers,
        ...channel.authenticate({ method, host: node.hostHeader, path, headers, body }, node.credentials),
      },
    })
    this.#requests.add(request)
    request.on('close', () => this.#requests.delete(request))
    const readTimeoutMs = options.readTimeoutMs ?? this.#options.readTimeoutMs
    // 0 means no timeout, for both.
    request.setTimeout(readTimeoutMs, () => {
      request.destroy(new LateError(`No answer within ${readTimeoutMs} ms (read.timeout.ms)`))
    })
    limitConnecting(request, this.#options.connectTimeoutMs)
    request.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      reject(isStale ? new StaleConnectionError(error.message, { cause: error }) : error)
    })
    request.on('response', (response) => {
      readAnswer(response, this.#options.mostAnswerBytes ?? MOST_ANSWER_BYTES).then((answer) => {
        // An answer before the request was read whole (413): the rest of the body must not be taken for a request.
        if (!request.writableFinished) request.destroy()
        resolve(answer)
      }, reject)
    })
    request.end(body)
    return promise
  }

  #headers(options: ClientRequestOptions, body: Buffer | undefined): Record<string, string | number> {
    const headers: Record<string, string | number> = { accept: 'application/json' }
    if (this.#options.isCompressed) headers['accept-encoding'] = 'gzip'
    if (body !== undefined) {
      headers['content-type'] = options.contentType ?? 'application/json'
      headers['content-length'] = body.length
      if (this.#options.isCompressed) headers['content-encoding'] = 'gzip'
    }
    return headers
  }
}

class StaleConnectionError extends Error {}

/** The cause of a failure where the server may be there, and was not heard of in time. */
export class LateError extends Error {}

/** What all requests of a client share. */
interface Channel {
  readonly authenticate: AuthenticationHeaders
  readonly http: HttpAgent
  readonly https: { readonly agent: HttpAgent; readonly request: typeof httpRequest } | null
}

async function openChannel(options: ClientOptions): Promise<Channel> {
  for (const { host } of options.nodes) requireAllowedHost(host)
  // Agents find the address of a proxy by themselves.
  if (options.proxy !== null) requireListedHost(URL.parse(options.proxy)?.hostname)
  const shape = {
    keepAlive: true,
    lookup: guardedLookup,
    noDelay: true,
    maxSockets: options.maxConnections,
    scheduling: 'lifo',
    ...(options.idleTimeoutMs > 0 && { timeout: options.idleTimeoutMs }),
    // Nothing else of the environment counts: a proxy there may be meant for other things.
    ...(options.proxy !== null && { proxyEnv: { HTTP_PROXY: options.proxy, HTTPS_PROXY: options.proxy } }),
  } as const
  const http = new Agent(shape)
  const authenticate = await authenticationHeaders(options.authentication)
  if (!options.nodes.some((node) => node.protocol === 'https:')) return { authenticate, http, https: null }
  const [https, tls] = await Promise.all([import('node:https'), import('node:tls')])
  // The authorities of the system beside those that Node brings along: where a company keeps its own.
  const usual = () => [...tls.getCACertificates('default'), ...tls.getCACertificates('system')]
  const agent = new https.Agent({
    ...shape,
    ...options.tls,
    ca: options.tls?.ca ?? usual(),
    ...(!options.isHostNameVerified && { checkServerIdentity: () => undefined }),
  })
  return { authenticate, http, https: { agent, request: https.request } }
}

function limitConnecting(request: ClientRequest, timeoutMs: number): void {
  if (timeoutMs <= 0) return
  request.on('socket', (socket) => {
    if (!socket.connecting) return
    const timer = setTimeout(() => {
      request.destroy(new LateError(`No connection within ${timeoutMs} ms (connection.timeout.ms)`))
    }, timeoutMs)
    const stop = () => clearTimeout(timer)
    socket.once('connect', stop)
    socket.once('close', stop)
  })
}

async function readAnswer(response: IncomingMessage, mostBytes: number): Promise<Answer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response) {
    length += (chunk as Buffer).length
    // Leaving the loop ends the connection.
    if (length > mostBytes) throw tooLarge(mostBytes)
    chunks.push(chunk as Buffer)
  }
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
  const isPacked = response.headers['content-encoding'] === 'gzip'
  return { status: response.statusCode ?? 0, bytes: isPacked ? await unpacked(bytes, mostBytes) : bytes }
}

async function unpacked(bytes: Buffer, mostBytes: number): Promise<Buffer> {
  try {
    return await gunzipAsync(bytes, { maxOutputLength: mostBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(mostBytes)
    throw error
  }
}

function tooLarge(mostBytes: number): Error {
  return new Error(`The answer is larger than ${mostBytes} bytes`)
}
