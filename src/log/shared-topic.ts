/**
 * A compacted topic that all workers of a group write, and that each of them follows from its start: Kafka Connect's
 * config and status topics.
 */
export interface SharedTopic extends AsyncDisposable {
  readonly name: string
  /** Durable when it resolves. Entries of one partition are appended together, in their order. */
  write(entries: readonly SharedEntry[]): Promise<void>
  /** Of those who have it open with one `writerId` only the last that has claimed it may write with `writeClaimed`. */
  claim(): Promise<void>
  /** As `write`; with a `writerId` all of it is there or nothing. Throws `log.producer-fenced`: another one has claimed. */
  writeClaimed(entries: readonly SharedEntry[]): Promise<void>
  /** Resolves once `onRecord` was called with everything that anybody had written before the call. */
  readToEnd(): Promise<void>
  close(): Promise<void>
}

export interface SharedEntry {
  readonly key: string
  /** Null deletes. */
  readonly value: string | null
}

export interface SharedRecord {
  /** Null: whoever wrote it is no worker. */
  readonly key: string | null
  readonly value: string | null
  readonly offset: bigint
}

export interface SharedTopicOptions {
  readonly topic: SharedTopicShape
  /** Left out: everybody may write anything. Given: names those of whom one may `writeClaimed`; committed records are read. */
  readonly writerId?: string
  /** Called with each record as soon as it is there, those of a partition in order. It must not throw. */
  readonly onRecord: (record: SharedRecord) => void
  /** The topic cannot be read; it is tried again and again until it is closed. */
  readonly onFailure: (error: unknown) => void
}

/** How a topic is created where it is missing, and what one that is there must be. */
export interface SharedTopicShape {
  readonly name: string
  readonly partitions: number
  /** Left out: the brokers' default. */
  readonly replicationFactor?: number
  /** Further settings where it is created, `min.insync.replicas` for instance. */
  readonly config?: Readonly<Record<string, string>>
  /** True: a topic with more partitions than `partitions` is refused. */
  readonly isOrdered?: boolean
  /** The worker properties that name it and its replicas, for messages: `config.storage`. */
  readonly property: string
}

/**
 * Creates the topic where it is missing, and resolves once everything in it was read. Throws `log.state-topic-invalid`
 * where one is there that would lose state, `log.topic-invalid` where it cannot be created.
 */
export type OpenSharedTopic = (options: SharedTopicOptions) => Promise<SharedTopic>
