import {
  BATCH_FIELD,
  BATCH_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  RecordBatchReader,
} from '../../api/record-batch.ts'

/** The batch without its records from an offset on; null: none is left. Its CRC, checked already, stays the whole one's. */
export function batchUpTo(batch: Buffer, limit: bigint): Buffer | null {
  const reader = new RecordBatchReader(batch)
  if (reader.lastOffset < limit) return batch
  let count = 0
  let lastDelta = 0
  let end = BATCH_HEADER_BYTES + batch.readUInt32LE(BATCH_FIELD.commonHeadersLength)
  for (; reader.next() && reader.offset < limit; count++) {
    lastDelta = reader.offsetDelta
    end = endOfRecord(reader, end)
  }
  if (count === 0) return null
  const cut = Buffer.from(batch.subarray(0, end))
  cut.writeUInt32LE(end, BATCH_FIELD.length)
  cut.writeUInt32LE(count, BATCH_FIELD.count)
  cut.writeUInt32LE(lastDelta, BATCH_FIELD.lastOffsetDelta)
  return cut
}

function endOfRecord(reader: RecordBatchReader, start: number): number {
  if (!reader.hasCommonHeaders) return reader.headersEnd
  if (reader.valueStart >= 0) return reader.valueEnd
  return reader.keyStart >= 0 ? reader.keyEnd : start + RECORD_HEADER_BYTES
}
