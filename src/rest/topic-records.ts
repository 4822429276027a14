import { isUtf8 } from 'node:buffer'
import { RecordBatchReader } from '../api/record-batch.ts'
import type { JsonObject, JsonValue } from '../api/record.ts'
import type { TopicPartitionOffset } from '../api/sink-task.ts'
import type { Log } from '../log/log.ts'

/** Bytes of records in one answer; the first record comes whatever its size. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const READ_BYTES = 256 * 1024

/**
 * Records of a partition from an offset on: `{"records":[…],"next_offset":n}`. Ends at `limit` records, at some
 * megabytes, or at the end of the partition; before a transaction that is open, as consumers of committed records do.
 */
export async function readRecords(log: Log, from: TopicPartitionOffset, limit: number): Promise<JsonObject> {
  const records: JsonObject[] = []
  let nextOffset = from.offset
  let bytes = 0
  while (records.length < limit && bytes < MAX_ANSWER_BYTES) {
    const batches = await log.read({ ...from, offset: nextOffset }, READ_BYTES, 'committed')
    if (batches.length === 0) break
    for (const batch of batches) {
      const reader = new RecordBatchReader(batch)
      while (records.length < limit && bytes < MAX_ANSWER_BYTES && reader.next()) {
        if (reader.offset < nextOffset) continue
        records.push(recordJson(reader, from.partition))
        bytes +=
          Math.max(0, reader.keyEnd - reader.keyStart) + Math.max(0, reader.valueEnd - reader.valueStart)
        nextOffset = reader.offset + 1n
      }
      // Compaction may have taken a batch's last records: go on behind it, or it would be read again for ever.
      const isThrough = records.length < limit && bytes < MAX_ANSWER_BYTES
      if (isThrough && reader.lastOffset >= nextOffset) nextOffset = reader.lastOffset + 1n
    }
  }
  return { records, next_offset: nextOffset }
}

/** @param mostBytes of each text; what was cut off is told by `cut` */
export function recordJson(reader: RecordBatchReader, partition: number, mostBytes = Infinity): JsonObject {
  const { key, value, headers } = reader
  const shown = (bytes: Uint8Array | null): JsonValue =>
    bytesJson(bytes !== null && bytes.length > mostBytes ? bytes.subarray(0, mostBytes) : bytes)
  const isCut = Math.max(key?.length ?? 0, value?.length ?? 0) > mostBytes
  return {
    partition,
    offset: reader.offset,
    timestamp: reader.timestampMs,
    key: shown(key),
    value: shown(value),
    headers: headers.map((header) => [header.name, shown(header.value)]),
    ...(isCut ? { cut: true } : {}),
  }
}

/** Text as text; bytes that are none as `{"base64":"…"}`. */
export function bytesJson(bytes: Uint8Array | null): JsonValue {
  if (bytes === null) return null
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return isUtf8(buffer) ? buffer.toString('utf8') : { base64: buffer.toString('base64') }
}
