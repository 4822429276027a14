import type { TopicPartition, TopicPartitionOffset } from '../../api/sink-task.ts'
import type { ConsumedBatch } from '../../log/log.ts'
import { RecordBatchReader } from '../../api/record-batch.ts'

interface Position extends TopicPartition {
  /** One above the last record put. */
  offset: bigint
  committed: bigint
}

/** How far a sink task's partitions are: what was put, and what was committed. */
export class SinkPositions {
  readonly #byPartition = new Map<string, Position>()
  #active = 0n

  assign(partitions: readonly TopicPartitionOffset[]): void {
    this.revoke(partitions)
    for (const { topic, partition, offset } of partitions) {
      this.#byPartition.set(key(topic, partition), { topic, partition, offset, committed: offset })
    }
  }

  revoke(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const position = this.#byPartition.get(key(topic, partition))
      if (position === undefined) continue
      this.#active -= position.offset - position.committed
      this.#byPartition.delete(key(topic, partition))
    }
  }

  /** The batches were put. */
  advance(batches: readonly ConsumedBatch[]): void {
    for (const { topic, partition, batch } of batches) {
      const position = this.#byPartition.get(key(topic, partition))
      if (position === undefined) continue
      const offset = new RecordBatchReader(batch).lastOffset + 1n
      this.#active += offset - position.offset
      position.offset = offset
    }
  }

  all(): readonly TopicPartitionOffset[] {
    return [...this.#byPartition.values()].map(({ topic, partition, offset }) => ({
      topic,
      partition,
      offset,
    }))
  }

  partitions(): readonly TopicPartition[] {
    return [...this.#byPartition.values()].map(({ topic, partition }) => ({ topic, partition }))
  }

  /** How many records were put that no commit covers; offsets that hold none are counted, too, as Kafka Connect does. */
  get active(): number {
    return Number(this.#active)
  }

  /** Whether something was put that no commit covers. */
  get isBehind(): boolean {
    return [...this.#byPartition.values()].some(({ offset, committed }) => offset > committed)
  }

  /** Those of the given offsets that a commit would move on; never beyond what was put. */
  uncommitted(offsets: readonly TopicPartitionOffset[]): TopicPartitionOffset[] {
    return offsets.flatMap(({ topic, partition, offset }) => {
      const position = this.#byPartition.get(key(topic, partition))
      if (position === undefined) return []
      const safe = offset < position.offset ? offset : position.offset
      return safe > position.committed ? [{ topic, partition, offset: safe }] : []
    })
  }

  committed(offsets: readonly TopicPartitionOffset[]): void {
    for (const { topic, partition, offset } of offsets) {
      const position = this.#byPartition.get(key(topic, partition))
      if (position === undefined) continue
      this.#active -= offset - position.committed
      position.committed = offset
    }
  }
}

function key(topic: string, partition: number): string {
  return `${partition} ${topic}`
}
