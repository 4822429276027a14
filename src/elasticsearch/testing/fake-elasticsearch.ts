import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeDocument {
  readonly version: number
  readonly source: Record<string, unknown>
}

export interface FakeItem {
  readonly operation: string
  readonly index: string
  readonly id: string
  readonly action: Readonly<Record<string, unknown>>
  readonly source: Record<string, unknown> | null
}

export interface FakeError {
  readonly status: number
  readonly type: string
  readonly reason?: string
  readonly causedBy?: { readonly type: string; readonly reason: string }
}

/** What happens to a bulk request in place of being done. */
export type Fault =
  | { readonly kind: 'answer'; readonly error: FakeError }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' }
  | { readonly kind: 'truncated' }
  /** Holds the answer until the promise resolves, then does it. */
  | { readonly kind: 'wait'; readonly until: Promise<unknown> }

/** As much of Elasticsearch as the sink uses, with faults on demand. Real servers are tested in `*.es.test.ts`. */
export class FakeElasticsearch {
  readonly aliases = new Set<string>()
  readonly indices = new Map<string, Map<string, FakeDocument>>()
  readonly mappings = new Map<string, object>()
  /** The items of each bulk request, in the order of arrival. */
  readonly bulks: (readonly FakeItem[])[] = []
  readonly requests: string[] = []
  /** Of bulk requests. */
  readonly queries: string[] = []
  /** With which indices were created. */
  readonly bodies = new Map<string, object>()
  readonly headers: IncomingMessage['headers'][] = []
  inFlight = 0
  mostInFlight = 0
  /** A fault for a whole request; `bulk` counts from 0. */
  faultOf: (bulk: number, items: readonly FakeItem[]) => Fault | null = () => null
  /** An error for one item. */
  errorOf: (item: FakeItem, bulk: number) => FakeError | null = () => null
  /** An error for anything that is no bulk request. */
  refusalOf: (method: string, path: string) => FakeError | null = () => null
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<FakeElasticsearch> {
    const server = createServer()
    const fake = new FakeElasticsearch(server)
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => void fake.#handle(request, response, Buffer.concat(chunks)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  documents(index: string): Record<string, Record<string, unknown>> {
    return Object.fromEntries([...(this.indices.get(index) ?? [])].map(([id, { source }]) => [id, source]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #handle(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const { method = '', url = '' } = request
    const [path, query] = url.split('?') as [string, string?]
    this.requests.push(`${method} ${path}`)
    this.headers.push(request.headers)
    if (path === '/_bulk') {
      this.queries.push(query ?? '')
      this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight)
      await this.#bulk(request, response, body)
      this.inFlight--
      return
    }
    const refusal = this.refusalOf(method, path)
    if (refusal !== null) return answer(response, refusal.status, errorBody(refusal))
    if (path === '/') return answer(response, 200, { version: { number: '8.7.1' } })
    const [, index = '', operation] = path
      .replace(/^\/_data_stream/, '')
      .split('/')
      .map(decodeURIComponent)
    if (operation === '_mapping') {
      if (method === 'PUT') this.mappings.set(index, JSON.parse(body.toString()) as object)
      return answer(response, 200, { [index]: { mappings: this.mappings.get(index) ?? {} } })
    }
    if (method === 'HEAD') {
      const isThere = index === '_alias' ? this.aliases.has(operation ?? '') : this.indices.has(index)
      return answer(response, isThere ? 200 : 404, null)
    }
    if (this.indices.has(index)) {
      return answer(response, 400, errorBody({ status: 400, type: 'resource_already_exists_exception' }))
    }
    this.indices.set(index, new Map())
    if (body.length > 0) this.bodies.set(index, JSON.parse(body.toString()) as object)
    answer(response, 200, { acknowledged: true })
  }

  async #bulk(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const items = parseItems(body.toString())
    const number = this.bulks.push(items) - 1
    const fault = this.faultOf(number, items)
    switch (fault?.kind) {
      case 'answer':
        return answer(response, fault.error.status, errorBody(fault.error))
      case 'reset':
        request.socket.resetAndDestroy()
        return
      case 'hang':
        return
      case 'truncated':
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end('{"errors":false,"items":[{"index":{"sta')
        return
      case 'wait':
        await fault.until
        break
      case undefined:
        break
    }
    const results = items.map((item) => ({ [item.operation]: this.#apply(item, number) }))
    const errors = results.some((result) => Object.values(result).some((outcome) => 'error' in outcome))
    answer(response, 200, { errors, items: results })
  }

  #apply(item: FakeItem, bulk: number): object {
    const error = this.errorOf(item, bulk)
    if (error !== null) return { status: error.status, error: describe(error) }
    let documents = this.indices.get(item.index)
    if (documents === undefined) this.indices.set(item.index, (documents = new Map<string, FakeDocument>()))
    const present = documents.get(item.id)
    const given = item.action['version'] as number | undefined
    if (given !== undefined && present !== undefined && present.version >= given) {
      return { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'newer' } }
    }
    if (item.operation === 'create' && present !== undefined) {
      return { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'document exists' } }
    }
    const version = given ?? (present?.version ?? 0) + 1
    if (item.operation === 'delete') {
      documents.delete(item.id)
      return { status: present === undefined ? 404 : 200 }
    }
    const { source } = item
    const merged =
      item.operation === 'update' ? { ...present?.source, ...(source?.['doc'] as object) } : source!
    documents.set(item.id, { version, source: merged })
    return { status: present === undefined ? 201 : 200 }
  }
}

function parseItems(text: string): FakeItem[] {
  const lines = text.split('\n')
  const items: FakeItem[] = []
  for (let i = 0; i < lines.length - 1;) {
    const [operation, action] = Object.entries(
      JSON.parse(lines[i++]!) as Record<string, Record<string, unknown>>,
    )[0]!
    const source = operation === 'delete' ? null : (JSON.parse(lines[i++]!) as Record<string, unknown>)
    const id = (action['_id'] as string | undefined) ?? `generated-${Math.random()}`
    items.push({ operation, index: action['_index'] as string, id, action, source })
  }
  return items
}

function describe({ type, reason = 'because', causedBy }: FakeError): object {
  return { type, reason, ...(causedBy !== undefined && { caused_by: causedBy }) }
}

function errorBody(error: FakeError): object {
  return { error: describe(error), status: error.status }
}

function answer(response: ServerResponse, status: number, body: object | null): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(body === null ? undefined : JSON.stringify(body))
}
