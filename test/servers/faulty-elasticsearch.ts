import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { bulkOperations } from './bulk-operations.ts'

/** What is done to the first `first` bulk requests; all others pass. */
export interface ElasticsearchFault {
  /**
   * `item-*`: items are refused, every `every`-th of them (all by default), and the others passed on; `http-*`: the
   * whole request is; `reset`: the connection is; `slow`: held for `delay_ms`, then dropped; `truncated`: half a JSON
   * answer. Nothing of the last four reaches the server.
   */
  readonly mode: 'item-429' | 'item-503' | 'http-429' | 'http-503' | 'reset' | 'slow' | 'truncated'
  readonly first: number
  readonly every?: number
  readonly delay_ms?: number
}

export interface FaultyElasticsearch extends AsyncDisposable {
  readonly url: string
}

const REASONS = {
  429: { type: 'es_rejected_execution_exception', reason: 'rejected execution of operation [simulated]' },
  503: { type: 'unavailable_shards_exception', reason: 'primary shard is not active [simulated]' },
}
/** Headers that count for one connection only, or that are said anew. */
const OWN_HEADERS = new Set(['host', 'content-length', 'connection', 'transfer-encoding', 'keep-alive'])

/** Between a worker and a healthy Elasticsearch, so that a test can have the failures it wants. */
export async function startFaultyElasticsearch(
  target: string,
  fault: ElasticsearchFault,
): Promise<FaultyElasticsearch> {
  let bulks = 0
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void (async () => {
      const body = await bytesOf(request)
      const isBulk = request.url!.split('?')[0]!.endsWith('/_bulk')
      if (isBulk && ++bulks <= fault.first) await fail(fault, target, { request, body, response })
      else answer(response, await passedOn(target, request, body))
    })().catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly body: Buffer
  readonly response: ServerResponse
}

async function fail(
  fault: ElasticsearchFault,
  target: string,
  { request, body, response }: Exchange,
): Promise<void> {
  const headers = { 'x-elastic-product': 'Elasticsearch', 'content-type': contentType(request) }
  switch (fault.mode) {
    case 'reset':
      response.socket!.resetAndDestroy()
      return
    case 'slow':
      await delay(fault.delay_ms ?? 5000)
      response.destroy()
      return
    case 'truncated': {
      const body = Buffer.from('{"took":3,"errors":false,"items":[{"index":{"_index":"x","_id":"1","_ver')
      answer(response, { status: 200, headers, body })
      return
    }
    case 'http-429':
    case 'http-503': {
      const status = fault.mode === 'http-429' ? 429 : 503
      const error = REASONS[status]
      const text = JSON.stringify({ error: { root_cause: [error], ...error }, status })
      answer(response, { status, headers, body: Buffer.from(text) })
      return
    }
    case 'item-429':
    case 'item-503': {
      const operations = bulkOperations(body.toString())
      const { every = 1 } = fault
      const passing = operations.filter((_, index) => (index + 1) % every !== 0)
      const passed = Buffer.from(passing.map(({ lines }) => `${lines.join('\n')}\n`).join(''))
      const good =
        passing.length === 0 ? [] : itemsOf((await passedOn(target, request, passed)).body.toString())
      const status = fault.mode === 'item-429' ? 429 : 503
      const items = operations.map(({ action, meta }, index) =>
        (index + 1) % every === 0
          ? { [action]: { _index: meta['_index'], _id: meta['_id'], status, error: REASONS[status] } }
          : good.shift(),
      )
      const text = JSON.stringify({ took: 1, errors: true, items })
      answer(response, { status: 200, headers, body: Buffer.from(text) })
      return
    }
  }
}

function itemsOf(answer: string): unknown[] {
  return (JSON.parse(answer) as { items: unknown[] }).items
}

/** A client that asked for a certain version's JSON wants it in the answer. */
function contentType({ headers }: IncomingMessage): string {
  const accepted = (headers.accept ?? '').split(',')[0]!.trim()
  return accepted.includes('json') ? accepted : 'application/json'
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

function passedOn(target: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method: method!, headers: { ...ownless(headers), 'content-length': body.length } }
    const outgoing = request(`${target}${url}`, options, (answer) => {
      bytesOf(answer).then((body) => {
        // What a HEAD would have been answered is said by the length alone.
        const length = method === 'HEAD' ? { 'content-length': answer.headers['content-length'] } : {}
        resolve({ status: answer.statusCode!, headers: { ...ownless(answer.headers), ...length }, body })
      }, reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function answer(response: ServerResponse, { status, headers, body }: Answer): void {
  const said = Object.entries(headers).filter(
    (header): header is [string, string | string[]] => header[1] !== undefined,
  )
  response.writeHead(status, { 'content-length': body.length, ...Object.fromEntries(said) })
  response.end(body)
}

function ownless(headers: Answer['headers']): Answer['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name)))
}

async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
