import { RecordBatchReader, RecordBatchWriter, BATCH_FIELD } from '../../api/record-batch.ts'
import { DataError } from '../../api/errors.ts'
import type { SinkRecord } from '../../api/record.ts'
import type { JsonSinkBatch, RecordsSinkBatch } from '../../api/sink-task.ts'
import type { ConnectValue } from '../../api/value.ts'

export interface TextRecord {
  readonly key?: string | null
  readonly value: string | null
}

/** A batch as the runtime makes it from the log: string keys, JSON values. */
export function jsonBatch(
  topic: string,
  records: readonly TextRecord[],
  { partition = 0, baseOffset = 0n }: { readonly partition?: number; readonly baseOffset?: bigint } = {},
): JsonSinkBatch {
  const writer = new RecordBatchWriter()
  for (const { key = null, value } of records) {
    writer.record(0, key === null ? null : Buffer.from(key), value === null ? null : Buffer.from(value))
  }
  const bytes = writer.finish()
  bytes.writeBigInt64LE(baseOffset, BATCH_FIELD.baseOffset)
  const reader = new RecordBatchReader(bytes)
  return {
    kind: 'json',
    topic,
    partition,
    reader,
    firstOffset: baseOffset,
    readableKeys: 'all',
    key: () => ({ schema: null, value: reader.key?.toString() ?? null }),
    record: () =>
      sinkRecord(topic, reader.offset, {
        key: reader.key?.toString() ?? null,
        value: parseJson(reader.value?.toString() ?? null),
        partition,
      }),
  }
}

export function recordsBatch(topic: string, records: readonly SinkRecord[], partition = 0): RecordsSinkBatch {
  return { kind: 'records', topic, partition, records }
}

export function sinkRecord(
  topic: string,
  offset: bigint,
  more: Partial<Omit<SinkRecord, 'origin'>> = {},
): SinkRecord {
  const { partition = 0 } = more
  return {
    topic,
    partition,
    keySchema: null,
    key: null,
    valueSchema: null,
    value: null,
    timestamp: 0,
    headers: [],
    ...more,
    origin: { topic, partition, offset },
  }
}

function parseJson(text: string | null): ConnectValue {
  if (text === null || text === '') return null
  try {
    return toConnect(JSON.parse(text))
  } catch (error) {
    throw new DataError('connect.data-invalid', 'The value is not JSON', { cause: error })
  }
}

/** Parsed JSON as the converter gives it. */
export function toConnect(value: unknown): ConnectValue {
  if (Array.isArray(value)) return value.map(toConnect)
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([name, field]) => [name, toConnect(field)]))
  }
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : (value as ConnectValue)
}
