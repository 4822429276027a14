import { ConnectError } from '../../api/errors.ts'
import { RecordBatchReader } from '../../api/record-batch.ts'
import type { SharedEntry, SharedTopic, SharedTopicOptions } from '../shared-topic.ts'
import type { KnownTopic } from './connection/cluster.ts'
import { openCompactedTopic, writeEntries, type TopicSurroundings } from './compacted-topic.ts'
import { ConsumedPartition } from './consumer/consumed-partition.ts'
import { KafkaProducer } from './producer/kafka-producer.ts'
import { RecordFetcher } from './consumer/record-fetcher.ts'
import { EARLIEST, LATEST } from './topic-admin.ts'
import { fenced } from './producer/transactions.ts'

const PAUSE_AFTER_FAILURE_MS = 1000
const MOST_BYTES = 4 * 1024 * 1024

/** Follows all partitions of a topic without a group: one long fetch is always under way to each of their brokers. */
export class KafkaSharedTopic implements SharedTopic {
  readonly name: string
  readonly #surroundings: TopicSurroundings
  readonly #options: SharedTopicOptions
  readonly #fetcher: RecordFetcher
  #topic: KnownTopic | null = null
  #partitions: readonly ConsumedPartition[] = []
  readonly #waiting = new Set<ReadToEnd>()
  /** Of the last claim. */
  #claimed: KafkaProducer | null = null
  #isClosed = false

  constructor(surroundings: TopicSurroundings, options: SharedTopicOptions) {
    this.name = options.topic.name
    this.#surroundings = surroundings
    this.#options = options
    const { cluster, topics } = surroundings
    this.#fetcher = new RecordFetcher({
      cluster,
      topics,
      partitions: () => this.#partitions,
      onNews: () => this.#onNews(),
      ...(options.writerId === undefined ? {} : { isReadCommitted: true }),
      onTopicChanged: () => this.#onTopicChanged(),
    })
    cluster.closing.addEventListener('abort', () => void this.close())
  }

  async open(): Promise<this> {
    try {
      this.#topic = await openCompactedTopic(this.#surroundings, this.#options.topic)
      await this.#begin(this.#topic)
      await this.readToEnd()
      return this
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async write(entries: readonly SharedEntry[]): Promise<void> {
    this.#requireOpen()
    const pairs = entries.map(({ key, value }) => [key, value] as const)
    await writeEntries(this.#surroundings.producer, this.#topic!, pairs)
  }

  async claim(): Promise<void> {
    this.#requireOpen()
    const { writerId } = this.#options
    if (writerId === undefined) return
    const before = this.#claimed
    const producer = new KafkaProducer(this.#surroundings.cluster, { transactionalId: writerId })
    this.#claimed = producer
    await before?.end()
    await producer.prepare(this.#topic!)
    await producer.transactions!.ready()
  }

  async writeClaimed(entries: readonly SharedEntry[]): Promise<void> {
    this.#requireOpen()
    const { writerId } = this.#options
    if (writerId === undefined) return this.write(entries)
    const producer = this.#claimed
    if (producer === null) throw fenced(writerId)
    const pairs = entries.map(({ key, value }) => [key, value] as const)
    await producer.transactions!.run(() => writeEntries(producer, this.#topic!, pairs))
  }

  async readToEnd(): Promise<void> {
    this.#requireOpen()
    const places = this.#partitions.map(({ topic, partition }) => ({ topic, partition }))
    const found = await this.#surroundings.topics.offsets(places, LATEST)
    const ends = new Map(
      places.map(({ partition }) => [partition, found.get(`${this.name}/${partition}`) ?? 0n]),
    )
    const done = Promise.withResolvers<undefined>()
    const waiting = { ends, done }
    if (this.#isPast(waiting)) return
    this.#requireOpen()
    this.#waiting.add(waiting)
    await done.promise
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const { done } of this.#waiting) done.reject(closed())
    this.#waiting.clear()
    await Promise.all([this.#fetcher.close(), this.#claimed?.end()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #begin({ name, id, leaders }: KnownTopic): Promise<void> {
    const places = leaders.map((_, partition) => ({ topic: name, partition }))
    const starts = await this.#surroundings.topics.offsets(places, EARLIEST)
    this.#partitions = places.map(({ topic, partition }) => {
      const start = starts.get(`${topic}/${partition}`) ?? 0n
      return new ConsumedPartition({ topic, topicId: id, partition }, start)
    })
    this.#fetcher.start()
  }

  #onNews(): void {
    if (this.#isClosed) return
    const { failure } = this.#fetcher
    if (failure !== null) {
      this.#fetcher.failure = null
      this.#options.onFailure(failure)
      void this.#surroundings.cluster.pause(PAUSE_AFTER_FAILURE_MS).then(() => this.#fetcher.start())
      return
    }
    for (const partition of this.#partitions) this.#drain(partition)
    for (const waiting of this.#waiting) {
      if (!this.#isPast(waiting)) continue
      this.#waiting.delete(waiting)
      waiting.done.resolve(undefined)
    }
    this.#fetcher.start()
  }

  #drain(partition: ConsumedPartition): void {
    while (partition.hasFetched) {
      for (const { batch, firstOffset } of partition.take(MOST_BYTES)) {
        for (const reader = new RecordBatchReader(batch); reader.next();) {
          const { offset } = reader
          if (offset < firstOffset) continue
          const [key, value] = [reader.key?.toString() ?? null, reader.value?.toString() ?? null]
          this.#options.onRecord({ key, value, offset })
        }
      }
    }
  }

  /** Somebody has deleted the topic. Where it is there again, everything in it is new. */
  #onTopicChanged(): void {
    const { cluster } = this.#surroundings
    const { name } = this
    this.#options.onFailure(
      new ConnectError('log.topic-unknown', `Topic ${name} was deleted while it was in use`),
    )
    const known = cluster.knownTopic(name)
    if (known === undefined || known.id === this.#topic?.id) return
    this.#topic = known
    void Promise.all([this.#surroundings.producer.prepare(known), this.#claimed?.prepare(known)])
      .then(() => this.#begin(known))
      .catch((error: unknown) => this.#options.onFailure(error))
  }

  #isPast({ ends }: ReadToEnd): boolean {
    return this.#partitions.every(({ partition, position }) => position >= (ends.get(partition) ?? 0n))
  }

  #requireOpen(): void {
    if (this.#isClosed) throw closed()
  }
}

interface ReadToEnd {
  /** By partition. */
  readonly ends: ReadonlyMap<number, bigint>
  readonly done: PromiseWithResolvers<undefined>
}

function closed(): ConnectError {
  return new ConnectError('log.closed', 'The log was closed')
}
