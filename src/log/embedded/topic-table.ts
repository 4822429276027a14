import { NotFoundError } from '../../api/errors.ts'
import type { PartitionLog, TopicLog } from './partition-log.ts'
import type { PartitionId, PartitionTail, TopicState } from './protocol.ts'

/** The topics that there are, and their partitions. */
export class TopicTable {
  readonly #topics = new Map<string, TopicLog>()

  constructor(topics: readonly TopicLog[]) {
    for (const topic of topics) this.add(topic)
  }

  get all(): readonly TopicLog[] {
    return [...this.#topics.values()]
  }

  find(name: string): TopicLog | undefined {
    return this.#topics.get(name)
  }

  add(topic: TopicLog): void {
    this.#topics.set(topic.name, topic)
  }

  remove(name: string): void {
    this.#topics.delete(name)
  }

  /** Throws `log.topic-unknown`. @param topicId of the topic that is meant; null: whichever has the name */
  partition(name: string, partition: number, topicId: number | null = null): PartitionLog {
    const topic = this.#topics.get(name)
    const log = topic?.partitions[partition]
    if (topic === undefined || log === undefined || (topicId !== null && topic.id !== topicId)) {
      throw new NotFoundError(
        'log.topic-unknown',
        `There is no partition ${partition} of topic ${name}: the topic was deleted or never created.`,
      )
    }
    return log
  }

  /** In order of name. @param name of one; null: all of them */
  describe(name: string | null): TopicState[] {
    const named = name === null ? undefined : this.#topics.get(name)
    const topics = name === null ? this.all : named === undefined ? [] : [named]
    return topics.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(describe)
  }

  /** The ends of partitions; those that are gone are left out. */
  tails(partitions: readonly PartitionId[]): PartitionTail[] {
    const byId = new Map(this.all.map((topic) => [topic.id, topic]))
    return partitions.flatMap(({ topicId, partition }) => {
      const log = byId.get(topicId)?.partitions[partition]
      return log === undefined ? [] : [log.tail]
    })
  }
}

function describe({ id, name, config, partitions }: TopicLog): TopicState {
  return {
    id,
    name,
    config,
    partitions: partitions.map(({ partition, startOffset, endOffset }) => ({
      partition,
      startOffset,
      endOffset,
    })),
  }
}
