import type { RecordBatchReader } from '../api/record-batch.ts'
import type { SinkRecord } from '../api/record.ts'
import type { JsonSinkBatch } from '../api/sink-task.ts'
import type { DocumentBytes, DocumentSource } from './documents/document-writer.ts'
import type { CheckedJsonBatch } from './documents/json-batch.ts'
import type { PartitionProgress } from './bulk/offset-tracker.ts'

/** Where the intake stands in a batch. One object for all records of it. */
export interface JsonPlace {
  readonly checked: CheckedJsonBatch
  readonly reader: RecordBatchReader
  /** The number of the record in the batch. */
  index: number
  /** Of this record, but for its routing and timestamp. */
  readonly source: DocumentSource
  /** The bytes of the batch; where the document lies in them is for the taker to say. */
  readonly document: DocumentBytes
}

/** Makes records into items of bulk requests, one by one. */
export interface RecordTaker {
  /** Looks at every record before the first one is written. Throws `DataError`. */
  check(batch: JsonSinkBatch): CheckedJsonBatch
  /** The hot path: bytes from the log into the bulk body. Null: it is done; a promise only where there is to wait. */
  takeJson(place: JsonPlace): Promise<void> | null
  takeRecord(record: SinkRecord, progress: PartitionProgress): Promise<void>
  /** All records of a `put` were taken: nothing may wait for the next one. */
  end?(): void
}
