import type { ConnectorConfig } from './config-def.ts'
import type { MetricGroup, Metrics } from './metrics.ts'
import type { JsonObject, SourceRecord } from './record.ts'
import type { CompileResult, RecordTemplate } from './template.ts'
import type { TaskTracing } from './tracing.ts'

/**
 * Reads changes. The runtime calls, in this order: `start` once; `poll` again and again, one call at a time; `commit`
 * between polls; `stop` once, possibly while `start` or `poll` is under way.
 */
export interface SourceTask {
  /**
   * Connects and gets ready. Must return soon: a snapshot belongs into `poll`. Throwing fails the task; a retriable
   * error lets the runtime restart it.
   */
  start(config: ConnectorConfig, context: SourceTaskContext): Promise<void>
  /**
   * The next records, waiting until there are some. Called again before the previous batch is durable (the runtime
   * bounds how many are under way), so that reading and writing overlap; a batch should therefore hold what is there
   * now: one row when idle, up to about a megabyte when busy. Null means "stopped" or "nothing yet, ask again".
   */
  poll(): Promise<SourceBatch | null>
  /**
   * The log has everything up to and including the batch with this offset, durably: the upstream may be told. Called
   * with each offset at most once, in order; later ones stand for earlier ones.
   */
  commit(offset: JsonObject): void
  /** Lets go of everything. May be called twice. A pending `poll` resolves with null. */
  stop(): Promise<void>
}

export interface SourceTaskContext {
  readonly connectorName: string
  readonly taskId: number
  readonly log: TaskLogger
  /** Aborted when the task is to stop. */
  readonly signal: AbortSignal
  /** The offset stored for a source partition, or null where nothing was stored yet. */
  offset(partition: JsonObject): Promise<JsonObject | null>
  /**
   * Sends a template through the connector's transformations and converters, and creates the topic where that is
   * allowed. Ask once for each relation version and operation, not per row.
   */
  compile(template: RecordTemplate): Promise<CompileResult>
  /** Reads a topic beside the task's own work, for commands to it. Absent where there are no topics to read. */
  openTopic?(options: TopicSourceOptions): Promise<TopicSource>
  /** Numbers that the task keeps and `/metrics` shows while it runs. */
  metrics<N extends string>(group: MetricGroup<N>): Metrics<N>
  /** Null or absent: nobody looks at traces. */
  readonly tracing?: TaskTracing | null
}

/** What `openTopic` is asked for. */
export interface TopicSourceOptions {
  readonly topic: string
  /** Whose committed offset says where to begin; without one, at the start of the topic. */
  readonly group: string
  /** A Kafka client's properties (`bootstrap.servers`, …) of another cluster; null: where the worker has its topics. */
  readonly cluster: ConnectorConfig | null
}

/** Reads the first partition of a topic. */
export interface TopicSource {
  /** The records since the last call; none where there are none, or the topic does not exist. Does not wait for any. */
  read(): Promise<readonly TopicRecord[]>
  /** Keeps where reading is for the group. */
  commit(): Promise<void>
  close(): Promise<void>
}

export interface TopicRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly offset: bigint
}

/** Structured logging: a constant message and its fields. */
export interface TaskLogger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** What one poll found, in the order in which it happened, with the source offset that is reached after it. */
export interface SourceBatch {
  readonly parts: readonly SourcePart[]
  readonly partition: JsonObject
  readonly offset: JsonObject
}

/** `encoded`: already the bytes of a record batch (`RecordBatchWriter.finish`), its buffer given away. */
export type SourcePart =
  | { readonly kind: 'encoded'; readonly topic: string; readonly partition: number; readonly batch: Buffer }
  | { readonly kind: 'records'; readonly records: readonly SourceRecord[] }
