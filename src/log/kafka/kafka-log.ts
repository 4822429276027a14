import { ConnectError, NotFoundError, RetriableError } from '../../api/errors.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import { requireBatch } from '../batch-check.ts'
import {
  SOURCE_OFFSETS,
  type AppendRequest,
  type AppendResult,
  type Consumer,
  type ConsumerOptions,
  type Log,
  type NewTopic,
  type StateEntry,
  type TopicDescription,
} from '../log.ts'
import type { SharedTopic, SharedTopicOptions, SharedTopicShape } from '../shared-topic.ts'
import type { TaskClient, TaskLog } from '../task-log.ts'
import { AppendOrder, type AppendTurn } from './append-order.ts'
import { Cluster, type KnownTopic } from './cluster.ts'
import { asConnectError } from './kafka-error.ts'
import { GroupOffsets } from './group-offsets.ts'
import { KafkaConsumer, type KafkaConsumerSurroundings } from './kafka-consumer.ts'
import type { KafkaLogDescription } from './kafka-log-description.ts'
import { KafkaProducer, type KafkaProducerOptions } from './kafka-producer.ts'
import { KafkaSharedTopic } from './kafka-shared-topic.ts'
import { PartitionReader, unknownPartition } from './partition-reader.ts'
import { StateTopic, type StateTable } from './state-topic.ts'
import { taskClients, transactionalIdOf } from './task-clients.ts'
import { TopicAdmin } from './topic-admin.ts'
import { fenceProducers } from './transactions.ts'

/** Of one who would rather wait for the brokers than fail: they may start later. */
interface Patience {
  /** Ends the waiting: the last failure is thrown. */
  readonly signal: AbortSignal
  /** Called at the first failure, and again from time to time. */
  readonly onWait: (error: ConnectError) => void
}

const PATIENT_PAUSE_MS = 500
const REMIND_AFTER_MS = 15_000

/**
 * A client of a Kafka cluster, version 3.1 or newer; each thread opens its own. Throws `log.kafka-refused`, and
 * `log.kafka-unreachable` unless it is patient.
 */
export async function openKafkaLog(description: KafkaLogDescription, patience?: Patience): Promise<KafkaLog> {
  const cluster = new Cluster(description)
  const doing = `connect to Kafka at ${description.bootstrapServers.join(', ')}`
  try {
    if (patience === undefined) await cluster.retrying(doing, () => cluster.anyBroker())
    else await waitForBrokers(cluster, doing, patience)
  } catch (error) {
    await cluster.close()
    throw error
  }
  return new KafkaLog(description, { admin: cluster, producer: cluster, consumer: cluster })
}

async function waitForBrokers(cluster: Cluster, doing: string, { signal, onWait }: Patience): Promise<void> {
  for (let remindAtMs = 0; ;) {
    try {
      await cluster.anyBroker()
      return
    } catch (error) {
      const failure = asConnectError(error, doing)
      if (!(failure instanceof RetriableError) || signal.aborted) throw failure
      if (performance.now() >= remindAtMs) {
        onWait(failure)
        remindAtMs = performance.now() + REMIND_AFTER_MS
      }
      await cluster.pause(PATIENT_PAUSE_MS)
    }
  }
}

interface KafkaLogParts {
  readonly admin: Cluster
  readonly producer: Cluster
  readonly consumer: Cluster
  readonly sending?: KafkaProducerOptions
}

/** Where states are kept: topics of this log, or those of the one that it came from. */
interface StateTables {
  readonly offsets: StateTable
  /** Where source offsets are looked for that the own topic does not have, and kept for those who look there. */
  readonly fallback?: StateTable
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
  readonly #consuming: Omit<KafkaConsumerSurroundings, 'closed'>
  readonly #tables: StateTables
  readonly #order = new AppendOrder()
  readonly #consumers = new Set<KafkaConsumer>()
  /** Appends get to the senders in the order of the calls, also where one has to look for its topic first. */
  #admission: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | null = null

  constructor(
    description: KafkaLogDescription,
    { admin, producer, consumer, sending }: KafkaLogParts,
    tables: Partial<StateTables> = {},
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
    const { offsets } = description.internalTopics
    this.#tables = {
      offsets: tables.offsets ?? this.#stateTopic(offsets),
      ...(tables.fallback === undefined ? {} : { fallback: tables.fallback }),
    }
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
    for (const { topic, batch } of request.batches) requireBatch(batch, topic)
    for (const { space } of request.state ?? []) requireOffsets(space)
    const turn = this.#order.enter(request)
    try {
      const { transactions } = this.#producer
      const work = (): Promise<AppendResult> => this.#append(request, turn)
      const result = await (transactions === null ? work() : transactions.run(work))
      await this.#writeFallback(request.state)
      turn.end(null)
      return result
    } catch (error) {
      turn.end(error)
      throw error
    }
  }

  async read(from: TopicPartitionOffset, maxBytes: number): Promise<readonly Buffer[]> {
    this.#cluster.requireOpen()
    for (let offset = from.offset; ;) {
      const { batches, nextOffset } = await this.#reader.read({ ...from, offset }, maxBytes)
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
      ...(isExactlyOnce || isOwnTopic ? {} : { offsets: this.#tables.offsets }),
      ...(isOwnTopic ? { fallback: this.#tables.offsets } : {}),
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
    return this.#readOffsets()
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
    const surroundings = {
      cluster: this.#cluster,
      topics: this.#topics,
      producer: this.#producer,
      reader: this.#reader,
    }
    return new KafkaSharedTopic(surroundings, options).open()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #append({ batches, state = [] }: AppendRequest, turn: AppendTurn): Promise<AppendResult> {
    const admitted = this.#admission.then(async () => {
      const topics: KnownTopic[] = []
      for (const { topic, partition } of batches) topics.push(await this.#topicFor(topic, partition))
      turn.check()
      // Not awaited here: the next append is admitted while these are under way.
      return {
        sent: batches.map(({ partition, batch }, i) => this.#producer.send(topics[i]!, partition, batch)),
      }
    })
    this.#admission = admitted.catch(() => undefined)
    const { sent } = await admitted
    const outcomes = await Promise.allSettled(sent)
    const baseOffsets = outcomes.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value
    })
    if (state.length > 0) {
      await turn.stateTurn()
      await this.#write(state)
    }
    return { baseOffsets }
  }

  async #write(entries: readonly StateEntry[]): Promise<void> {
    await this.#tables.offsets.write(entries.map(({ key, value }) => [key, value] as const))
  }

  /** With transactions: once nobody else can commit any more. */
  async #readOffsets(): Promise<ReadonlyMap<string, string>> {
    await this.#producer.transactions?.ready()
    const { offsets, fallback } = this.#tables
    return new Map([...((await fallback?.read()) ?? []), ...(await offsets.read())])
  }

  /** Whoever asks the worker for offsets does not know of a connector's own topic. What counts is stored by now. */
  async #writeFallback(state: readonly StateEntry[] = []): Promise<void> {
    if (state.length === 0) return
    await this.#tables.fallback?.write(state.map(({ key, value }) => [key, value] as const))
  }

  #stateTopic(shape: SharedTopicShape): StateTopic {
    const surroundings = {
      cluster: this.#cluster,
      topics: this.#topics,
      producer: this.#producer,
      reader: this.#reader,
    }
    return new StateTopic(surroundings, shape)
  }

  async #topicFor(name: string, partition: number): Promise<KnownTopic> {
    let topic = this.#producer.cluster.knownTopic(name)
    if (topic === undefined || partition >= topic.leaders.length)
      [topic] = await this.#producer.cluster.refresh([name])
    if (topic === undefined)
      throw new NotFoundError('log.topic-unknown', `There is no topic ${name} to append to`)
    if (partition >= topic.leaders.length) throw unknownPartition(name, partition)
    if (!this.#producer.isPrepared(topic)) await this.#producer.prepare(topic)
    return topic
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()))
    this.#producer.close()
    await Promise.all([...this.#clusters].map((cluster) => cluster.close()))
  }
}

/** Everything else that is to be remembered, the workers of a Kafka cluster keep in topics that they share. */
function requireOffsets(space: string): void {
  if (space === SOURCE_OFFSETS) return
  throw new ConnectError(
    'log.kafka-refused',
    `The log on Kafka keeps source offsets and no state of ${space}`,
  )
}
