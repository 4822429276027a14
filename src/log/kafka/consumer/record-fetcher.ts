import type { ConnectionPool } from '@platformatic/kafka'
import { decodeKafkaBatches } from './batch-decoder.ts'
import type { OffsetJump } from '../../log.ts'
import type { Cluster } from '../connection/cluster.ts'
import type { ConsumedPartition } from './consumed-partition.ts'
import { fetchRecords, type FetchedPartition } from './fetch-request.ts'
import { asConnectError, brokerError, brokerErrorName, isPassing } from '../kafka-error.ts'
import { EARLIEST, LATEST, type TopicAdmin } from '../topic-admin.ts'

export interface FetcherOptions {
  readonly cluster: Cluster
  readonly topics: TopicAdmin
  /** Left out: as the cluster's description says. */
  readonly isReadCommitted?: boolean
  /** The partitions that are to be read, as they are now. */
  readonly partitions: () => Iterable<ConsumedPartition>
  /** Something was fetched, or failed for good (`failure`). */
  readonly onNews: () => void
  /** A partition's topic is gone, or is another one. */
  readonly onTopicChanged: () => void
  readonly onOutOfRange?: (jump: OffsetJump) => void
}

const FETCH_BYTES = 2 * 1024 * 1024
const PARTITION_BYTES = 1024 * 1024
const FETCH_MIN_BYTES = 1
/** A broker answers at once when there are records; else after this long. */
const LONGEST_WAIT_MS = 500
/** A partition that was fetched ahead is missing in a request: soon there is another one, with it. */
const SHORT_WAIT_MS = 20

/** Fetches ahead of a consumer, one request under way to each broker. */
export class RecordFetcher {
  /** Thrown by the next `poll`. */
  failure: unknown = null
  readonly #options: FetcherOptions
  readonly #pool: ConnectionPool
  readonly #busy = new Set<number>()
  #isClosed = false

  constructor(options: FetcherOptions) {
    this.#options = options
    this.#pool = options.cluster.connections()
  }

  /** Asks for all partitions of which nothing is there, paused ones too: they go on at once when they are resumed. */
  start(): void {
    const { cluster } = this.#options
    const byLeader = Map.groupBy(this.#options.partitions(), ({ topic, partition }) => {
      return cluster.knownTopic(topic)?.leaders[partition] ?? -1
    })
    for (const [leader, partitions] of byLeader) {
      const wanted = partitions.filter(({ hasFetched }) => !hasFetched)
      if (wanted.length === 0 || this.#busy.has(leader) || this.#isClosed) continue
      this.#busy.add(leader)
      const longestMs = cluster.description.fetchMaxWaitMs ?? LONGEST_WAIT_MS
      const maxWaitMs = wanted.length < partitions.length ? Math.min(SHORT_WAIT_MS, longestMs) : longestMs
      void this.#fetch(wanted, maxWaitMs).then(() => {
        this.#busy.delete(leader)
        this.#options.onNews()
      })
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#options.cluster.closeConnections(this.#pool)
  }

  async #fetch(wanted: readonly ConsumedPartition[], maxWaitMs: number): Promise<void> {
    const { cluster } = this.#options
    try {
      const [first] = wanted
      const topic = cluster.knownTopic(first!.topic)
      if (topic === undefined) {
        // Forgotten by somebody who found that its leader has moved, or gone.
        if ((await cluster.topic(first!.topic)) === null) throw brokerError(UNKNOWN_TOPIC_ID)
        return
      }
      const connection = await cluster.leader(topic, first!.partition, this.#pool)
      const positions = wanted.map(({ topicId, partition, fetchOffset }) => ({
        topicId,
        partition,
        offset: fetchOffset,
      }))
      const { fetchMaxBytes, partitionFetchBytes, fetchMinBytes, isReadCommitted } = cluster.description
      const options = {
        maxWaitMs,
        maxBytes: fetchMaxBytes ?? FETCH_BYTES,
        partitionMaxBytes: partitionFetchBytes ?? PARTITION_BYTES,
        minBytes: fetchMinBytes ?? FETCH_MIN_BYTES,
        isReadCommitted: this.#options.isReadCommitted ?? isReadCommitted ?? false,
      }
      const answer = await fetchRecords.async(connection, options, positions)
      for (const fetched of answer) {
        const index = positions.findIndex(
          ({ topicId, partition }) => topicId === fetched.topicId && partition === fetched.partition,
        )
        if (index >= 0) await this.#receive(wanted[index]!, positions[index]!.offset, fetched)
      }
    } catch (error) {
      await this.#recover(error, wanted)
    }
  }

  async #receive(to: ConsumedPartition, offset: bigint, fetched: FetchedPartition): Promise<void> {
    const { topic, partition } = to
    if (fetched.errorCode === 0) {
      to.add(
        offset,
        decodeKafkaBatches(fetched.records, `topic ${topic}, partition ${partition}`, fetched.aborted),
      )
      return
    }
    const error = brokerError(fetched.errorCode)
    if (brokerErrorName(error) !== 'OFFSET_OUT_OF_RANGE') throw error
    // Records were deleted before they were read, or the end was cut back.
    const { topics, onOutOfRange } = this.#options
    const place = [{ topic, partition }]
    const start = (await topics.offsets(place, EARLIEST)).get(`${topic}/${partition}`) ?? 0n
    const end = (await topics.offsets(place, LATEST)).get(`${topic}/${partition}`) ?? start
    // Somebody may have gone elsewhere meanwhile.
    if (to.fetchOffset !== offset) return
    const goesOnAt = offset < start ? start : end
    to.seek(goesOnAt)
    onOutOfRange?.({ topic, partition, offset, goesOnAt })
  }

  async #recover(error: unknown, wanted: readonly ConsumedPartition[]): Promise<void> {
    const { cluster, onTopicChanged } = this.#options
    if (this.#isClosed || cluster.closing.aborted) return
    const name = brokerErrorName(error)
    const isTopicChanged = name === 'UNKNOWN_TOPIC_ID' || name === 'UNKNOWN_TOPIC_OR_PARTITION'
    if (!isTopicChanged && !isPassing(error)) {
      this.failure = asConnectError(error, 'read records')
      return
    }
    if (isTopicChanged) onTopicChanged()
    await cluster.pause(PAUSE_MS)
    try {
      await cluster.refresh([...new Set(wanted.map(({ topic }) => topic))])
    } catch (failure) {
      this.failure = failure
    }
  }
}

const UNKNOWN_TOPIC_ID = 100
const PAUSE_MS = 50
