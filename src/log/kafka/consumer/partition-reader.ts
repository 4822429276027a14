import type { ConnectionPool } from '@platformatic/kafka'
import { NotFoundError } from '../../../api/errors.ts'
import type { TopicPartitionOffset } from '../../../api/sink-task.ts'
import { decodeKafkaBatches } from './batch-decoder.ts'
import type { Cluster } from '../connection/cluster.ts'
import { fetchRecords, type FetchedPartition } from './fetch-request.ts'
import { brokerError, brokerErrorName } from '../kafka-error.ts'
import { EARLIEST, type TopicAdmin } from '../topic-admin.ts'

export interface ReadRecords {
  readonly batches: readonly Buffer[]
  /** Where to go on. */
  readonly nextOffset: bigint
  /** A transaction is open there: more will be readable when it ends. */
  readonly mustWait: boolean
}

/** Reads a partition without waiting for records that may come. */
export class PartitionReader {
  readonly #cluster: Cluster
  readonly #topics: TopicAdmin
  readonly #pool: ConnectionPool

  constructor(cluster: Cluster, topics: TopicAdmin) {
    this.#cluster = cluster
    this.#topics = topics
    this.#pool = cluster.connections()
  }

  /** Whole batches from the one that holds the offset; throws `log.topic-unknown`. */
  async read(
    from: TopicPartitionOffset,
    maxBytes: number,
    isReadCommitted = this.#cluster.description.isReadCommitted ?? false,
  ): Promise<ReadRecords> {
    const { topic, partition, offset } = from
    const name = `topic ${topic}, partition ${partition}`
    const fetched = await this.#cluster.retrying(`read ${name}`, () =>
      this.#fetch(from, maxBytes, isReadCommitted),
    )
    if (fetched !== null) {
      const { batches, nextOffset } = decodeKafkaBatches(fetched.records, name, fetched.aborted)
      const mustWait =
        isReadCommitted && nextOffset === null && fetched.lastStableOffset < fetched.highWatermark
      return { batches, nextOffset: nextOffset ?? offset, mustWait }
    }
    const place = [{ topic, partition }]
    const start = (await this.#topics.offsets(place, EARLIEST)).get(`${topic}/${partition}`)
    if (start === undefined) throw unknownPartition(topic, partition)
    return offset < start
      ? this.read({ topic, partition, offset: start }, maxBytes, isReadCommitted)
      : { batches: [], nextOffset: offset, mustWait: false }
  }

  /** Null: the offset lies outside of the partition. */
  async #fetch(
    { topic, partition, offset }: TopicPartitionOffset,
    maxBytes: number,
    isReadCommitted: boolean,
  ): Promise<FetchedPartition | null> {
    const known = await this.#cluster.topic(topic)
    if (known === null || partition >= known.leaders.length) {
      throw unknownPartition(topic, partition)
    }
    const connection = await this.#cluster.leader(known, partition, this.#pool)
    const bytes = Math.min(Math.max(maxBytes, 1), LARGEST_FETCH_BYTES)
    const [fetched] = await fetchRecords.async(
      connection,
      { maxWaitMs: 0, maxBytes: bytes, partitionMaxBytes: bytes, isReadCommitted },
      [{ topicId: known.id, partition, offset }],
    )
    if (fetched === undefined) throw brokerError(NOT_LEADER)
    if (fetched.errorCode === 0) return fetched
    const error = brokerError(fetched.errorCode)
    if (brokerErrorName(error) === 'OFFSET_OUT_OF_RANGE') return null
    this.#cluster.forgetTopic(topic)
    // The topic may have been created anew: asked again, it has another id.
    throw brokerErrorName(error) === 'UNKNOWN_TOPIC_ID' ? brokerError(NOT_LEADER) : error
  }
}

export function unknownPartition(topic: string, partition: number): NotFoundError {
  return new NotFoundError('log.topic-unknown', `There is no partition ${partition} of topic ${topic}`)
}

const NOT_LEADER = 6
const LARGEST_FETCH_BYTES = 50 * 1024 * 1024
