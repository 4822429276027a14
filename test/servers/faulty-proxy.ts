import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { bulkOperations } from './bulk-operations.ts'

/** What becomes of one request. */
export type SearchFault =
  /** Answered by somebody before Elasticsearch, who does not take it. */
  | { readonly kind: 'refused'; readonly status: 429 | 502 | 503 | 504 }
  /** The connection ends in the middle of the request. */
  | { readonly kind: 'cut request' }
  /** Done, and the connection ends before, or in the middle of, the answer. */
  | { readonly kind: 'lost answer' }
  | { readonly kind: 'cut answer' }
  /** Done, and the answer is whole for HTTP but half a JSON text. */
  | { readonly kind: 'truncated JSON' }
  /** Done, and answered as late. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Of a bulk request every other item is done, the rest rejected one by one. */
  | { readonly kind: 'some rejected' }

/** Between a sink and its Elasticsearch. */
export interface FaultyProxy extends AsyncDisposable {
  readonly url: string
  /** Requests that had each kind of fault. */
  readonly counts: ReadonlyMap<string, number>
  /** Null: the request passes. */
  faultOf: (isBulk: boolean) => SearchFault | null
  /** While true nobody answers at all: connections end. */
  isAway: boolean
}

export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const counts = new Map<string, number>()
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    if (proxy.isAway) return void request.socket.resetAndDestroy()
    // The answer to HEAD has nothing to lose.
    const fault = request.method === 'HEAD' ? null : proxy.faultOf(request.url!.startsWith('/_bulk'))
    if (fault !== null) counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1)
    // A server that is down is a proxy that cuts.
    handle(target, fault, [request, response]).catch(() => request.socket.resetAndDestroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    faultOf: () => null,
    isAway: false,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return proxy
}

async function handle(
  target: string,
  fault: SearchFault | null,
  [request, response]: readonly [IncomingMessage, ServerResponse],
): Promise<void> {
  if (fault?.kind === 'cut request') {
    await once(request, 'data')
    request.socket.resetAndDestroy()
    return
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  if (fault?.kind === 'refused') {
    const isJson = fault.status === 429 || fault.status === 503
    const text = isJson ? JSON.stringify({ error: { type: 'es_rejected_execution_exception', reason: 'busy' }, status: fault.status }) : '<html>Bad gateway</html>' // prettier-ignore
    response.writeHead(fault.status, { 'content-type': isJson ? 'application/json' : 'text/html' }).end(text)
    return
  }
  if (fault?.kind === 'some rejected') return rejectSome(target, body, [request, response])
  const answer = await forward(target, request, body)
  const half = answer.text.slice(0, answer.text.length >> 1)
  const headers = { 'content-type': 'application/json' }
  switch (fault?.kind) {
    case 'lost answer':
      request.socket.resetAndDestroy()
      return
    case 'cut answer':
      response.writeHead(answer.status, { ...headers, 'content-length': Buffer.byteLength(answer.text) })
      response.write(half, () => request.socket.resetAndDestroy())
      return
    case 'truncated JSON':
      response.writeHead(answer.status, headers).end(half)
      return
    case 'slow':
      await delay(fault.ms)
      break
    case undefined:
      break
  }
  response.writeHead(answer.status, headers).end(request.method === 'HEAD' ? undefined : answer.text)
}

/** Takes every other item. */
async function rejectSome(
  target: string,
  body: Buffer,
  [request, response]: readonly [IncomingMessage, ServerResponse],
): Promise<void> {
  const operations = bulkOperations(body.toString())
  const taken = operations.filter((_, i) => i % 2 === 0)
  const text = taken.map(({ lines }) => `${lines.join('\n')}\n`).join('')
  const answer = await forward(target, request, Buffer.from(text))
  const { items } = JSON.parse(answer.text) as { items: object[] }
  const rejected = { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'queue' } }
  const all = operations.map(({ action }, i) => (i % 2 === 0 ? items[i / 2] : { [action]: rejected }))
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ errors: true, items: all }))
}

async function forward(
  target: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
): Promise<{ readonly status: number; readonly text: string }> {
  const request = httpRequest(target + url!, {
    method: method!,
    agent: false,
    headers: { 'content-type': headers['content-type'] ?? 'application/json', 'content-length': body.length },
  })
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string
  return { status: response.statusCode!, text }
}
