import type { SinkRecord } from './record.ts'
import type { SinkBatch } from './sink-task.ts'

/** The records of a batch, whatever form it has: the plain way for sinks that do not work on bytes. Throws `DataError`. */
export function sinkRecords(batch: SinkBatch): readonly SinkRecord[] {
  if (batch.kind === 'records') return batch.records
  const { reader, firstOffset } = batch
  const records: SinkRecord[] = []
  while (reader.next()) if (reader.offset >= firstOffset) records.push(batch.record())
  return records
}
