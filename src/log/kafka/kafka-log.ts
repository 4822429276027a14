import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type {
  AppendRequest,
  AppendResult,
  Consumer,
  ConsumerOptions,
  Log,
  NewTopic,
  StateEntry,
  TopicDescription,
} from '../log.ts'
import type { SharedTopic, SharedTopicOptions } from '../shared-topic.ts'
import type { TaskClient, TaskLog } from '../task-log.ts'
import { Cluster } from './connection/cluster.ts'
import type { TopicSurroundings } from './compacted-topic.ts'
import { GroupOffsets } from './group/group-offsets.ts'
import { KafkaAppends } from './producer/kafka-appends.ts'
import { KafkaConsumer, type KafkaConsumerSurroundings } from './consumer/kafka-consumer.ts'
import type { KafkaLogDescription } from './kafka-log-description.ts'
import { KafkaProducer, type KafkaProducerOptions } from './producer/kafka-producer.ts'
import { KafkaSharedTopic } from './kafka-shared-topic.ts'
import { PartitionReader } from './consumer/partition-reader.ts'
import { reachBrokers, type Patience } from './connection/reach-brokers.ts'
import { requireOffsets, SourceOffsets } from './source-offsets.ts'
import { StateTopic, type StateTable } from './state-topic.ts'
import { taskClients, transactionalIdOf } from './connection/task-clients.ts'
import { TopicAdmin } from './topic-admin.ts'
import { fenceProducers } from './producer/transactions.ts'

/**
 * A client of a Kafka cluster, version 3.1 or newer; each thread opens its own. Throws `log.kafka-refused`, and
 * `log.kafka-unreachable` unless it is patient.
 */
export async function openKafkaLog(description: KafkaLogDescription, patience?: Patience): Promise<KafkaLog> {
  const cluster = new Cluster(description)
  try {
    await reachBrokers(cluster, patience)
  } catch (error) {
    await cluster.close()
    throw error
  }
  return new KafkaLog(description, { admin: cluster, producer: cluster, consumer: cluster })
}

interface KafkaLogParts {
  readonly admin: Cluster
  readonly producer: Cluster
  readonly consumer: Cluster
  readonly sending?: KafkaProducerOptions
}

/**
 * The log on Kafka. Weaker than the embedded one in one thing: without transactions records and state cannot share a
 * commit. State is written once the records are durable, so it never stands for records that are missing; after a crash
 * in between, or where an append failed half-way, records may be there that no state stands for, and come again.
 */
export class KafkaLog implements Log {
  readonly #description: KafkaLogDescription
  readonly #cluster: Cluster
  readonly #clusters: ReadonlySet<Cluster>
  readonly #topics: TopicAdmin
  readonly #groupOffsets: GroupOffsets
  readonly #producer: KafkaProducer
  readonly #reader: PartitionReader
  /** Of topics that are tables. */
  readonly #surroundings: TopicSurroundings
  readonly #consuming: Omit<KafkaConsumerSurroundings, 'closed'>
  readonly #offsets: SourceOffsets
  readonly #appends: KafkaAppends
  readonly #consumers = new Set<KafkaConsumer>()
  #closing: Promise<void> | null = null

  constructor(
    description: KafkaLogDescription,
    { admin, producer, consumer, sending }: KafkaLogParts,
    { table, fallback = null }: { readonly table?: StateTable; readonly fallback?: StateTable | null } = {},
  ) {
    this.#description = description
    this.#cluster = admin
    this.#clusters = new Set([admin, producer, consumer])
    this.#topics = new TopicAdmin(admin)
    this.#producer = new KafkaProducer(producer, sending)
    this.#groupOffsets = new GroupOffsets(consumer)
    const topics = consumer === admin ? this.#topics : new TopicAdmin(consumer)
    this.#reader = new PartitionReader(consumer, topics)
    this.#consuming = { cluster: consumer, topics, groupOffsets: this.#groupOffsets }
    this.#surroundings = {
      cluster: admin,
      topics: this.#topics,
      producer: this.#producer,
      reader: this.#reader,
    }
    const { offsets } = description.internalTopics
    this.#offsets = new SourceOffsets(table ?? new StateTopic(this.#surroundings, offsets), fallback)
    this.#appends = new KafkaAppends(this.#producer, this.#offsets)
  }

  async createTopic(topic: NewTopic): Promise<'created' | 'exists'> {
    this.#cluster.requireOpen()
    return this.#topics.create(topic)
  }

  async deleteTopic(name: string): Promise<boolean> {
    this.#cluster.requireOpen()
    return this.#topics.delete(name)
  }

  async listTopics(): Promise<readonly TopicDescription[]> {
    this.#cluster.requireOpen()
    return this.#topics.describe(null)
  }

  async describeTopic(name: string): Promise<TopicDescription | null> {
    this.#cluster.requireOpen()
    return (await this.#topics.describe([name]))[0] ?? null
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    this.#cluster.requireOpen()
    return this.#appends.append(request)
  }

  async read(
    from: TopicPartitionOffset,
    maxBytes: number,
    isolation?: 'committed',
  ): Promise<readonly Buffer[]> {
    this.#cluster.requireOpen()
    const isReadCommitted = isolation === undefined ? undefined : true
    for (let offset = from.offset; ;) {
      const { batches, nextOffset } = await this.#reader.read({ ...from, offset }, maxBytes, isReadCommitted)
      // Marks of transactions, and what was taken back, are no records; behind them there may be some.
      if (batches.length > 0 || nextOffset <= offset) return batches
      offset = nextOffset
    }
  }

  async openConsumer(options: ConsumerOptions): Promise<Consumer> {
    this.#cluster.requireOpen()
    const consumer = new KafkaConsumer(options, {
      ...this.#consuming,
      closed: (consumer) => this.#consumers.delete(consumer),
    })
    this.#consumers.add(consumer)
    return consumer
  }

  async openTaskLog(client: TaskClient): Promise<TaskLog> {
    this.#cluster.requireOpen()
    const { settings, ignored } = taskClients(this.#description, client)
    const { isExactlyOnce, onRecordRefused, offsetsTopic } = client
    const transactionalId = isExactlyOnce ? transactionalIdOf(this.#description.groupId, client) : null
    const sending = { onRecordRefused, ...(transactionalId === null ? {} : { transactionalId }) }
    const { offsets: shape } = this.#description.internalTopics
    const isOwnTopic = offsetsTopic !== undefined && offsetsTopic !== shape.name
    const parts: KafkaLogParts = {
      admin: new Cluster(settings.admin),
      producer: new Cluster(settings.producer),
      consumer: new Cluster(settings.consumer),
      sending,
    }
    const description = isOwnTopic
      ? {
          ...this.#description,
          internalTopics: { ...this.#description.internalTopics, offsets: { ...shape, name: offsetsTopic } },
        }
      : this.#description
    // Offsets of a transaction are written by its producer; otherwise the worker's own clients keep them for all tasks.
    const log = new KafkaLog(description, parts, {
      ...(isExactlyOnce || isOwnTopic ? {} : { table: this.#offsets.table }),
      ...(isOwnTopic ? { fallback: this.#offsets.table } : {}),
    })
    const { transactions } = log.#producer
    const begin = transactions === null ? null : async () => void (await transactions.ready())
    return { log, ignored, begin, close: () => log.close() }
  }

  async fenceProducers(transactionalIds: readonly string[]): Promise<void> {
    this.#cluster.requireOpen()
    await fenceProducers(this.#cluster, transactionalIds)
  }

  async groupOffsets(group: string): Promise<readonly TopicPartitionOffset[]> {
    this.#cluster.requireOpen()
    return this.#groupOffsets.read(group)
  }

  async commitGroupOffsets(group: string, offsets: readonly TopicPartitionOffset[]): Promise<void> {
    this.#cluster.requireOpen()
    await this.#groupOffsets.commit(group, offsets)
  }

  async deleteGroup(group: string): Promise<boolean> {
    this.#cluster.requireOpen()
    return this.#groupOffsets.delete(group)
  }

  async readState(space: string): Promise<ReadonlyMap<string, string>> {
    this.#cluster.requireOpen()
    requireOffsets(space)
    // With transactions: once nobody else can commit any more.
    await this.#producer.transactions?.ready()
    return this.#offsets.read()
  }

  async writeState(entries: readonly StateEntry[]): Promise<void> {
    await this.append({ batches: [], state: entries })
  }

  clusterId(): Promise<string> {
    this.#cluster.requireOpen()
    return this.#cluster.id()
  }

  /** See `OpenSharedTopic`. */
  async openSharedTopic(options: SharedTopicOptions): Promise<SharedTopic> {
    this.#cluster.requireOpen()
    return new KafkaSharedTopic(this.#surroundings, options).open()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()))
    this.#producer.close()
    await Promise.all([...this.#clusters].map((cluster) => cluster.close()))
  }
}
