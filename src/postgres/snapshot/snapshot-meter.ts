import { gauges, type Metrics } from '../../api/metrics.ts'
import type { SourceTaskContext } from '../../api/source-task.ts'
import type { LeftOutChanges } from '../envelope/left-out-changes.ts'
import type { SourceSession } from '../source-session.ts'
import { SnapshotTraces } from './snapshot-traces.ts'
import type { TableCopy } from './table-copy.ts'

const GAUGES = {
  TotalTableCount: 'Tables of the snapshot',
  RemainingTableCount: 'Tables of the snapshot that are not read yet',
  SnapshotRunning: '1 while the snapshot is read',
  SnapshotPaused: '1 while the snapshot is paused',
  SnapshotCompleted: '1 when the snapshot is complete',
  SnapshotAborted: '1 when the snapshot was interrupted',
  SnapshotSkipped: '1 when the task began without a snapshot',
  SnapshotDurationInSeconds: 'How long the snapshot has taken',
  SnapshotPausedDurationInSeconds: 'How long the snapshot was paused',
  TotalNumberOfEventsSeen: 'Rows read',
  TotalNumberOfReadEventsSeen: 'Rows read',
  TotalNumberOfCreateEventsSeen: 'Inserts seen: a snapshot has none',
  TotalNumberOfUpdateEventsSeen: 'Updates seen: a snapshot has none',
  TotalNumberOfDeleteEventsSeen: 'Deletes seen: a snapshot has none',
  TotalNumberOfLogicalMessageEventsSeen: 'Logical messages seen: a snapshot has none',
  NumberOfEventsFiltered: 'Rows left out: of tables that are not captured none is read',
  NumberOfErroneousEvents: 'Rows of which no record could be made, and that were left out',
  CurrentQueueSizeInBytes: 'Size of the batch that was last handed over',
  MaxQueueSizeInBytes: 'Size at which a batch is handed over and reading waits',
  ChunkId: 'Number of the chunk that an incremental snapshot emitted last',
  ChunkFrom: 'The key behind which that chunk begins, where it is one number; 0 at the start of a table',
  ChunkTo: 'The key of its last row, where it is one number',
  TableFrom: 'The key behind which the incremental snapshot of the table began, where it is one number',
  TableTo: 'The last key of the table when its incremental snapshot began, where it is one number',
} as const

const TABLE_GAUGES = {
  RowsScanned: 'Rows read of the table',
  TableChunkCounts: 'Chunks of the table that are to be read',
  TableChunksCompletedCounts: 'Chunks of the table that are read',
} as const

const TABLE_GAUGE_NAMES = Object.keys(TABLE_GAUGES) as (keyof typeof TABLE_GAUGES)[]

export type SnapshotGauge = keyof typeof GAUGES | 'MilliSecondsSinceLastEvent'

/** Log lines about the progress are so far apart. */
const LOG_EVERY_MS = 10_000

/** What Debezium's metrics of the snapshot say, and lines about the progress in the log. */
export class SnapshotMeter {
  readonly #context: SourceTaskContext
  readonly #leftOut: LeftOutChanges
  readonly #labels: Readonly<Record<string, string>>
  readonly #metrics: Metrics<SnapshotGauge>
  readonly #expected: Metrics<'expected_rows'>
  readonly #tables = new Map<string, Metrics<keyof typeof TABLE_GAUGES>>()
  #startedMs = 0
  readonly #traces: SnapshotTraces
  #loggedMs = 0
  #rows = 0
  #expectedRows = 0
  #total = 0
  #remaining = 0

  constructor({ context, options, leftOut }: Pick<SourceSession, 'context' | 'options' | 'leftOut'>) {
    this.#context = context
    this.#leftOut = leftOut
    this.#traces = new SnapshotTraces(context)
    this.#labels = { plugin: 'postgres', name: options.topicPrefix, context: 'snapshot' }
    this.#metrics = context.metrics({
      prefix: 'debezium_metrics_',
      labels: this.#labels,
      metrics: {
        ...gauges(GAUGES),
        MilliSecondsSinceLastEvent: { type: 'gauge', help: 'How long ago rows were read', shownAs: 'age' },
      },
    })
    this.#expected = context.metrics({
      prefix: 'tailrace_postgres_snapshot_',
      labels: { connector: context.connectorName },
      metrics: gauges({ expected_rows: 'Rows of the snapshot, as the statistics have it' }),
    })
    this.#metrics.set('MaxQueueSizeInBytes', options.batchBytes)
  }

  /** For the snapshots that go on beside the stream. */
  get metrics(): Metrics<SnapshotGauge> {
    return this.#metrics
  }

  skipped(): void {
    this.#metrics.set('SnapshotSkipped', 1)
  }

  /** @param expectedRows of the remaining tables, as the statistics have it */
  started(tables: {
    readonly total: number
    readonly remaining: number
    readonly expectedRows: number
  }): void {
    this.#startedMs = this.#loggedMs = performance.now()
    this.#traces.started()
    this.#rows = 0
    this.#total = tables.total
    this.#remaining = tables.remaining
    this.#expectedRows = tables.expectedRows
    this.#expected.set('expected_rows', tables.expectedRows)
    for (const ofTable of this.#tables.values()) for (const name of TABLE_GAUGE_NAMES) ofTable.set(name, 0)
    const metrics = this.#metrics
    for (const name of ['SnapshotPaused', 'SnapshotCompleted', 'SnapshotAborted', 'SnapshotSkipped'] as const)
      metrics.set(name, 0)
    metrics.set('SnapshotRunning', 1)
    metrics.set('TotalTableCount', tables.total)
    metrics.set('RemainingTableCount', tables.remaining)
  }

  /** Rows of a table were read; called for some hundred rows at once. */
  read(table: TableCopy, rows: number): void {
    this.#ofTable(table).add('RowsScanned', rows)
    this.#rows += rows
    this.#metrics.set('TotalNumberOfEventsSeen', this.#rows)
    this.#metrics.set('TotalNumberOfReadEventsSeen', this.#rows)
    this.#metrics.set('NumberOfErroneousEvents', this.#leftOut.erroneousRows)
    this.#metrics.set('MilliSecondsSinceLastEvent', Date.now())
    const nowMs = this.#keepTime()
    if (nowMs - this.#loggedMs < LOG_EVERY_MS) return
    this.#loggedMs = nowMs
    this.#context.log.info({ table: nameOf(table), ...this.#progress() }, 'snapshot under way')
  }

  chunkDone(table: TableCopy): void {
    this.#ofTable(table).add('TableChunksCompletedCounts')
  }

  handedOver(batchBytes: number): void {
    this.#metrics.set('CurrentQueueSizeInBytes', batchBytes)
  }

  tableDone(): void {
    this.#metrics.set('RemainingTableCount', --this.#remaining)
  }

  completed(): void {
    this.#end('SnapshotCompleted')
    this.#context.log.info(this.#progress(), 'snapshot completed')
  }

  aborted(): void {
    this.#end('SnapshotAborted')
  }

  #ofTable(table: TableCopy): Metrics<keyof typeof TABLE_GAUGES> {
    const name = nameOf(table)
    let ofTable = this.#tables.get(name)
    if (ofTable === undefined) {
      ofTable = this.#context.metrics({
        prefix: 'debezium_metrics_',
        labels: { ...this.#labels, table: name },
        metrics: gauges(TABLE_GAUGES),
      })
      this.#tables.set(name, ofTable)
    }
    ofTable.set('TableChunkCounts', table.chunks)
    return ofTable
  }

  #end(how: 'SnapshotCompleted' | 'SnapshotAborted'): void {
    this.#keepTime()
    this.#metrics.set('SnapshotRunning', 0)
    this.#metrics.set(how, 1)
    const isComplete = how === 'SnapshotCompleted'
    this.#traces.ended('snapshot', { isComplete, rows: this.#rows, tables: this.#total - this.#remaining })
  }

  #keepTime(): number {
    const nowMs = performance.now()
    this.#metrics.set('SnapshotDurationInSeconds', Math.floor((nowMs - this.#startedMs) / 1000))
    return nowMs
  }

  #progress(): object {
    return {
      rows: this.#rows,
      expectedRows: this.#expectedRows,
      tables: this.#total - this.#remaining,
      ofTables: this.#total,
      seconds: Math.round((performance.now() - this.#startedMs) / 100) / 10,
    }
  }
}

function nameOf({ relation: { schema, table } }: TableCopy): string {
  return `${schema}.${table}`
}
