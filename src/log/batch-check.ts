import { DataError } from '../api/errors.ts'
import { BATCH_FIELD, BATCH_HEADER_BYTES, BATCH_MAGIC } from '../api/record-batch.ts'

/** Throws `log.batch-invalid` for bytes that no reader could read: they must not get into a log. */
export function requireBatch(batch: Buffer, topic: string): void {
  const problem = batchProblem(batch)
  if (problem === null) return
  throw new DataError(
    'log.batch-invalid',
    `Cannot append to topic ${topic}: ${problem}. Batches are what RecordBatchWriter.finish returns.`,
  )
}

function batchProblem(batch: Buffer): string | null {
  if (batch.length < BATCH_HEADER_BYTES) return `${batch.length} bytes are no batch`
  if (batch.readUInt32LE(BATCH_FIELD.magic) !== BATCH_MAGIC) return 'the bytes do not start as a batch does'
  const length = batch.readUInt32LE(BATCH_FIELD.length)
  if (length !== batch.length) return `the batch says it is ${length} bytes long and is ${batch.length}`
  const count = batch.readUInt32LE(BATCH_FIELD.count)
  if (count === 0) return 'the batch has no records'
  if (batch.readUInt32LE(BATCH_FIELD.lastOffsetDelta) < count - 1) {
    return 'the batch has more records than offsets'
  }
  return null
}
