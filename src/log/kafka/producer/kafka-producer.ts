import { describeConfigsV4, initProducerIdV4, type ConnectionPool } from '@platformatic/kafka'
import { ConnectError, RetriableError } from '../../../api/errors.ts'
import { call, type Cluster, type KnownTopic } from '../connection/cluster.ts'
import { brokerError } from '../kafka-error.ts'
import { PartitionSender, type ProducerId, type SenderSurroundings } from './partition-sender.ts'
import { produce } from './produce-request.ts'
import { Transactions } from './transactions.ts'

const TOPIC_RESOURCE = 2
/** Kafka's default of max.message.bytes; batches stay a little below the limit. */
const DEFAULT_MESSAGE_BYTES = 1_048_588
/** Of a batch, beside its records. */
const BATCH_SLACK_BYTES = 100
const LARGEST_CHUNK_BYTES = 1_000_000
const NO_TRANSACTION = null
const ALL_REPLICAS = -1

export interface KafkaProducerOptions {
  /** Given: everything is sent in transactions of this id. */
  readonly transactionalId?: string
  /** Given: a record that is too large is left out and told of, in place of failing all that was sent with it. */
  readonly onRecordRefused?: ((error: ConnectError) => void) | undefined
}

/** The senders of all partitions that this log has written to. */
export class KafkaProducer {
  /** Null: everything counts as soon as it is stored. */
  readonly transactions: Transactions | null
  readonly cluster: Cluster
  readonly #pool: ConnectionPool
  readonly #surroundings: SenderSurroundings
  /** By topic id, then partition: a topic that is created anew begins with a new sender. */
  readonly #senders = new Map<string, Map<number, PartitionSender>>()
  readonly #underWay = new Set<Promise<unknown>>()
  /** `max.message.bytes` of topics, by id. */
  readonly #messageBytes = new Map<string, number>()

  constructor(cluster: Cluster, { transactionalId, onRecordRefused }: KafkaProducerOptions = {}) {
    const { compression, deliveryTimeoutMs, lingerMs, maxRequestBytes, acks } = cluster.description
    this.cluster = cluster
    this.#pool = cluster.connections()
    this.transactions =
      transactionalId === undefined
        ? null
        : new Transactions(cluster, transactionalId, () => this.#startOver())
    this.#surroundings = {
      cluster,
      compression: compression ?? 'none',
      deliveryTimeoutMs: deliveryTimeoutMs ?? 120_000,
      lingerMs: lingerMs ?? 0,
      maxRequestBytes: maxRequestBytes ?? Infinity,
      transactionalId: transactionalId ?? null,
      producerId: () => this.transactions?.ready() ?? this.#producerId(),
      onRecordRefused: onRecordRefused ?? null,
      transmit: async (topic, partition, records) => {
        const connection = await cluster.leader(topic, partition, this.#pool)
        const produced = produce.async(connection, {
          topic: topic.name,
          partition,
          records,
          acks: transactionalId === undefined ? (acks ?? ALL_REPLICAS) : ALL_REPLICAS,
          transactionalId: transactionalId ?? null,
        })
        this.#underWay.add(produced)
        return produced.finally(() => this.#underWay.delete(produced))
      },
    }
  }

  /** To be called before the first `send` to a topic: finds out how large its batches may be. */
  async prepare(topic: KnownTopic): Promise<void> {
    if (!this.#messageBytes.has(topic.id)) this.#messageBytes.set(topic.id, await this.#limitOf(topic))
  }

  isPrepared(topic: KnownTopic): boolean {
    return this.#messageBytes.has(topic.id)
  }

  /** @returns the offset of the batch's first record, once it is durable */
  async send(topic: KnownTopic, partition: number, batch: Buffer): Promise<bigint> {
    if (this.transactions !== null) await this.transactions.include(topic.name, partition)
    return this.#sender(topic, partition).send(batch)
  }

  close(): void {
    const error = new ConnectError('log.closed', 'The log was closed')
    for (const senders of this.#senders.values()) for (const sender of senders.values()) sender.fail(error)
  }

  /** Lets go of its connections, too. */
  async end(): Promise<void> {
    this.close()
    await this.cluster.closeConnections(this.#pool)
  }

  async #startOver(): Promise<void> {
    const senders = [...this.#senders.values()].flatMap((partitions) => [...partitions.values()])
    this.#senders.clear()
    const error = new RetriableError('log.write-failed', 'The transaction was aborted')
    for (const sender of senders) sender.fail(error)
    await Promise.allSettled(this.#underWay)
  }

  #sender(topic: KnownTopic, partition: number): PartitionSender {
    let senders = this.#senders.get(topic.id)
    if (senders === undefined) this.#senders.set(topic.id, (senders = new Map<number, PartitionSender>()))
    let sender = senders.get(partition)
    if (sender === undefined) {
      const messageBytes = this.#messageBytes.get(topic.id) ?? DEFAULT_MESSAGE_BYTES
      const { batchBytes = LARGEST_CHUNK_BYTES, maxRequestBytes = Infinity } = this.cluster.description
      const chunkBytes = Math.min(batchBytes, maxRequestBytes, messageBytes - BATCH_SLACK_BYTES)
      sender = new PartitionSender(this.#surroundings, topic, { partition, chunkBytes, messageBytes })
      senders.set(partition, sender)
    }
    return sender
  }

  #producerId(): Promise<ProducerId> {
    return this.cluster.retrying('get a producer id', async () => {
      const answer = await call(initProducerIdV4.api, await this.cluster.anyBroker(), NO_TRANSACTION, 60_000)
      if (answer.errorCode !== 0) throw brokerError(answer.errorCode)
      return { id: answer.producerId, epoch: answer.producerEpoch }
    })
  }

  /** A user who may not see settings writes batches of the default size. */
  async #limitOf({ name }: KnownTopic): Promise<number> {
    const key = 'max.message.bytes'
    const { results } = await this.cluster.retrying(`read the settings of topic ${name}`, async () =>
      call(describeConfigsV4.api, await this.cluster.anyBroker(), [
        { resourceType: TOPIC_RESOURCE, resourceName: name, configurationKeys: [key] },
      ]),
    )
    const value = results[0]?.configs.find((config) => config.name === key)?.value
    return Number(value ?? DEFAULT_MESSAGE_BYTES)
  }
}
