import { RecordBatchReader, RecordBatchWriter } from '../../api/record-batch.ts'
import type { ConsumedBatch, Consumer } from '../log.ts'

/** A batch with a record for each value; without keys. */
export function batchOf(...values: readonly string[]): Buffer {
  const writer = new RecordBatchWriter()
  for (const value of values) writer.record(Date.now(), null, Buffer.from(value))
  return writer.finish()
}

/** `offset:value` of each record from an offset on. */
export function recordsOf(batch: Buffer, firstOffset = 0n): string[] {
  const records: string[] = []
  for (const reader = new RecordBatchReader(batch); reader.next();) {
    if (reader.offset >= firstOffset) records.push(`${reader.offset}:${reader.value?.toString() ?? null}`)
  }
  return records
}

/** `partition/offset:value` of each record that was consumed. */
export function consumedRecords(batches: readonly ConsumedBatch[]): string[] {
  return batches.flatMap(({ partition, batch, firstOffset }) =>
    recordsOf(batch, firstOffset).map((record) => `${partition}/${record}`),
  )
}

/** Polls until so many records have come; fails when they do not come in time. */
export async function consume(consumer: Consumer, count: number, maxBytes = 1_000_000): Promise<string[]> {
  const signal = AbortSignal.timeout(30_000)
  const records: string[] = []
  while (records.length < count) {
    const batches = await consumer.poll(maxBytes, signal)
    if (signal.aborted)
      throw new Error(`only ${records.length} of ${count} records came: ${records.join(', ')}`)
    records.push(...consumedRecords(batches))
  }
  return records
}
