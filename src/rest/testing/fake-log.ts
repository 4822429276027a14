import { BATCH_FIELD, recordCount, RecordBatchWriter } from '../../api/record-batch.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'
import type { Log, TopicDescription } from '../../log/log.ts'

/** As much of a log as the REST API reads: topics of one partition, in memory. */
export class FakeLog {
  /** Whether it answers with nothing but errors. */
  isBroken = false
  readonly #topics = new Map<string, { batches: Buffer[]; endOffset: bigint }>()

  /** Appends one batch. Null stands for a null key or value. */
  append(
    topic: string,
    records: readonly (readonly [key: Uint8Array | null, value: Uint8Array | null])[],
  ): void {
    const writer = new RecordBatchWriter()
    for (const [key, value] of records) writer.record(1_700_000_000_000, key, value)
    this.#append(topic, writer.finish())
  }

  #append(topic: string, batch: Buffer): void {
    const held = this.#topics.get(topic) ?? { batches: [], endOffset: 0n }
    batch.writeBigInt64LE(held.endOffset, BATCH_FIELD.baseOffset)
    held.batches.push(batch)
    held.endOffset += BigInt(recordCount(batch))
    this.#topics.set(topic, held)
  }

  asLog(): Log {
    const log: Partial<Log> = {
      listTopics: () => Promise.resolve(this.topics()),
      describeTopic: (name) =>
        this.isBroken
          ? Promise.reject(new Error('broken'))
          : Promise.resolve(this.topics().find((topic) => topic.name === name) ?? null),
      createTopic: ({ name }) => {
        if (this.#topics.has(name)) return Promise.resolve('exists')
        this.#topics.set(name, { batches: [], endOffset: 0n })
        return Promise.resolve('created')
      },
      append: ({ batches }) => {
        for (const { topic, batch } of batches) this.#append(topic, batch)
        return Promise.resolve({ baseOffsets: [] })
      },
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
      id: name,
      partitions: [{ partition: 0, startOffset: 0n, endOffset }],
      config: {},
    }))
  }
}
