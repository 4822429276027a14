import { hostname } from 'node:os'
import { SpanKind as OtelKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { TaskLogger } from '../../api/source-task.ts'
import type { SpanContext, SpanKind } from '../../api/tracing.ts'
import type { SpanRecord } from './tracer.ts'
import type { TracingSettings } from './tracing-settings.ts'

/** A collector that does not answer shall not hold up the end of the worker. */
const CLOSE_TIMEOUT_MS = 2_000

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
}

/**
 * Sends spans to an OpenTelemetry collector. Loaded where somebody asked for traces only, and in the main thread only: the
 * libraries take 20 MB and half a second.
 */
export class SpanExport {
  readonly #processor: BatchSpanProcessor
  readonly #common: Pick<ReadableSpan, 'resource' | 'instrumentationScope'>

  constructor(
    { url, headers, serviceName }: TracingSettings,
    { version, logger }: { readonly version: string; readonly logger: TaskLogger },
  ) {
    const exporter = new OTLPTraceExporter({
      ...(url === null ? {} : { url }),
      ...(headers === null ? {} : { headers }),
    })
    // What the library takes from the environment (OTEL_BSP_…, certificates, compression, deadlines) it takes here.
    this.#processor = new BatchSpanProcessor(telling(exporter, logger))
    const own = resourceFromAttributes({
      'service.name': 'tailrace',
      'service.version': version,
      'host.name': hostname(),
      'process.pid': process.pid,
    })
    const named = resourceFromAttributes(serviceName === null ? {} : { 'service.name': serviceName })
    const fromEnvironment = detectResources({ detectors: [envDetector] })
    this.#common = {
      resource: defaultResource().merge(own).merge(fromEnvironment).merge(named),
      instrumentationScope: { name: 'tailrace', version },
    }
  }

  add(span: SpanRecord): void {
    this.#processor.onEnd({ ...this.#common, ...readable(span) })
  }

  /** Sends what there is, unless that takes long. */
  async close(): Promise<void> {
    const late = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => late.resolve(undefined), CLOSE_TIMEOUT_MS)
    await Promise.race([this.#processor.shutdown().catch(() => {}), late.promise])
    clearTimeout(timer)
  }
}

/** Says once that spans do not arrive, and once that they do again. */
function telling(exporter: SpanExporter, logger: TaskLogger): SpanExporter {
  let isFailing = false
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const { error } = result
        const code: number = result.code
        const isTaken = code === 0
        if (!isTaken && !isFailing)
          logger.warn(
            { error: error?.message },
            'Traces are not taken by the collector; they are lost meanwhile',
          )
        if (isTaken && isFailing) logger.info({}, 'Traces are taken by the collector again')
        isFailing = !isTaken
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
  }
}

function readable(span: SpanRecord): Omit<ReadableSpan, 'resource' | 'instrumentationScope'> {
  const { name, kind = 'internal', context, parent, links = [], startMs, endMs, attributes = {} } = span
  const own = otelContext(context)
  return {
    name,
    kind: KINDS[kind],
    spanContext: () => own,
    ...(parent === null ? {} : { parentSpanContext: otelContext(parent) }),
    startTime: hrTime(startMs),
    endTime: hrTime(endMs),
    duration: hrTime(Math.max(0, endMs - startMs)),
    status:
      span.error == null
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: span.error },
    attributes: attributes as ReadableSpan['attributes'],
    links: links.map((link) => ({ context: otelContext(link) })),
    events: [],
    ended: true,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

function otelContext({ traceId, spanId }: SpanContext): ReturnType<ReadableSpan['spanContext']> {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED }
}

/** Seconds and nanoseconds. */
function hrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1e6) % 1e9]
}
