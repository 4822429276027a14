import type { Metrics } from '../api/metrics.ts'
import type { SinkTaskContext } from '../api/sink-task.ts'

/** How long records took from their topic into the index. */
export class IndexingDelays {
  readonly #metrics: Metrics<'indexed_requests' | 'indexed_delay_ms_total'>

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
      },
    })
  }

  /** @param oldestMs when the oldest record of a request was written */
  stored(oldestMs: number): void {
    if (!Number.isFinite(oldestMs)) return
    this.#metrics.add('indexed_requests')
    this.#metrics.add('indexed_delay_ms_total', Math.max(0, Date.now() - oldestMs))
  }
}
