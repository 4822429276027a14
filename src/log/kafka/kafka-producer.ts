import { describeConfigsV4, initProducerIdV4, type ConnectionPool } from '@platformatic/kafka'
import { ConnectError } from '../../api/errors.ts'
import { call, type Cluster, type KnownTopic } from './cluster.ts'
import { brokerError } from './kafka-error.ts'
import { PartitionSender, type ProducerId, type SenderSurroundings } from './partition-sender.ts'
import { produce } from './produce-request.ts'

const TOPIC_RESOURCE = 2
/** Kafka's default of max.message.bytes; batches stay a little below the limit. */
const DEFAULT_MESSAGE_BYTES = 1_048_588
const LARGEST_CHUNK_BYTES = 1_000_000
const NO_TRANSACTION = null

/** The senders of all partitions that this log has written to. */
export class KafkaProducer {
  readonly #cluster: Cluster
  readonly #pool: ConnectionPool
  readonly #surroundings: SenderSurroundings
  /** By topic id, then partition: a topic that is created anew begins with a new sender. */
  readonly #senders = new Map<string, Map<number, PartitionSender>>()
  readonly #chunkBytes = new Map<string, number>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#pool = cluster.connections()
    this.#surroundings = {
      cluster,
      compression: cluster.description.compression ?? 'none',
      deliveryTimeoutMs: cluster.description.deliveryTimeoutMs ?? 120_000,
      producerId: () => this.#producerId(),
      transmit: async (topic, partition, records) => {
        const connection = await cluster.leader(topic, partition, this.#pool)
        return produce.async(connection, topic.name, partition, records)
      },
    }
  }

  /** To be called before the first `send` to a topic: finds out how large its batches may be. */
  async prepare(topic: KnownTopic): Promise<void> {
    if (!this.#chunkBytes.has(topic.id)) this.#chunkBytes.set(topic.id, await this.#limitOf(topic))
  }

  isPrepared(topic: KnownTopic): boolean {
    return this.#chunkBytes.has(topic.id)
  }

  /** @returns the offset of the batch's first record, once it is durable */
  send(topic: KnownTopic, partition: number, batch: Buffer): Promise<bigint> {
    let senders = this.#senders.get(topic.id)
    if (senders === undefined) this.#senders.set(topic.id, (senders = new Map<number, PartitionSender>()))
    let sender = senders.get(partition)
    if (sender === undefined) {
      const chunkBytes = this.#chunkBytes.get(topic.id) ?? LARGEST_CHUNK_BYTES
      sender = new PartitionSender(this.#surroundings, topic, { partition, chunkBytes })
      senders.set(partition, sender)
    }
    return sender.send(batch)
  }

  close(): void {
    const error = new ConnectError('log.closed', 'The log was closed')
    for (const senders of this.#senders.values()) for (const sender of senders.values()) sender.fail(error)
  }

  #producerId(): Promise<ProducerId> {
    return this.#cluster.retrying('get a producer id', async () => {
      const answer = await call(initProducerIdV4.api, await this.#cluster.anyBroker(), NO_TRANSACTION, 60_000)
      if (answer.errorCode !== 0) throw brokerError(answer.errorCode)
      return { id: answer.producerId, epoch: answer.producerEpoch }
    })
  }

  /** A user who may not see settings writes batches of the default size. */
  async #limitOf({ name }: KnownTopic): Promise<number> {
    const key = 'max.message.bytes'
    const { results } = await this.#cluster.retrying(`read the settings of topic ${name}`, async () =>
      call(describeConfigsV4.api, await this.#cluster.anyBroker(), [
        { resourceType: TOPIC_RESOURCE, resourceName: name, configurationKeys: [key] },
      ]),
    )
    const value = results[0]?.configs.find((config) => config.name === key)?.value
    return Math.min(LARGEST_CHUNK_BYTES, Number(value ?? DEFAULT_MESSAGE_BYTES) - 100)
  }
}
