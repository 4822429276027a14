import { ConfigError, NotFoundError } from '../../api/errors.ts'
import type { JsonValue } from '../../api/record.ts'
import { openKafkaLog } from '../../log/kafka/kafka-log.ts'
import type { Log } from '../../log/log.ts'
import { topicJson } from '../../rest/endpoints/topic-endpoints.ts'
import { appendRecords } from '../../rest/new-records.ts'
import { readRecords } from '../../rest/topic-records.ts'
import { kafkaDescription } from '../kafka-properties.ts'
import { readProperties } from '../read-properties.ts'
import type { ReadFrom, RecordsRead, TopicClient, TopicShape } from './topic-client.ts'

/** The topics of a Kafka cluster, without a worker. */
class KafkaTopics implements TopicClient {
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  async list(): Promise<readonly string[]> {
    return (await this.#log.listTopics()).map(({ name }) => name)
  }

  async describe(topic: string): Promise<TopicShape | null> {
    const description = await this.#log.describeTopic(topic)
    return description === null ? null : (asAnswered(topicJson(description)) as TopicShape)
  }

  async create(topic: string, partitions: number): Promise<TopicShape> {
    await this.#log.createTopic({ name: topic, partitions })
    return asAnswered(topicJson(await this.#describe(topic))) as TopicShape
  }

  async read({ offset, ...partition }: ReadFrom, limit: number): Promise<RecordsRead> {
    return asAnswered(
      await readRecords(this.#log, { ...partition, offset: BigInt(offset) }, limit),
    ) as RecordsRead
  }

  async append(topic: string, records: readonly JsonValue[]): Promise<void> {
    await appendRecords(this.#log, await this.#describe(topic), records)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log.close()
  }

  async #describe(topic: string) {
    const description = await this.#log.describeTopic(topic)
    if (description === null) throw new NotFoundError('log.topic-unknown', `There is no topic ${topic}`)
    return description
  }
}

/**
 * @param brokers `HOST:PORT,HOST:PORT`
 * @param file a properties file with `security.protocol` and the like. Throws `cli.file-unreadable`.
 */
export async function openKafkaTopics(brokers: string, file?: string): Promise<TopicClient> {
  const settings = file === undefined ? {} : await readProperties(file, 'client properties')
  const description = kafkaDescription({ ...settings, 'bootstrap.servers': brokers })
  if (description === null) {
    throw new ConfigError('connect.config-invalid', '--bootstrap-server must be HOST:PORT,HOST:PORT')
  }
  return new KafkaTopics(await openKafkaLog(description))
}

/** What the REST API answers is built here from the same functions; offsets are numbers, as `JSON.parse` gives them. */
function asAnswered(json: unknown): unknown {
  return JSON.parse(
    JSON.stringify(json, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
  )
}
