import type { Metrics } from '../../api/metrics.ts'
import type { SinkTaskContext } from '../../api/sink-task.ts'

/** The words are the server's, so nobody but this says how many there are. */
const MOST_CAUSES = 32

/** Requests that were sent again, by cause. */
export class RetryMeter {
  readonly #context: Pick<SinkTaskContext, 'connectorName' | 'taskId' | 'metrics'>
  readonly #byCause = new Map<string, Metrics<'retries_total'>>()

  constructor(context: Pick<SinkTaskContext, 'connectorName' | 'taskId' | 'metrics'>) {
    this.#context = context
  }

  count(cause: string): void {
    const known = this.#byCause.has(cause) || this.#byCause.size < MOST_CAUSES ? cause : 'other'
    let metrics = this.#byCause.get(known)
    if (metrics === undefined) this.#byCause.set(known, (metrics = this.#begin(known)))
    metrics.add('retries_total')
  }

  #begin(cause: string): Metrics<'retries_total'> {
    const { connectorName, taskId } = this.#context
    return this.#context.metrics({
      prefix: 'tailrace_elasticsearch_',
      labels: { connector: connectorName, task: String(taskId), cause },
      metrics: { retries_total: { type: 'counter', help: 'Bulk requests that were sent again, by cause' } },
    })
  }
}
