import { ConnectError } from '../../../api/errors.ts'
import type { TopicPartition } from '../../../api/sink-task.ts'
import type { ConsumerOptions } from '../../log.ts'
import type { Cluster } from '../connection/cluster.ts'
import { ConsumedPartition } from './consumed-partition.ts'
import type { GroupOffsets } from '../group/group-offsets.ts'
import { EARLIEST, LATEST, type TopicAdmin } from '../topic-admin.ts'

export interface BeginSurroundings {
  readonly cluster: Cluster
  readonly topics: TopicAdmin
  readonly groupOffsets: GroupOffsets
}

interface Bounds {
  readonly start: bigint
  readonly end: bigint
}

/**
 * Partitions that were assigned, each where its group stands. Those that have been deleted meanwhile are left out.
 * In order of topic and partition.
 */
export async function beginPartitions(
  { group, onOutOfRange }: Pick<ConsumerOptions, 'group' | 'onOutOfRange'>,
  assigned: readonly TopicPartition[],
  { cluster, topics, groupOffsets }: BeginSurroundings,
): Promise<readonly ConsumedPartition[]> {
  const names = [...new Set(assigned.map(({ topic }) => topic))]
  // Asked for, not remembered: whoever finds that a topic's leader has moved makes everybody forget the topic.
  const [found, committed, starts, ends] = await Promise.all([
    cluster.refresh(names),
    groupOffsets.read(group),
    topics.offsets(assigned, EARLIEST),
    topics.offsets(assigned, LATEST),
  ])
  const ids = new Map(found.map(({ name, id }) => [name, id]))
  const offsets = new Map(committed.map((entry) => [keyOf(entry), entry.offset]))
  const begun: ConsumedPartition[] = []
  for (const { topic, partition } of assigned) {
    const key = keyOf({ topic, partition })
    const [topicId, start, end] = [ids.get(topic), starts.get(key), ends.get(key)]
    if (topicId === undefined || start === undefined || end === undefined) continue
    const wanted = offsets.get(key) ?? firstOffset({ group, topic, partition }, { start, end }, cluster)
    const offset = wanted < start ? start : wanted > end ? end : wanted
    if (offset !== wanted) onOutOfRange?.({ topic, partition, offset: wanted, goesOnAt: offset })
    begun.push(new ConsumedPartition({ topic, topicId, partition }, offset))
  }
  return begun.toSorted((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
  )
}

/** Where a partition is begun that the group has no offset for. */
function firstOffset(
  { group, topic, partition }: TopicPartition & { readonly group: string },
  { start, end }: Bounds,
  { description }: Cluster,
): bigint {
  switch (description.offsetReset ?? 'earliest') {
    case 'earliest':
      return start
    case 'latest':
      return end
    case 'none':
      throw new ConnectError(
        'log.group-offset-missing',
        `Group ${group} has no offset for topic ${topic}, partition ${partition}, and auto.offset.reset is none. ` +
          'Set the offset, or auto.offset.reset to earliest or latest',
      )
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}
