import type { ConnectorConfig } from './config-def.ts'
import type { MetricGroup, Metrics } from './metrics.ts'
import type { RecordBatchReader } from './record-batch.ts'
import type { SinkRecord } from './record.ts'
import type { SchemaAndValue } from './plugin.ts'
import type { TaskLogger } from './source-task.ts'
import type { TaskTracing } from './tracing.ts'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface TopicPartitionOffset extends TopicPartition {
  /** The next offset to read: one above the last record that is done. */
  readonly offset: bigint
}

/**
 * Writes records somewhere. The runtime calls: `start` once; `open` with newly assigned partitions and `close` with
 * those taken away, which waits for what of them is under way, and is followed by a last `preCommit` for them; `put` with records, one call at a time; `preCommit` now and then; `stop` once, possibly while
 * `start` or `put` is under way.
 */
export interface SinkTask {
  start(config: ConnectorConfig, context: SinkTaskContext): Promise<void>
  open?(partitions: readonly TopicPartition[]): Promise<void>
  close?(partitions: readonly TopicPartition[]): Promise<void>
  /**
   * Takes records over. Resolves once the task has room for more, which may be before they are stored: `preCommit`
   * says what is. A retriable error means that nothing of these batches was taken and that they are to be put again.
   */
  put(batches: readonly SinkBatch[]): Promise<void>
  /**
   * Which offsets may be committed: for each partition at most the given position (one above the last record put), and
   * never beyond a record that is not stored yet.
   */
  preCommit(positions: readonly TopicPartitionOffset[]): Promise<readonly TopicPartitionOffset[]>
  /** Waits for what is under way as long as `signal` allows, then lets go. May be called twice. */
  stop(signal: AbortSignal): Promise<void>
}

export interface SinkTaskContext {
  readonly connectorName: string
  readonly taskId: number
  readonly log: TaskLogger
  /** Aborted when the task is to stop. */
  readonly signal: AbortSignal
  /** Fails the task at once, from any moment on: for errors found after `put` returned. */
  fail(error: unknown): void
  /** Asks for `preCommit` soon, for example when everything that was put is stored. */
  requestCommit(): void
  /**
   * Reports one record that cannot be stored to the connector's error handling (log, dead letter queue). Resolves once
   * the report is durable; with `errors.tolerance=none` it rejects then with `connect.tolerance-exceeded`, for the task to
   * fail. Null where the connector's configuration asks for no reports.
   */
  readonly errantRecords: ErrantRecordReporter | null
  /**
   * Tells what the task waits for though it runs: a server that takes nothing now. Null: it waits no more. For those who
   * look at the worker; nothing follows from it.
   */
  waiting?(reason: string | null): void
  /** Numbers that the task keeps and `/metrics` shows while it runs. */
  metrics<N extends string>(group: MetricGroup<N>): Metrics<N>
  /** Null or absent: nobody looks at traces. */
  readonly tracing?: TaskTracing | null
}

export interface ErrantRecordReporter {
  /** Where the record came from is enough: the log still has its bytes. */
  report(record: Pick<SinkRecord, 'origin'>, error: unknown): Promise<void>
}

/** Records of one topic partition, in offset order. */
export type SinkBatch = JsonSinkBatch | RecordsSinkBatch

/**
 * Records that no transformation touches and whose values are JSON text as it lies in the log. `reader` gives the bytes;
 * records before `firstOffset` were read before and are to be passed over.
 */
export interface JsonSinkBatch {
  readonly kind: 'json'
  readonly topic: string
  readonly partition: number
  readonly reader: RecordBatchReader
  readonly firstOffset: bigint
  /**
   * How a task that has no use for keys knows that they can be converted, as each key of a record has to be: all can; one
   * that is a JSON object can; or only `key` can tell.
   */
  readonly readableKeys: 'all' | 'json' | 'unknown'
  /** Converts the key of the reader's current record. Throws `DataError`. */
  key(): SchemaAndValue
  /** Converts the whole current record: for its errors, and for cases that bytes cannot serve. */
  record(): SinkRecord
}

/** Converted and transformed records. Some of the offsets in between may be missing: they were dropped. */
export interface RecordsSinkBatch {
  readonly kind: 'records'
  readonly topic: string
  readonly partition: number
  readonly records: readonly SinkRecord[]
}
