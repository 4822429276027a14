import { LATENCY_BUCKETS, type Metrics } from '../../api/metrics.ts'
import type { SinkTaskContext } from '../../api/sink-task.ts'

/** How long records took from their topic into the index. */
export class IndexingDelays {
  readonly #metrics: Metrics<'indexed_requests' | 'indexed_delay_ms_total' | 'indexed_delay_seconds'>

  constructor(context: Pick<SinkTaskContext, 'connectorName' | 'taskId' | 'metrics'>) {
    this.#metrics = context.metrics({
      prefix: 'tailrace_elasticsearch_',
      labels: { connector: context.connectorName, task: String(context.taskId) },
      metrics: {
        indexed_requests: { type: 'counter', help: 'Bulk requests that were answered in full' },
        indexed_delay_ms_total: {
          type: 'counter',
          help: 'For each of them, the time from the oldest record in its topic to the answer, added up',
        },
        indexed_delay_seconds: {
          type: 'histogram',
          help: 'From the oldest record of a request in its topic until all of the request is answered',
          buckets: LATENCY_BUCKETS,
        },
      },
    })
  }

  /** @param oldestMs when the oldest record of a request was written */
  stored(oldestMs: number): void {
    if (!Number.isFinite(oldestMs)) return
    this.#metrics.add('indexed_requests')
    const delayMs = Math.max(0, Date.now() - oldestMs)
    this.#metrics.add('indexed_delay_ms_total', delayMs)
    this.#metrics.observe('indexed_delay_seconds', delayMs / 1000)
  }
}
