import { BATCH_FIELD, RecordBatchWriter } from '../../api/record-batch.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { Log, TopicDescription } from '../../log/log.ts'

/** As much of a log as the REST API reads: topics of one partition, in memory. */
export class FakeLog {
  readonly #topics = new Map<string, { batches: Buffer[]; endOffset: bigint }>()

  /** Appends one batch. Null stands for a null key or value. */
  append(
    topic: string,
    records: readonly (readonly [key: Uint8Array | null, value: Uint8Array | null])[],
  ): void {
    const held = this.#topics.get(topic) ?? { batches: [], endOffset: 0n }
    const writer = new RecordBatchWriter()
    for (const [key, value] of records) writer.record(1_700_000_000_000, key, value)
    const batch = writer.finish()
    batch.writeBigInt64LE(held.endOffset, BATCH_FIELD.baseOffset)
    held.batches.push(batch)
    held.endOffset += BigInt(records.length)
    this.#topics.set(topic, held)
  }

  asLog(): Log {
    const log: Partial<Log> = {
      listTopics: () => Promise.resolve(this.topics()),
      describeTopic: (name) => Promise.resolve(this.topics().find((topic) => topic.name === name) ?? null),
      deleteTopic: (name) => Promise.resolve(this.#topics.delete(name)),
      read: ({ topic, offset }: TopicPartitionOffset) => {
        const batches = this.#topics.get(topic)?.batches ?? []
        const last = (batch: Buffer) =>
          batch.readBigInt64LE(BATCH_FIELD.baseOffset) +
          BigInt(batch.readUInt32LE(BATCH_FIELD.lastOffsetDelta))
        const found = batches.find((batch) => last(batch) >= offset)
        return Promise.resolve(found === undefined ? [] : [found])
      },
    }
    return log as Log
  }

  topics(): readonly TopicDescription[] {
    return [...this.#topics].map(([name, { endOffset }]) => ({
      name,
      partitions: [{ partition: 0, startOffset: 0n, endOffset }],
      config: {},
    }))
  }
}
