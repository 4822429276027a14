import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { parseJson } from '../../api/json/json-text.ts'
import { OPEN_ACCESS, type RestAccess } from '../access/rest-access.ts'
import { RestServer } from '../rest-server.ts'
import { FakeHerder } from './fake-herder.ts'

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Null where there is no JSON. */
  readonly json: unknown
}

export interface Call {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  readonly raw?: string | Buffer
}

/** A server over a fake herder on a free port, and calls over real sockets. */
export class RestClient implements AsyncDisposable {
  readonly herder = new FakeHerder()
  /** What the server logged, the message first. */
  readonly logged: string[] = []
  readonly logger = { level: 'info', debug() {}, info() {}, warn() {}, error: this.#log.bind(this) }
  readonly #server: RestServer
  #port = 0

  private constructor(operationTimeoutMs: number, access: RestAccess) {
    this.#server = new RestServer({ herder: this.herder, logger: this.logger, operationTimeoutMs, access })
  }

  static async start(operationTimeoutMs = 60_000, access: RestAccess = OPEN_ACCESS): Promise<RestClient> {
    const client = new RestClient(operationTimeoutMs, access)
    client.#port = await client.#server.listen({ port: 0 })
    return client
  }

  get port(): number {
    return this.#port
  }

  call(method: string, path: string, { headers = {}, json, raw }: Call = {}): Promise<RawAnswer> {
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json))
    const contentType = body === undefined ? {} : { 'content-type': 'application/json' }
    const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>()
    const request = httpRequest(
      { port: this.#port, host: '127.0.0.1', method, path, headers: { ...contentType, ...headers } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const isJson = response.headers['content-type'] === 'application/json' && text !== ''
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: isJson ? parseJson(text) : null,
          })
        })
        response.on('error', reject)
      },
    )
    request.on('error', reject)
    request.end(body)
    return promise
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.close()
  }

  #log(fields: object, message: string): void {
    this.logged.push(`${message} ${JSON.stringify(fields)}`)
  }
}
