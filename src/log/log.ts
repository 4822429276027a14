import { stringifyJson } from '../api/json/json-text.ts'
import type { JavaPattern } from '../api/java/java-pattern.ts'
import type { JsonObject } from '../api/record.ts'
import type { TaskClient, TaskLog } from './task-log.ts'
import type { TopicPartition, TopicPartitionOffset } from '../api/sink-task.ts'

/**
 * The port "topics": everything that the runtime knows of where records live. Backends: `embedded` (one process,
 * segment files and SQLite) and `kafka`. All of them pass the suite in `contract`.
 */
export interface Log extends AsyncDisposable {
  /** Creates a topic. `exists` if there is one of that name, whatever its shape. */
  createTopic(topic: NewTopic): Promise<'created' | 'exists'>
  /** False: there was none. Its records, offsets in groups included, are gone. */
  deleteTopic(name: string): Promise<boolean>
  /** In order of name. */
  listTopics(): Promise<readonly TopicDescription[]>
  describeTopic(name: string): Promise<TopicDescription | null>
  /**
   * Appends batches and state in one commit: after a crash either all of it is there or nothing. Resolves once it is
   * durable. Appends of one client become visible in the order of the calls; several may be under way. If one fails,
   * those under way behind it that write on the same partitions or state fail too, so no source offset stands for
   * records that are missing. The buffers belong to the log from the call on. Throws `log.topic-unknown`,
   * `log.disk-full` and `log.write-failed` (retriable), `log.batch-invalid`, `log.closed`.
   */
  append(request: AppendRequest): Promise<AppendResult>
  /**
   * Whole batches from the one that holds `offset` on, up to about `maxBytes` but at least one if there is any; empty at
   * the end. An offset before the start reads from the start. Throws `log.topic-unknown`, `log.corrupt`.
   *
   * @param isolation `committed`: ends before the first transaction that is open, and leaves out what was taken back; unless
   *   said, as the log's settings have it. The embedded log holds nothing else.
   */
  read(from: TopicPartitionOffset, maxBytes: number, isolation?: 'committed'): Promise<readonly Buffer[]>
  openConsumer(options: ConsumerOptions): Promise<Consumer>
  /** This log as one task uses it, with settings of its own where the backend has any. Connects when it is used. */
  openTaskLog(client: TaskClient): Promise<TaskLog>
  /**
   * Ends what tasks of these transactional ids have open, and keeps them from writing more, wherever they run. Nothing to
   * do for a backend of one process.
   */
  fenceProducers(transactionalIds: readonly string[]): Promise<void>
  /** Empty for an unknown group. */
  groupOffsets(group: string): Promise<readonly TopicPartitionOffset[]>
  commitGroupOffsets(group: string, offsets: readonly TopicPartitionOffset[]): Promise<void>
  deleteGroup(group: string): Promise<boolean>
  /** Everything kept under a space, for example `connector-config`, keyed as it was written. */
  readState(space: string): Promise<ReadonlyMap<string, string>>
  /** Writes (or with null deletes) entries, in one commit. */
  writeState(entries: readonly StateEntry[]): Promise<void>
  close(): Promise<void>
}

export interface NewTopic {
  readonly name: string
  /** `DEFAULT_PARTITIONS`: as many as the backend gives of its own accord. */
  readonly partitions: number
  readonly replicationFactor?: number
  /** Kafka's topic settings: `cleanup.policy`, `retention.ms`, `retention.bytes`, `segment.bytes`, … */
  readonly config?: Readonly<Record<string, string>>
  /**
   * Only where the backend makes topics by itself that somebody asks for (the embedded log does; brokers with
   * `auto.create.topics.enable`), and as it does. Otherwise `log.topic-unknown`, which passes once somebody creates it.
   */
  readonly isAutomatic?: boolean
}

/** One in the embedded log; `num.partitions` of the brokers. */
export const DEFAULT_PARTITIONS = -1

export interface TopicDescription {
  readonly name: string
  /** Another one where a topic of that name was deleted and made again. */
  readonly id: string
  readonly partitions: readonly PartitionDescription[]
  readonly config: Readonly<Record<string, string>>
}

export interface PartitionDescription {
  readonly partition: number
  readonly startOffset: bigint
  /** The offset that the next record will get. */
  readonly endOffset: bigint
}

export interface AppendRequest {
  readonly batches: readonly PartitionBatch[]
  readonly state?: readonly StateEntry[]
}

export interface PartitionBatch extends TopicPartition {
  /** As `RecordBatchWriter.finish` made it. */
  readonly batch: Buffer
}

export interface AppendResult {
  /** The base offset of each batch, in the order of the request. */
  readonly baseOffsets: readonly bigint[]
}

/** Small state of the runtime that shares commits with records: source offsets, connector configs, target states. */
export interface StateEntry {
  readonly space: string
  readonly key: string
  readonly value: string | null
}

export interface ConsumerOptions {
  readonly group: string
  /** Names, or a regular expression that whole names must match; topics that appear later are found. */
  readonly topics: readonly string[] | JavaPattern
  /** Which of the group's consumers this is. A Kafka cluster assigns for itself and ignores it. */
  readonly member: { readonly index: number; readonly count: number }
  /** Partitions were assigned; where to start is decided already (group offset, else the start of the partition). */
  onAssigned(partitions: readonly TopicPartitionOffset[]): Promise<void>
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>
  /** Left out: nobody is told. */
  readonly onOutOfRange?: (jump: OffsetJump) => void
}

/** What a group was to read next is not there: retention was faster, or the end was cut back. So it goes on elsewhere. */
export interface OffsetJump extends TopicPartitionOffset {
  readonly goesOnAt: bigint
}

/** Reads the partitions assigned to it, each in order. One call of `poll` at a time. */
export interface Consumer {
  /**
   * The next batches, waiting until there are some; about `maxBytes` in all. Empty: `signal` was aborted, or only the
   * assignment changed: `onAssigned` and `onRevoked` are called in here and nowhere else, so never while the caller
   * works on records. Positions move past what is returned. Throws `log.corrupt`.
   */
  poll(maxBytes: number, signal: AbortSignal): Promise<readonly ConsumedBatch[]>
  /** Stops reading partitions; `poll` goes on with the others. */
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  seek(position: TopicPartitionOffset): void
  /** Durable when it resolves. */
  commit(offsets: readonly TopicPartitionOffset[]): Promise<void>
  close(): Promise<void>
}

export interface ConsumedBatch extends TopicPartition {
  /** A whole batch, CRC checked. Valid until the next `poll`: its memory is used again. */
  readonly batch: Buffer
  /** Records before it were consumed already. */
  readonly firstOffset: bigint
}

/** The state space of source offsets; keys are `sourceOffsetKey`s, values JSON objects. */
export const SOURCE_OFFSETS = 'source-offset'

/** A source offset's key as Connect's offset topic has it: `["connector",{partition}]`. */
export function sourceOffsetKey(connector: string, partition: JsonObject): string {
  return stringifyJson([connector, partition])
}
