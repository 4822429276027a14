import type { IncomingMessage, ServerResponse } from 'node:http'
import { writeJson } from '../json/raw-json.ts'
import { filterPaths } from '../json/path-filter.ts'
import { writePrettyJson } from '../json/pretty-json.ts'
import { PlainError, SearchError } from '../search-error.ts'
import { ApiRequest, type Answer } from './api-request.ts'
import { negotiateMediaType } from './media-type.ts'
import { Parameters } from './parameters.ts'
import { readBody } from './request-body.ts'
import type { Router } from './router.ts'

export type HttpListener = (request: IncomingMessage, response: ServerResponse) => void

export interface HttpListenerOptions {
  readonly router: Router
  /** Aborted when the node closes. */
  readonly closing: AbortSignal
  /** Told of what no client caused; the answer is a 500 without the inside of it. */
  readonly onInternalError: (error: unknown) => void
}

/** Answers every request of the node's HTTP server. */
export function createHttpListener(options: HttpListenerOptions): HttpListener {
  return (request, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const signal = AbortSignal.any([gone.signal, options.closing])
    // `exchange` answers every error itself; what is left is a socket that went away while it was written to.
    exchange(request, response, { ...options, signal }).catch(() => response.destroy())
  }
}

async function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpListenerOptions & { signal: AbortSignal },
): Promise<void> {
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const parameters = new Parameters(path, mark < 0 ? '' : url.slice(mark + 1))
  const method = request.method ?? 'GET'
  let contentType = 'application/json'
  let answer: Answer
  let headers: Readonly<Record<string, string>> = {}
  try {
    const body = await readBody(request)
    const { 'content-type': sent = '', accept = '' } = request.headers
    contentType = negotiateMediaType(sent, accept, body.length > 0)
    const { endpoint, pathValues } = options.router.find(method, path)
    parameters.refuseUnknown(endpoint.parameters)
    answer = await endpoint.handle(
      new ApiRequest({ method, path, pathValues, parameters, body, signal: options.signal }),
    )
  } catch (error) {
    answer = refusal(error, options)
    if (error instanceof PlainError) headers = error.headers
  }
  // A body that was refused half-way is still being sent; the connection cannot be used again.
  if (!request.complete) response.setHeader('connection', 'close')
  write(response, { method, parameters, answer, contentType: answer.contentType ?? contentType, headers })
}

function refusal(
  error: unknown,
  { onInternalError, signal }: HttpListenerOptions & { signal: AbortSignal },
): Answer {
  if (error instanceof SearchError) return { status: error.status, body: error.body() }
  // Whoever asked is gone, or the node is closing: the error is only what that looks like from inside.
  if (!signal.aborted) onInternalError(error)
  const reason = error instanceof Error ? error.message : String(error)
  return { status: 500, body: new SearchError(500, 'exception', reason).body() }
}

interface Written {
  readonly method: string
  readonly parameters: Parameters
  readonly answer: Answer
  readonly contentType: string
  readonly headers: Readonly<Record<string, string>>
}

function write(
  response: ServerResponse,
  { method, parameters, answer, contentType, headers }: Written,
): void {
  if (response.destroyed) return
  const text = typeof answer.body === 'string' ? answer.body : writeBody(answer.body, parameters)
  const bytes = Buffer.from(text)
  response.writeHead(answer.status, {
    ...headers,
    // The official clients refuse to talk to a server that does not send it.
    'x-elastic-product': 'Elasticsearch',
    'content-type': contentType,
    'content-length': bytes.length,
  })
  response.end(method === 'HEAD' ? undefined : bytes)
}

function writeBody(body: unknown, parameters: Parameters): string {
  const paths = parameters.list('filter_path') ?? []
  const excludes = paths.filter((path) => path.startsWith('-')).map((path) => path.slice(1))
  const includes = paths.filter((path) => !path.startsWith('-'))
  const filtered = paths.length === 0 ? body : filterPaths(body, includes, excludes)
  const pretty = parameters.text('pretty')
  return pretty === undefined || pretty === 'false' ? writeJson(filtered) : `${writePrettyJson(filtered)}\n`
}
