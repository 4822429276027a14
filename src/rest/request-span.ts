import type { IncomingHttpHeaders } from 'node:http'
import type { SpanContext } from '../api/tracing.ts'
import { nowMs, type Tracer } from '../connect/tracing/tracer.ts'

/** One request as traces show it. */
export class RequestSpan {
  /** Null: it is not among those that are traced. */
  readonly context: SpanContext | null
  readonly #tracer: Tracer
  readonly #parent: SpanContext | null
  readonly #method: string
  readonly #startMs = nowMs()
  #route: string | null = null

  constructor(tracer: Tracer, method: string, headers: IncomingHttpHeaders) {
    this.#tracer = tracer
    this.#method = method
    const caller = callerOf(headers['traceparent'])
    this.#parent = caller?.context ?? null
    this.context = caller?.isSampled === false ? null : tracer.begin(this.#parent)
  }

  /** For those who are asked on behalf of it. */
  get traceparent(): string | null {
    return this.context === null ? null : `00-${this.context.traceId}-${this.context.spanId}-01`
  }

  /** @param path as its endpoint has it, its parameters with a name only */
  routed(path: string): void {
    if (!UNINTERESTING.test(path)) this.#route = path.replaceAll('/#', '/:')
  }

  ended(status: number): void {
    const route = this.#route
    if (this.context === null || route === null) return
    this.#tracer.end(this.context, {
      name: `${this.#method} ${route}`,
      kind: 'server',
      parent: this.#parent,
      startMs: this.#startMs,
      endMs: nowMs(),
      attributes: {
        'http.request.method': this.#method,
        'http.route': route,
        'http.response.status_code': status,
      },
      error: status >= 500 ? `HTTP ${status}` : null,
    })
  }
}

/** Asked again and again by those who watch over the worker, or files. */
const UNINTERESTING = /^\/(?:health|metrics|console|docs)(?:\/|$)/

/** W3C Trace Context: `00-TRACE-SPAN-FLAGS`. */
function callerOf(
  header: string | readonly string[] | undefined,
): { readonly context: SpanContext; readonly isSampled: boolean } | null {
  const match = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/.exec(String(header ?? ''))
  if (match === null) return null
  const [, traceId = '', spanId = '', flags = ''] = match
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null
  return { context: { traceId, spanId }, isSampled: (Number.parseInt(flags, 16) & 1) === 1 }
}
