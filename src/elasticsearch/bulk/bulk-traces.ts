import type { TaskTracing } from '../../api/tracing.ts'
import type { BulkBody } from './bulk-body.ts'
import type { Answer } from '../client/client.ts'
import type { RetryCause } from './request-outcome.ts'

/** As many links as OpenTelemetry keeps by default. */
const MOST_PUTS = 128

/** A span for each bulk request whose items came with a `put` that is traced: part of the first of them, linked to the others. */
export class BulkTraces {
  readonly #tracing: TaskTracing

  constructor(tracing: TaskTracing) {
    this.#tracing = tracing
  }

  nowMs(): number {
    return this.#tracing.nowMs()
  }

  /** Items of the `put` under way go into this body now. */
  from({ puts, count }: BulkBody): void {
    const { current } = this.#tracing
    if (count === 0) puts.length = 0
    if (current !== null && puts.at(-1) !== current && puts.length < MOST_PUTS) puts.push(current)
  }

  answered(body: BulkBody, answer: Answer | RetryCause, startMs: number): void {
    const [parent, ...links] = body.puts
    if (parent === undefined) return
    const failure = 'cause' in answer ? answer.cause : answer.status >= 400 ? `HTTP ${answer.status}` : null
    this.#tracing.report({
      name: 'bulk',
      kind: 'client',
      parent,
      links,
      startMs,
      endMs: this.nowMs(),
      attributes: {
        'db.system.name': 'elasticsearch',
        'db.operation.name': 'bulk',
        'db.operation.batch.size': body.requestCount,
        'tailrace.bytes': body.requestBytes().length,
        'tailrace.oldest_record_age_ms': Math.max(0, Date.now() - body.oldestMs),
        'http.request.resend_count': body.failures,
        ...('cause' in answer ? {} : { 'http.response.status_code': answer.status }),
      },
      error: failure,
    })
  }
}
