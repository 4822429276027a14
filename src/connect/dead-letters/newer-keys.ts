import { RecordBatchReader } from '../../api/record-batch.ts'
import type { TopicPartition } from '../../api/sink-task.ts'
import type { Log } from '../../log/log.ts'

const READ_BYTES = 4 * 1024 * 1024
/** As much of a topic as somebody waits for to be read. */
const MOST_BYTES = 1024 * 1024 * 1024

export interface KeyedPlace {
  readonly key: Uint8Array
  readonly offset: bigint
}

/**
 * Which of these places of a partition have a record with the same key behind them, and so hold a state that is not the
 * last one. Null: there is too much behind them to look through.
 */
export async function withNewerKeys(
  log: Log,
  { topic, partition }: TopicPartition,
  places: readonly KeyedPlace[],
): Promise<ReadonlySet<bigint> | null> {
  const newer = new Set<bigint>()
  if (places.length === 0) return newer
  const byKey = Map.groupBy(places, ({ key }) => textOf(key))
  const end =
    (await log.describeTopic(topic))?.partitions.find((each) => each.partition === partition)?.endOffset ?? 0n
  let bytes = 0
  let next = places.reduce((least, { offset }) => (offset < least ? offset : least), places[0]!.offset) + 1n
  while (next < end && newer.size < places.length) {
    const batches = await log.read({ topic, partition, offset: next }, READ_BYTES)
    if (batches.length === 0) break
    for (const batch of batches) {
      bytes += batch.length
      const reader = new RecordBatchReader(batch)
      while (reader.next()) {
        const { key } = reader
        if (key === null) continue
        for (const { offset } of byKey.get(textOf(key)) ?? []) if (offset < reader.offset) newer.add(offset)
      }
      if (reader.lastOffset >= next) next = reader.lastOffset + 1n
    }
    if (bytes > MOST_BYTES) return null
  }
  return newer
}

/** Keys of any bytes, for maps. */
function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}
