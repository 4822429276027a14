import { RecordBatchReader } from '../../../src/api/record-batch.ts'
import { openKafkaLog } from '../../../src/log/kafka/kafka-log.ts'
import type { KafkaServer } from '../../servers/kafka.ts'
import type { TopicRecord } from './collect.ts'

/**
 * The records of a topic's only partition that were committed. What a transaction has taken back, because its task died
 * for instance, is in Kafka's log as well, and shown to who does not ask for what counts.
 */
export async function* committedRecords(
  kafka: readonly KafkaServer[],
  topic: string,
): AsyncGenerator<TopicRecord> {
  await using log = await openKafkaLog({
    bootstrapServers: kafka.map(({ bootstrapServers }) => bootstrapServers),
    clientId: 'faults',
    isReadCommitted: true,
    internalTopics: { offsets: { name: 'unused', partitions: 1, property: 'unused' } },
  })
  if ((await log.describeTopic(topic)) === null) return
  for (let offset = 0n; ;) {
    const batches = await log.read({ topic, partition: 0, offset }, 4_000_000)
    if (batches.length === 0) return
    for (const batch of batches) {
      const reader = new RecordBatchReader(batch)
      while (reader.next()) {
        const { key, value } = reader
        yield {
          offset: Number(reader.offset),
          key: key?.toString() ?? null,
          value: value?.toString() ?? null,
        }
      }
      offset = reader.lastOffset + 1n
    }
  }
}
