import { hash } from 'node:crypto'
import { BATCH_FIELD, recordCount } from '../../api/record-batch.ts'
import type { TopicPartition } from '../../api/sink-task.ts'
import type { SpanContext } from '../../api/tracing.ts'

/** What a batch is recognised by, wherever it is met. */
export interface TracedBatch extends TopicPartition {
  readonly timestampMs: number
  readonly records: number
  readonly bytes: number
}

/** To be asked for before the buffer is given away. */
export function tracedBatch({ topic, partition }: TopicPartition, batch: Buffer): TracedBatch {
  const timestampMs = Number(batch.readBigInt64LE(BATCH_FIELD.baseTimestamp))
  return { topic, partition, timestampMs, records: recordCount(batch), bytes: batch.length }
}

/**
 * The place in a trace at which a batch was written. It follows from where the batch lies and when it was made: so those
 * who read it know it, in another thread or another worker, and not a byte of the records is another one for it.
 */
export function batchContext({ topic, partition, timestampMs }: TracedBatch, offset: bigint): SpanContext {
  const digits = hash('sha256', `${topic}\n${partition}\n${offset}\n${timestampMs}`)
  return { traceId: digits.slice(0, 32), spanId: digits.slice(32, 48) }
}
