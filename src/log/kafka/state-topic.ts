import { ConfigError } from '../../api/errors.ts'
import { partitionForKey } from '../../api/partitioner.ts'
import { RecordBatchReader, RecordBatchWriter } from '../../api/record-batch.ts'
import type { Cluster, KnownTopic } from './cluster.ts'
import type { InternalTopic } from './kafka-log-description.ts'
import type { KafkaProducer } from './kafka-producer.ts'
import type { PartitionReader } from './partition-reader.ts'
import { LATEST, type TopicAdmin } from './topic-admin.ts'

export interface StateTopicSurroundings {
  readonly cluster: Cluster
  readonly topics: TopicAdmin
  readonly producer: KafkaProducer
  readonly reader: PartitionReader
}

/** A compacted topic as a table: the last value of each key counts, null deletes. */
export class StateTopic {
  readonly #surroundings: StateTopicSurroundings
  readonly #shape: InternalTopic
  readonly #table = new Map<string, string>()
  /** Where the table ends, by partition. */
  readonly #positions = new Map<number, bigint>()
  #ready: Promise<KnownTopic> | null = null
  #reading: Promise<unknown> = Promise.resolve()

  constructor(surroundings: StateTopicSurroundings, shape: InternalTopic) {
    this.#surroundings = surroundings
    this.#shape = shape
  }

  /** Durable when it resolves. Entries of one partition are there together or not at all. */
  async write(entries: readonly (readonly [key: string, value: string | null])[]): Promise<void> {
    const topic = await this.#topic()
    const writers = new Map<number, RecordBatchWriter>()
    for (const [key, value] of entries) {
      const keyBytes = Buffer.from(key)
      const partition = partitionForKey(keyBytes, 0, keyBytes.length, topic.leaders.length)
      let writer = writers.get(partition)
      if (writer === undefined) writers.set(partition, (writer = new RecordBatchWriter(undefined, 1024)))
      writer.record(Date.now(), keyBytes, value === null ? null : Buffer.from(value))
    }
    const { producer } = this.#surroundings
    await Promise.all(
      [...writers].map(([partition, writer]) => producer.send(topic, partition, writer.finish())),
    )
  }

  /** The whole table, with all that was written by anybody before the call. */
  async read(): Promise<ReadonlyMap<string, string>> {
    const caughtUp = this.#reading.then(() => this.#catchUp())
    this.#reading = caughtUp.catch(() => undefined)
    await caughtUp
    return this.#table
  }

  async #catchUp(): Promise<void> {
    const { topics, reader } = this.#surroundings
    const { name, leaders } = await this.#topic()
    const places = leaders.map((_, partition) => ({ topic: name, partition }))
    const ends = await topics.offsets(places, LATEST)
    for (const { topic, partition } of places) {
      const end = ends.get(`${topic}/${partition}`) ?? 0n
      let position = this.#positions.get(partition) ?? 0n
      while (position < end) {
        const { batches, nextOffset } = await reader.read({ topic, partition, offset: position }, 1_000_000)
        for (const batch of batches) this.#apply(batch, position)
        if (nextOffset === position) break
        this.#positions.set(partition, (position = nextOffset))
      }
    }
  }

  #apply(batch: Buffer, from: bigint): void {
    for (const reader = new RecordBatchReader(batch); reader.next();) {
      if (reader.offset < from) continue
      const key = reader.key?.toString()
      const value = reader.value?.toString()
      if (key === undefined) continue
      if (value === undefined) this.#table.delete(key)
      else this.#table.set(key, value)
    }
  }

  /** Created or checked once; after a failure again. */
  #topic(): Promise<KnownTopic> {
    this.#ready ??= this.#open().catch((error: unknown) => {
      this.#ready = null
      throw error
    })
    return this.#ready
  }

  async #open(): Promise<KnownTopic> {
    const { cluster, topics, producer } = this.#surroundings
    const { name, partitions, replicationFactor } = this.#shape
    if ((await cluster.topic(name)) === null) {
      await topics.create({
        name,
        partitions,
        ...(replicationFactor === undefined ? {} : { replicationFactor }),
        config: { 'cleanup.policy': 'compact' },
      })
    }
    const [description] = await topics.describe([name])
    const policy = description?.config['cleanup.policy'] ?? 'delete'
    if (policy !== 'compact') {
      throw new ConfigError(
        'log.state-topic-invalid',
        `Topic ${name} has cleanup.policy=${policy}, but it keeps state and must have cleanup.policy=compact`,
      )
    }
    const topic = (await cluster.topic(name))!
    await producer.prepare(topic)
    return topic
  }
}
