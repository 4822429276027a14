import { JavaPattern } from '../../api/java/java-pattern.ts'
import type { ConsumerOptions } from '../log.ts'
import type { PartitionId, TopicState } from './protocol.ts'

export interface AssignablePartition extends PartitionId {
  readonly topic: string
  readonly startOffset: bigint
  readonly endOffset: bigint
}

/**
 * The partitions of one member: every `count`th of those that match. In the order in which topics were created, so that
 * a new topic comes last and moves no partition from one member to another.
 */
export function assignedPartitions(
  topics: readonly TopicState[],
  { topics: wanted, member }: Pick<ConsumerOptions, 'topics' | 'member'>,
): AssignablePartition[] {
  return topics
    .filter(({ name }) => isWanted(wanted, name))
    .sort((a, b) => a.id - b.id)
    .flatMap(({ id, name, partitions }) =>
      partitions.map((partition) => ({ topicId: id, topic: name, ...partition })),
    )
    .filter((_, index) => index % member.count === member.index)
}

function isWanted(wanted: ConsumerOptions['topics'], name: string): boolean {
  return wanted instanceof JavaPattern ? wanted.matches(name) : wanted.includes(name)
}
