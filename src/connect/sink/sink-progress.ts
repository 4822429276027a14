import { RecordBatchReader } from '../../api/record-batch.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { Log } from '../../log/log.ts'

/** What a partition holds at a moment. Offsets as Kafka counts them: `endOffset` is that of the next record. */
export interface PartitionEnd {
  readonly topic: string
  readonly partition: number
  readonly startOffset: bigint
  readonly endOffset: bigint
}

/** Where the topics end now; topics that are not there have no end. */
export async function partitionEnds(log: Log, topics: readonly string[]): Promise<readonly PartitionEnd[]> {
  const described = await Promise.all(topics.map((topic) => log.describeTopic(topic)))
  return described.flatMap((topic) =>
    (topic?.partitions ?? []).map(({ partition, startOffset, endOffset }) => ({
      topic: topic!.name,
      partition,
      startOffset,
      endOffset,
    })),
  )
}

/** Whether offsets that a sink has committed are behind every record before these ends. */
export async function hasStored(
  log: Log,
  offsets: readonly TopicPartitionOffset[],
  ends: readonly PartitionEnd[],
): Promise<boolean> {
  for (const end of ends) {
    const done = offsets.find(({ topic, partition }) => topic === end.topic && partition === end.partition)
    const offset = done?.offset ?? end.startOffset
    if (offset < end.endOffset && (await holdsRecords(log, end, offset))) return false
  }
  return true
}

/** A cluster counts marks of transactions as offsets too; nobody ever consumes those. */
async function holdsRecords(
  log: Log,
  { topic, partition, endOffset }: PartitionEnd,
  offset: bigint,
): Promise<boolean> {
  for (const batch of await log.read({ topic, partition, offset }, 1)) {
    for (const reader = new RecordBatchReader(batch); reader.next();) {
      if (reader.offset >= offset && reader.offset < endOffset) return true
    }
  }
  return false
}
