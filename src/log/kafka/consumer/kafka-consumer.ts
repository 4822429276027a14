import { RetriableError } from '../../../api/errors.ts'
import type { TopicPartition, TopicPartitionOffset } from '../../../api/sink-task.ts'
import type { ConsumedBatch, Consumer, ConsumerOptions } from '../../log.ts'
import { beginPartitions, type BeginSurroundings } from './begin-partitions.ts'
import type { ConsumedPartition } from './consumed-partition.ts'
import type { Subscription } from '../group/consumer-protocol.ts'
import { assignCooperatively } from '../group/cooperative-assignment.ts'
import { GroupMember } from '../group/group-member.ts'
import { RecordFetcher } from './record-fetcher.ts'
import { TopicWatch } from '../topic-watch.ts'

export interface KafkaConsumerSurroundings extends BeginSurroundings {
  closed(consumer: KafkaConsumer): void
}

/** How often a commit is tried again after the rebalance that it fell into. */
const MOST_COMMIT_ATTEMPTS = 5

/**
 * A member of a group, with Kafka's cooperative rebalancing: what stays with it is read on while partitions move.
 * Rebalances and fetches go on in the background; what they bring is handed over inside of `poll` only.
 */
export class KafkaConsumer implements Consumer {
  readonly #options: ConsumerOptions
  readonly #surroundings: KafkaConsumerSurroundings
  readonly #partitions = new Map<string, ConsumedPartition>()
  readonly #member: GroupMember
  readonly #fetcher: RecordFetcher
  readonly #watch: TopicWatch
  /** What this member has told the group that it wants. */
  #subscribed: readonly string[] | null = null
  /** As the leader: what was shared among the members last. */
  #shared: ReadonlyMap<string, number> = new Map()
  #joining: Promise<void> | null = null
  #assigned: readonly TopicPartition[] | null = null
  #failure: unknown = null
  #topicsChanged = true
  #turn = 0
  #hasNews = false
  #wake: (() => void) | null = null
  #isClosed = false

  constructor(options: ConsumerOptions, surroundings: KafkaConsumerSurroundings) {
    const { cluster, topics } = surroundings
    const onNews = (): void => this.#notify()
    this.#options = options
    this.#surroundings = surroundings
    this.#member = new GroupMember(cluster, {
      group: options.group,
      share: (members) => this.#share(members),
      onNews,
    })
    this.#watch = new TopicWatch(cluster, options.topics, onNews)
    this.#fetcher = new RecordFetcher({
      cluster,
      topics,
      partitions: () => this.#partitions.values(),
      onNews,
      onTopicChanged: () => {
        this.#topicsChanged = true
      },
      onOutOfRange: (jump) => options.onOutOfRange?.(jump),
    })
  }

  async poll(maxBytes: number, signal: AbortSignal): Promise<readonly ConsumedBatch[]> {
    const wake = (): void => this.#notify()
    signal.addEventListener('abort', wake)
    try {
      for (;;) {
        if (this.#isClosed || signal.aborted) return []
        this.#throwFailure()
        if (await this.#rebalance()) return []
        const batches = this.#take(maxBytes)
        this.#fetcher.start()
        if (batches.length > 0) return batches
        await this.#news()
      }
    } catch (error) {
      if (this.#isClosed) return []
      throw error
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of this.#find(partitions)) partition.isPaused = true
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of this.#find(partitions)) partition.isPaused = false
    this.#notify()
  }

  seek(position: TopicPartitionOffset): void {
    for (const partition of this.#find([position])) partition.seek(position.offset)
    this.#notify()
  }

  /** Offsets of partitions that this member does not have, or whose topic is another one by now, are left out. */
  async commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    const { cluster, groupOffsets } = this.#surroundings
    const names = [...new Set(offsets.map(({ topic }) => topic))]
    const topics = new Map((await cluster.refresh(names)).map(({ name, id }) => [name, id]))
    for (let attempt = 1; ; attempt++) {
      const own = offsets.filter((offset) => {
        const [partition] = this.#find([offset])
        return partition !== undefined && topics.get(offset.topic) === partition.topicId
      })
      try {
        return await groupOffsets.commit(this.#options.group, own, this.#member.membership)
      } catch (error) {
        // The group is between two generations; once this member is in the new one the commit counts.
        if (this.#joining === null || attempt === MOST_COMMIT_ATTEMPTS) {
          throw new RetriableError(
            'log.group-active',
            `The offsets of group ${this.#options.group} were not committed`,
            {
              cause: error,
            },
          )
        }
        await this.#joining
      }
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#notify()
    this.#surroundings.closed(this)
    this.#watch.close()
    await Promise.all([this.#member.close(), this.#fetcher.close()])
    this.#partitions.clear()
  }

  #throwFailure(): void {
    const failure = this.#failure ?? this.#fetcher.failure ?? this.#watch.failure
    this.#failure = this.#fetcher.failure = this.#watch.failure = null
    if (failure !== null) throw failure
  }

  /** Hands over what has changed in the assignment, and sees to it that this member takes part. True: it changed. */
  async #rebalance(): Promise<boolean> {
    if (this.#topicsChanged) {
      this.#topicsChanged = false
      await this.#watch.look()
    }
    if (this.#member.isLost) {
      const had = [...this.#partitions.values()]
      await this.#revoke(had)
      this.#member.startOver()
      if (had.length > 0) return true
    }
    const vanished = [...this.#partitions.values()].filter(
      ({ topic, topicId }) => !this.#watch.topics.some(({ name, id }) => name === topic && id === topicId),
    )
    if (vanished.length > 0) {
      await this.#revoke(vanished)
      this.#member.requestJoin()
      return true
    }
    if (this.#assigned !== null) {
      const assigned = this.#assigned
      this.#assigned = null
      if (await this.#takeOver(assigned)) return true
    }
    if (this.#joining === null && (this.#member.mustJoin || this.#hasOtherTopics())) this.#join()
    return false
  }

  #join(): void {
    const topics = this.#watch.topics.map(({ name }) => name)
    const owned = [...this.#partitions.values()].map(pick)
    this.#subscribed = topics
    this.#joining = this.#member
      .join({ topics, owned })
      .then(
        (assigned) => {
          this.#assigned = assigned
        },
        (error: unknown) => {
          this.#failure = error
        },
      )
      .then(() => {
        this.#joining = null
        this.#notify()
      })
  }

  /** Topics came or went of which the group does not know yet. */
  #hasOtherTopics(): boolean {
    const { topics } = this.#watch
    if (this.#member.isLeader) {
      return (
        topics.some(({ name, leaders }) => this.#shared.get(name) !== leaders.length) ||
        topics.length < (this.#subscribed?.length ?? 0)
      )
    }
    return topics.map(({ name }) => name).join() !== this.#subscribed?.join()
  }

  /** As the leader of the group. */
  async #share(
    members: ReadonlyMap<string, Subscription>,
  ): Promise<ReadonlyMap<string, readonly TopicPartition[]>> {
    const names = [...new Set([...members.values()].flatMap(({ topics }) => topics))]
    const topics = names.length === 0 ? [] : await this.#surroundings.cluster.refresh(names)
    this.#shared = new Map(topics.map(({ name, leaders }) => [name, leaders.length]))
    return assignCooperatively(members, this.#shared)
  }

  async #takeOver(assigned: readonly TopicPartition[]): Promise<boolean> {
    const wanted = new Set(assigned.map(keyOf))
    const lost = [...this.#partitions.values()].filter((partition) => !wanted.has(keyOf(partition)))
    const added = assigned.filter((partition) => !this.#partitions.has(keyOf(partition)))
    if (lost.length > 0) {
      await this.#revoke(lost)
      // Nobody else gets them before this member has said that it gave them up.
      this.#member.requestJoin()
    }
    const positions = await this.#begin(added)
    if (positions.length > 0 && !this.#isClosed) await this.#options.onAssigned(positions)
    return lost.length > 0 || positions.length > 0
  }

  async #begin(added: readonly TopicPartition[]): Promise<readonly TopicPartitionOffset[]> {
    if (added.length === 0) return []
    let begun: readonly ConsumedPartition[] = []
    try {
      begun = await beginPartitions(this.#options, added, this.#surroundings)
    } finally {
      // The group takes them for read. In another round this member says that it does not have them.
      if (begun.length < added.length) this.#member.requestJoin()
    }
    if (this.#isClosed) return []
    for (const partition of begun) this.#partitions.set(keyOf(partition), partition)
    return begun.map(({ topic, partition, position }) => ({ topic, partition, offset: position }))
  }

  async #revoke(partitions: readonly ConsumedPartition[]): Promise<void> {
    if (partitions.length === 0) return
    await this.#options.onRevoked(partitions.map(pick))
    for (const partition of partitions) this.#partitions.delete(keyOf(partition))
  }

  /** Of what was fetched, each poll beginning with another partition. */
  #take(maxBytes: number): ConsumedBatch[] {
    const ready = [...this.#partitions.values()].filter(({ isPaused, hasFetched }) => hasFetched && !isPaused)
    const first = this.#turn++ % Math.max(1, ready.length)
    const batches: ConsumedBatch[] = []
    let left = maxBytes
    for (const partition of [...ready.slice(first), ...ready.slice(0, first)]) {
      const taken = partition.take(left)
      for (const { batch } of taken) left -= batch.length
      batches.push(...taken)
      if (left <= 0) break
    }
    return batches
  }

  #notify(): void {
    this.#hasNews = true
    this.#wake?.()
  }

  /** Resolves when something has happened since it resolved last. */
  async #news(): Promise<void> {
    if (!this.#hasNews) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#wake = null
    this.#hasNews = false
  }

  #find(partitions: readonly TopicPartition[]): ConsumedPartition[] {
    return partitions.flatMap((partition) => this.#partitions.get(keyOf(partition)) ?? [])
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

function pick({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}
