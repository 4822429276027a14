import { randomBytes } from 'node:crypto'
import type { ReportedSpan, SpanContext } from '../../api/tracing.ts'

/** A span as it crosses threads: plain data. */
export type SpanRecord = ReportedSpan & { readonly context: SpanContext }

/** Spans of one thread. Where nobody looks at traces there is none, and nothing is done for them. */
export class Tracer {
  readonly #share: number
  readonly #emit: (span: SpanRecord) => void

  /** @param share of all traces, from 0 to 1, that are kept */
  constructor(share: number, emit: (span: SpanRecord) => void) {
    this.#share = share
    this.#emit = emit
  }

  /** For what has to be known while the span is under way. Null: its trace is not among those that are kept. */
  begin(parent: SpanContext | null): SpanContext | null {
    const context = { traceId: parent?.traceId ?? randomId(16), spanId: randomId(8) }
    return parent !== null || this.keeps(context) ? context : null
  }

  /** Everybody who looks at the same trace decides the same. */
  keeps({ traceId }: SpanContext): boolean {
    return Number.parseInt(traceId.slice(-13), 16) < this.#share * 2 ** 52
  }

  end(context: SpanContext, span: ReportedSpan): void {
    this.#emit({ ...span, context })
  }

  report(span: ReportedSpan): void {
    const context = this.begin(span.parent)
    if (context !== null) this.end(context, span)
  }
}

/** Milliseconds since 1970, as exact as they are measured; follows the clock when that is set. */
export function nowMs(): number {
  const measured = performance.timeOrigin + performance.now() + driftMs
  const clock = Date.now()
  if (Math.abs(clock - measured) < MOST_DRIFT_MS) return measured
  driftMs += clock - measured
  return clock
}

const MOST_DRIFT_MS = 5
let driftMs = 0

function randomId(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
