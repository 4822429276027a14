import { RetriableError } from '../../api/errors.ts'
import { RecordBatchReader } from '../../api/record-batch.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { SharedTopicShape } from '../shared-topic.ts'
import type { KnownTopic } from './connection/cluster.ts'
import { openCompactedTopic, writeEntries, type TopicSurroundings } from './compacted-topic.ts'
import { LATEST } from './topic-admin.ts'

/** How often it is looked whether a transaction of somebody else has ended. */
const UNREADABLE_PAUSE_MS = 20
/** So long a broker may give nothing of what it says it has, unless a transaction is open there. */
const LONGEST_STANDSTILL_MS = 30_000

export interface StateTable {
  /** Durable when it resolves. */
  write(entries: readonly (readonly [key: string, value: string | null])[]): Promise<void>
  /** The whole table, with all that was written by anybody before the call. */
  read(): Promise<ReadonlyMap<string, string>>
}

/** A compacted topic as a table: the last value of each key counts, null deletes. */
export class StateTopic implements StateTable {
  readonly #surroundings: TopicSurroundings
  readonly #shape: SharedTopicShape
  readonly #table = new Map<string, string>()
  /** Where the table ends, by partition. */
  readonly #positions = new Map<number, bigint>()
  #ready: Promise<KnownTopic> | null = null
  #reading: Promise<unknown> = Promise.resolve()

  constructor(surroundings: TopicSurroundings, shape: SharedTopicShape) {
    this.#surroundings = surroundings
    this.#shape = shape
  }

  /** Durable when it resolves. Entries of one partition are there together or not at all. */
  async write(entries: readonly (readonly [key: string, value: string | null])[]): Promise<void> {
    await writeEntries(this.#surroundings.producer, await this.#topic(), entries)
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
      let isReadBy = performance.now() + LONGEST_STANDSTILL_MS
      while (position < end) {
        // What a task has committed last counts, and nothing that its transaction took back.
        const place = { topic, partition, offset: position }
        const { batches, nextOffset, mustWait } = await reader.read(place, 1_000_000, true)
        for (const batch of batches) this.#apply(batch, position)
        if (mustWait || nextOffset > position) isReadBy = performance.now() + LONGEST_STANDSTILL_MS
        if (nextOffset === position) await this.#wait({ topic, partition, offset: position }, isReadBy)
        this.#positions.set(partition, (position = nextOffset))
      }
    }
  }

  /** What is missing of a table is not to be taken for missing entries. Throws `log.kafka-unreachable`. */
  async #wait({ topic, partition, offset }: TopicPartitionOffset, untilMs: number): Promise<void> {
    const { cluster } = this.#surroundings
    cluster.requireOpen()
    if (performance.now() < untilMs) return cluster.pause(UNREADABLE_PAUSE_MS)
    throw new RetriableError(
      'log.kafka-unreachable',
      `Topic ${topic}, partition ${partition} has records behind offset ${offset} that no broker gives`,
    )
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
    this.#ready ??= openCompactedTopic(this.#surroundings, this.#shape).catch((error: unknown) => {
      this.#ready = null
      throw error
    })
    return this.#ready
  }
}
