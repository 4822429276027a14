import { gauges, LATENCY_BUCKETS, type Metrics } from '../../api/metrics.ts'
import type { SourceTaskContext } from '../../api/source-task.ts'
import type { ChangePosition } from '../envelope/change-position.ts'
import type { LeftOutChanges } from '../envelope/left-out-changes.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import { LagStatistics } from './lag-statistics.ts'

const GAUGES = {
  Connected: '1 while the task streams',
  MilliSecondsBehindSource: 'How long after its commit the last change was processed',
  TotalNumberOfEventsSeen: 'Changes seen',
  TotalNumberOfCreateEventsSeen: 'Inserts seen',
  TotalNumberOfUpdateEventsSeen: 'Updates seen',
  TotalNumberOfDeleteEventsSeen: 'Deletes seen',
  TotalNumberOfLogicalMessageEventsSeen: 'Logical messages seen',
  TotalNumberOfReadEventsSeen: 'Rows read: they are counted with the snapshot',
  NumberOfEventsFiltered: 'Changes of tables that are not captured',
  NumberOfErroneousEvents: 'Changes of which no record could be made, and that were left out',
  NumberOfUnchangedEventsSkipped: 'Updates that changed nothing, and were left out',
  NumberOfCommittedTransactions: 'Transactions seen',
  SourceEventPosition: 'LSN of the last change',
  LastTransactionId: 'Transaction of the last change',
  CurrentQueueSizeInBytes: 'Size of the batch that was last handed over',
  MaxQueueSizeInBytes: 'Size at which a batch is handed over and reading waits',
} as const

/** Not there with `statistics.metrics.enabled=false`. */
const LAG_GAUGES = {
  MilliSecondsBehindSourceMinValue: 'The least of MilliSecondsBehindSource in this run',
  MilliSecondsBehindSourceMaxValue: 'The most of it in this run',
  MilliSecondsBehindSourceAverageValue: 'The average of it in this run, over batches',
  MilliSecondsBehindSourceP50: 'Half of it in this run was less, over batches',
  MilliSecondsBehindSourceP95: '95 % of it in this run was less, over batches',
  MilliSecondsBehindSourceP99: '99 % of it in this run was less, over batches',
} as const

const QUANTILES = [0.5, 0.95, 0.99] as const

type Gauge = keyof typeof GAUGES | 'MilliSecondsSinceLastEvent'

/** Counted for each change, reported with each batch: what Debezium's metrics of streaming say. */
export class StreamMeter {
  readonly #metrics: Metrics<Gauge>
  /** Null: they are not wanted. */
  readonly #lagMetrics: Metrics<keyof typeof LAG_GAUGES> | null
  readonly #latency: Metrics<'commit_to_log_seconds'>
  readonly #position: ChangePosition
  readonly #leftOut: LeftOutChanges
  /** The last commit that is in topics. */
  #durableUs = 0n
  #creates = 0
  #updates = 0
  #deletes = 0
  #truncates = 0
  #messages = 0
  /** Of transactions, where they have records. */
  #begins = 0
  #filtered = 0
  #transactions = 0
  #reported = 0
  readonly #lag = new LagStatistics()

  constructor({
    context,
    options,
    position,
    leftOut,
  }: {
    readonly context: Pick<SourceTaskContext, 'metrics' | 'connectorName'>
    readonly options: Pick<PostgresOptions, 'topicPrefix' | 'hasLagStatistics'>
    readonly position: ChangePosition
    readonly leftOut: LeftOutChanges
  }) {
    this.#position = position
    this.#leftOut = leftOut
    const group = {
      prefix: 'debezium_metrics_',
      labels: { plugin: 'postgres', name: options.topicPrefix, context: 'streaming' },
    }
    this.#metrics = context.metrics({
      ...group,
      metrics: {
        ...gauges(GAUGES),
        MilliSecondsSinceLastEvent: { type: 'gauge', help: 'How long ago a change came', shownAs: 'age' },
      },
    })
    this.#lagMetrics = options.hasLagStatistics
      ? context.metrics({ ...group, metrics: gauges(LAG_GAUGES) })
      : null
    this.#latency = context.metrics({
      prefix: 'tailrace_postgres_',
      labels: { connector: context.connectorName },
      metrics: {
        commit_to_log_seconds: {
          type: 'histogram',
          help: 'From a commit in PostgreSQL until its changes are durable in topics',
          buckets: LATENCY_BUCKETS,
        },
      },
    })
  }

  /** All changes of this run. */
  get changes(): number {
    return this.#events + this.#begins
  }

  get #events(): number {
    return this.#creates + this.#updates + this.#deletes + this.#truncates + this.#messages
  }

  /** Streams from here on: what was committed until then is in topics. */
  begin(commitTimeUs: bigint): void {
    if (commitTimeUs > this.#durableUs) this.#durableUs = commitTimeUs
  }

  /** Changes of a commit at this time are in topics now. By the clocks of two machines, where there are two. */
  durable(commitTimeUs: bigint): void {
    if (commitTimeUs <= this.#durableUs) return
    this.#durableUs = commitTimeUs
    const seconds = (Date.now() - Number(commitTimeUs) / 1000) / 1000
    this.#latency.observe('commit_to_log_seconds', Math.max(0, seconds))
  }

  connected(isConnected: boolean): void {
    this.#metrics.set('Connected', isConnected ? 1 : 0)
  }

  changed(messageType: string): void {
    if (messageType === 'INSERT') this.#creates++
    else if (messageType === 'UPDATE') this.#updates++
    else if (messageType === 'DELETE') this.#deletes++
    else if (messageType === 'TRUNCATE') this.#truncates++
    else if (messageType === 'MESSAGE') this.#messages++
    else this.#begins++
  }

  filtered(): void {
    this.#filtered++
  }

  committed(): void {
    this.#transactions++
  }

  /** A batch is handed over. */
  report(batchBytes: number, maxBytes: number): void {
    const metrics = this.#metrics
    metrics.set('NumberOfEventsFiltered', this.#filtered)
    metrics.set('NumberOfErroneousEvents', this.#leftOut.erroneousChanges)
    metrics.set('NumberOfUnchangedEventsSkipped', this.#leftOut.unchanged)
    metrics.set('NumberOfCommittedTransactions', this.#transactions)
    metrics.set('MaxQueueSizeInBytes', maxBytes)
    const total = this.changes
    if (total === this.#reported) return
    this.#reported = total
    const { lsn, txId, sourceTimeUs, processedTimeUs } = this.#position
    metrics.set('CurrentQueueSizeInBytes', batchBytes)
    metrics.set('TotalNumberOfEventsSeen', this.#events)
    metrics.set('TotalNumberOfCreateEventsSeen', this.#creates)
    metrics.set('TotalNumberOfUpdateEventsSeen', this.#updates)
    metrics.set('TotalNumberOfDeleteEventsSeen', this.#deletes)
    metrics.set('TotalNumberOfLogicalMessageEventsSeen', this.#messages)
    metrics.set('SourceEventPosition', Number(lsn))
    metrics.set('LastTransactionId', txId)
    this.#reportLag(Number(processedTimeUs - sourceTimeUs) / 1000)
    metrics.set('MilliSecondsSinceLastEvent', Date.now())
  }

  #reportLag(lagMs: number): void {
    this.#metrics.set('MilliSecondsBehindSource', lagMs)
    const metrics = this.#lagMetrics
    if (metrics === null) return
    const lag = this.#lag
    lag.add(lagMs)
    metrics.set('MilliSecondsBehindSourceMinValue', lag.leastMs)
    metrics.set('MilliSecondsBehindSourceMaxValue', lag.mostMs)
    metrics.set('MilliSecondsBehindSourceAverageValue', lag.averageMs)
    const [half, most, nearlyAll] = lag.quantilesMs(QUANTILES)
    metrics.set('MilliSecondsBehindSourceP50', half!)
    metrics.set('MilliSecondsBehindSourceP95', most!)
    metrics.set('MilliSecondsBehindSourceP99', nearlyAll!)
  }
}
