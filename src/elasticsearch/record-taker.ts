import type { JsonSinkBatch, RecordsSinkBatch } from '../api/sink-task.ts'
import type { CheckedJsonBatch } from './json-batch.ts'
import type { PartitionProgress } from './offset-tracker.ts'

/** Makes the records of a batch into items of bulk requests, and has `writer.room` before it goes on when that is full. */
export interface RecordTaker {
  /** Looks at every record before the first one is written. Throws `DataError`. */
  check(batch: JsonSinkBatch): CheckedJsonBatch
  takeJson(batch: CheckedJsonBatch, progress: PartitionProgress): Promise<void>
  takeRecords(batch: RecordsSinkBatch, progress: PartitionProgress): Promise<void>
}
