import { createServer, type IncomingHttpHeaders } from 'node:http'
import { json } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'

/** A span as OTLP/HTTP has it, its attributes as a plain object. */
export interface CollectedSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly isError: boolean
}

interface OtlpValue {
  readonly stringValue?: string
  readonly intValue?: number | string
  readonly doubleValue?: number
  readonly boolValue?: boolean
  readonly arrayValue?: { readonly values: readonly OtlpValue[] }
}

type OtlpAttributes = readonly { readonly key: string; readonly value: OtlpValue }[]

interface OtlpSpan extends Omit<CollectedSpan, 'attributes' | 'links' | 'startMs' | 'endMs' | 'isError'> {
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: OtlpAttributes
  readonly links?: CollectedSpan['links']
  readonly status?: { readonly code?: number }
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: OtlpAttributes }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

/** Takes what an OpenTelemetry collector takes over HTTP as JSON. */
export class Collector implements AsyncDisposable {
  readonly url: string
  readonly spans: CollectedSpan[] = []
  /** Of the last request. */
  resource: Readonly<Record<string, unknown>> = {}
  headers: IncomingHttpHeaders = {}
  /** All requests as they came. */
  text = ''
  /** What requests are answered with. */
  status = 200
  refused = 0
  readonly #close: () => Promise<void>

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url
    this.#close = close
  }

  static async start(): Promise<Collector> {
    const server = createServer((request, response) => {
      void json(request).then((body) => {
        if (collector.status === 200 && request.url === '/v1/traces') collector.#take(body as OtlpRequest)
        else collector.refused++
        collector.headers = request.headers
        response.writeHead(request.url === '/v1/traces' ? collector.status : 404).end('{}')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const collector = new Collector(`http://127.0.0.1:${port}`, async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return collector
  }

  named(name: string): readonly CollectedSpan[] {
    return this.spans.filter((span) => span.name === name)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close()
  }

  #take(request: OtlpRequest): void {
    this.text += JSON.stringify(request)
    for (const { resource, scopeSpans } of request.resourceSpans) {
      this.resource = plain(resource.attributes)
      for (const { spans } of scopeSpans) this.spans.push(...spans.map(collected))
    }
  }
}

function collected(span: OtlpSpan): CollectedSpan {
  return {
    name: span.name,
    kind: span.kind,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId === '' ? undefined : span.parentSpanId,
    links: span.links ?? [],
    startMs: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
    endMs: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
    attributes: plain(span.attributes),
    isError: span.status?.code === 2,
  }
}

function plain(attributes: OtlpAttributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))
}

function plainValue({ stringValue, intValue, doubleValue, boolValue, arrayValue }: OtlpValue): unknown {
  if (intValue !== undefined) return Number(intValue)
  return stringValue ?? doubleValue ?? boolValue ?? arrayValue?.values.map(plainValue)
}
