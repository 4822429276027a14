import type { JsonValue } from '../../api/record.ts'

/** What the topic commands need of topics, wherever they are: behind a worker's REST API, or in a Kafka cluster. */
export interface TopicClient extends AsyncDisposable {
  /** Names, in order. */
  list(): Promise<readonly string[]>
  /** Null: there is no such topic. */
  describe(topic: string): Promise<TopicShape | null>
  create(topic: string, partitions: number): Promise<TopicShape>
  /** At most `limit` records from an offset on; fewer at the end of the partition, or when they are large. */
  read(from: ReadFrom, limit: number, signal: AbortSignal): Promise<RecordsRead>
  /** Durable when it resolves. */
  append(topic: string, records: readonly JsonValue[]): Promise<void>
}

export interface TopicShape {
  readonly name: string
  readonly partitions: readonly {
    readonly partition: number
    readonly start_offset: number
    readonly end_offset: number
  }[]
}

export interface ReadFrom {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface RecordsRead {
  readonly records: readonly ReadRecord[]
  readonly next_offset: number
}

export interface ReadRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: BytesJson
  readonly value: BytesJson
  readonly headers: readonly (readonly [name: string, value: BytesJson])[]
}

/** Text as it is, bytes that are no text as base64. */
export type BytesJson = string | { readonly base64: string } | null

/** Where the commands' topics are, as their options say it. */
export interface TopicPlace {
  /** REST API of a worker. */
  readonly url: string
  /** Brokers, in place of a worker: `HOST:PORT,HOST:PORT`. */
  readonly bootstrapServer?: string
  /** A properties file with the client's settings for these brokers. */
  readonly commandConfig?: string
}

export async function openTopicClient({
  url,
  bootstrapServer,
  commandConfig,
}: TopicPlace): Promise<TopicClient> {
  if (bootstrapServer === undefined) {
    const { WorkerTopics } = await import('./worker-topics.ts')
    return new WorkerTopics(url)
  }
  const { openKafkaTopics } = await import('./kafka-topics.ts')
  return openKafkaTopics(bootstrapServer, commandConfig)
}
