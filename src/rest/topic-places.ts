import { RecordBatchReader } from '../api/record-batch.ts'
import type { JsonObject } from '../api/record.ts'
import type { TopicPartition } from '../api/sink-task.ts'
import type { Log, PartitionDescription } from '../log/log.ts'
import { recordJson } from './topic-records.ts'

const READ_BYTES = 1024 * 1024
/** A search answers after this time with how far it got. */
const SEARCH_MS = 2_000
const MOST_FOUND = 100

/** The first offset whose record was written at or after a moment; the end where there is none. Halves the partition each time. */
export async function offsetAt(
  log: Log,
  topic: string,
  { partition, startOffset, endOffset }: PartitionDescription,
  timestampMs: number,
): Promise<bigint> {
  let [low, high] = [startOffset, endOffset]
  while (low < high) {
    const middle = (low + high) / 2n
    const found = await firstFrom(log, { topic, partition }, middle)
    if (found !== null && found.timestampMs < timestampMs) low = found.offset + 1n
    else high = middle
  }
  return low
}

/**
 * Records with a key, from an offset on: `{"records":[…],"next_offset":n,"at_end":…}`. Reads for some seconds at most; go
 * on with `next_offset`.
 */
export async function recordsWithKey(
  log: Log,
  from: TopicPartition & { readonly offset: bigint; readonly end: bigint },
  key: Uint8Array,
): Promise<JsonObject> {
  const { topic, partition, end } = from
  const records: JsonObject[] = []
  const deadline = performance.now() + SEARCH_MS
  let next = from.offset
  while (next < end && records.length < MOST_FOUND && performance.now() < deadline) {
    const batches = await log.read({ topic, partition, offset: next }, READ_BYTES, 'committed')
    if (batches.length === 0) {
      next = end
      break
    }
    for (const batch of batches) {
      const reader = new RecordBatchReader(batch)
      while (reader.next()) {
        if (reader.offset >= next && reader.key?.equals(key)) records.push(recordJson(reader, partition))
      }
      if (reader.lastOffset >= next) next = reader.lastOffset + 1n
    }
  }
  return { records, next_offset: next, at_end: next >= end }
}

async function firstFrom(
  log: Log,
  { topic, partition }: TopicPartition,
  offset: bigint,
): Promise<{ readonly offset: bigint; readonly timestampMs: number } | null> {
  for (const batch of await log.read({ topic, partition, offset }, 1, 'committed')) {
    for (const reader = new RecordBatchReader(batch); reader.next();) {
      if (reader.offset >= offset) return { offset: reader.offset, timestampMs: reader.timestampMs }
    }
  }
  return null
}
