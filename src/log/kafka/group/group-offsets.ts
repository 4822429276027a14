import { deleteGroupsV2, offsetCommitV8, offsetFetchV8 } from '@platformatic/kafka'
import { NotFoundError } from '../../../api/errors.ts'
import type { TopicPartitionOffset } from '../../../api/sink-task.ts'
import { call, type Cluster } from '../connection/cluster.ts'
import { brokerError, brokerErrorName } from '../kafka-error.ts'

/** The member on whose behalf offsets are committed; outside of a group's generations: none. */
export interface GroupMembership {
  readonly generation: number
  readonly memberId: string
}

const NO_MEMBER: GroupMembership = { generation: -1, memberId: '' }
const UNKNOWN_EPOCH = -1

/** The offsets that consumer groups have committed. */
export class GroupOffsets {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  async read(group: string): Promise<readonly TopicPartitionOffset[]> {
    const answer = await this.#cluster.onCoordinator(
      group,
      `read the offsets of group ${group}`,
      async (connection) => {
        const { groups } = await call(
          offsetFetchV8.api,
          connection,
          [{ groupId: group, memberEpoch: -1, topics: null }],
          false,
        )
        const [found] = groups
        if (found !== undefined && found.errorCode !== 0) throw brokerError(found.errorCode)
        return found
      },
    )
    return (answer?.topics ?? [])
      .flatMap(({ name, partitions }) =>
        partitions
          .filter(({ committedOffset, errorCode }) => errorCode === 0 && committedOffset >= 0n)
          .map(({ partitionIndex, committedOffset }) => ({
            topic: name,
            partition: partitionIndex,
            offset: committedOffset,
          })),
      )
      .toSorted((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
  }

  /** Throws `log.topic-unknown`: Kafka would keep offsets of topics that do not exist. */
  async commit(
    group: string,
    offsets: readonly TopicPartitionOffset[],
    { generation, memberId }: GroupMembership = NO_MEMBER,
  ): Promise<void> {
    if (offsets.length === 0) return
    const doing = `commit offsets of group ${group}`
    const byTopic = Map.groupBy(offsets, ({ topic }) => topic)
    if (generation === NO_MEMBER.generation) await this.#requireTopics(doing, [...byTopic.keys()])
    const topics = [...byTopic].map(([name, parts]) => ({
      name,
      partitions: parts.map(({ partition, offset }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: UNKNOWN_EPOCH,
        committedMetadata: '',
      })),
    }))
    await this.#cluster.onCoordinator(group, doing, async (connection) => {
      const answer = await call(offsetCommitV8.api, connection, group, generation, memberId, null, topics)
      const failed = answer.topics
        .flatMap(({ partitions }) => partitions)
        .find(({ errorCode }) => errorCode !== 0)
      if (failed !== undefined) throw brokerError(failed.errorCode)
    })
  }

  async delete(group: string): Promise<boolean> {
    return this.#cluster.onCoordinator(group, `delete group ${group}`, async (connection) => {
      const { results } = await call(deleteGroupsV2.api, connection, [group])
      const errorCode = results[0]?.errorCode ?? 0
      if (errorCode === 0) return true
      const error = brokerError(errorCode)
      if (brokerErrorName(error) === 'GROUP_ID_NOT_FOUND') return false
      throw error
    })
  }

  async #requireTopics(doing: string, names: readonly string[]): Promise<void> {
    const found = new Set((await this.#cluster.refresh(names)).map(({ name }) => name))
    const missing = names.find((name) => !found.has(name))
    if (missing === undefined) return
    throw new NotFoundError('log.topic-unknown', `Cannot ${doing}: there is no topic ${missing}`)
  }
}
