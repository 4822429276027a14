import { BATCH_FIELD, RecordBatchReader } from '../../api/record-batch.ts'

/** The batch without its records from an offset on; null: none is left. */
export function batchUpTo(batch: Buffer, limit: bigint): Buffer | null {
  const reader = new RecordBatchReader(batch)
  if (reader.lastOffset < limit) return batch
  let count = 0
  let lastDelta = 0
  for (; reader.next() && reader.offset < limit; count++) lastDelta = reader.offsetDelta
  if (count === 0) return null
  const cut = Buffer.from(batch)
  cut.writeUInt32LE(count, BATCH_FIELD.count)
  cut.writeUInt32LE(lastDelta, BATCH_FIELD.lastOffsetDelta)
  return cut
}
