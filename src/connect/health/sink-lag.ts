import type { ConnectorConfig } from '../../api/config-def.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { Log } from '../../log/log.ts'
import { sinkGroup } from '../sink/sink-group.ts'
import { foundSinkTopics } from '../sink/sink-topics.ts'

/** How far a sink is behind, and how far it got: the sum of its committed offsets. */
export interface SinkLag {
  readonly records: bigint
  readonly committed: bigint
  /** The first record that waits, of the first partition that has one; null: none does. */
  readonly first: TopicPartitionOffset | null
}

/** Looks at the topics of a sink connector and at what its group has committed. */
export async function sinkLag(log: Log, connector: string, config: ConnectorConfig): Promise<SinkLag> {
  const offsets = await log.groupOffsets(sinkGroup(connector, config))
  const committedOf = (topic: string, partition: number): bigint | undefined =>
    offsets.find((entry) => entry.topic === topic && entry.partition === partition)?.offset
  let records = 0n
  let committed = 0n
  let first: TopicPartitionOffset | null = null
  for (const { name, partitions } of await foundSinkTopics(config, log)) {
    for (const { partition, startOffset, endOffset } of partitions) {
      const own = committedOf(name, partition)
      const next = own === undefined || own < startOffset ? startOffset : own
      if (endOffset > next) {
        records += endOffset - next
        first ??= { topic: name, partition, offset: next }
      }
      committed += own ?? 0n
    }
  }
  return { records, committed, first }
}
