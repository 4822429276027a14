import { partitionForKey } from '../api/partitioner.ts'
import { encodeHeaders, RecordBatchWriter, type EncodedHeader } from '../api/record-batch.ts'
import { ConfigError, NotFoundError } from '../api/errors.ts'
import type { JsonObject, JsonValue } from '../api/record.ts'
import type { Log, PartitionBatch, TopicDescription } from '../log/log.ts'

const FIRST_BATCH_BYTES = 16 * 1024
/** What a batch can hold as the distance of a record's timestamp from its first. */
const MAX_TIMESTAMP_SPAN_MS = 2 ** 31 - 1

/**
 * Appends records in the form in which `readRecords` answers them: `key` and `value` text, `{"base64":"…"}` or null,
 * `headers` pairs; all of it may be missing, `offset` counts for nothing. A `partition` is kept; without one the key
 * decides as Kafka's default partitioner does, and records without a key go to one partition together. Durable when it
 * resolves, all of them or none of a partition. Throws `rest.record-invalid` before anything is appended.
 */
export async function appendRecords(
  log: Log,
  topic: TopicDescription,
  records: readonly JsonValue[],
): Promise<void> {
  const { partitions } = topic
  const open = new Map<number, OpenBatch>()
  const batches: PartitionBatch[] = []
  const finish = (partition: number, { writer }: OpenBatch) =>
    batches.push({ topic: topic.name, partition, batch: writer.finish() })
  const keyless = Math.floor(Math.random() * partitions.length)
  records.forEach((record, index) => {
    const { key, value, headers, partition: wanted, timestampMs = Date.now() } = parseRecord(record, index)
    if (wanted !== undefined && wanted >= partitions.length) {
      throw new NotFoundError('rest.topic-unknown', `Topic ${topic.name} has no partition ${wanted}`)
    }
    const byKey = key === null ? keyless : partitionForKey(key, 0, key.length, partitions.length)
    const partition = wanted ?? byKey
    let batch = open.get(partition)
    if (batch === undefined || Math.abs(timestampMs - batch.firstTimestampMs) > MAX_TIMESTAMP_SPAN_MS) {
      if (batch !== undefined) finish(partition, batch)
      const writer = new RecordBatchWriter(undefined, FIRST_BATCH_BYTES)
      open.set(partition, (batch = { writer, firstTimestampMs: timestampMs }))
    }
    batch.writer.record(timestampMs, key, value, encodeHeaders(headers))
  })
  for (const [partition, batch] of open) finish(partition, batch)
  if (batches.length > 0) await log.append({ batches })
}

interface OpenBatch {
  readonly writer: RecordBatchWriter
  readonly firstTimestampMs: number
}

interface NewRecord {
  readonly partition: number | undefined
  readonly timestampMs: number | undefined
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly EncodedHeader[]
}

const FIELDS: ReadonlySet<string> = new Set(['partition', 'offset', 'timestamp', 'key', 'value', 'headers'])

function parseRecord(record: JsonValue, index: number): NewRecord {
  const refuse = (what: string) =>
    new ConfigError('rest.record-invalid', `Record ${index + 1}: ${what}; nothing was appended`)
  if (!isObject(record)) throw refuse('it must be a JSON object')
  const unknown = Object.keys(record).find((name) => !FIELDS.has(name))
  if (unknown !== undefined) {
    throw refuse(`it has an unknown field "${unknown}"; it may have ${[...FIELDS].join(', ')}`)
  }
  const { key = null, value = null, headers = [], partition = null, timestamp = null } = record
  if (!Array.isArray(headers)) throw refuse('headers must be a list of [name, value]')
  return {
    partition: wholeNumber(partition, 'partition', refuse),
    timestampMs: wholeNumber(timestamp, 'timestamp', refuse),
    key: bytesOf(key, 'the key', refuse),
    value: bytesOf(value, 'the value', refuse),
    headers: headers.map((header) => {
      if (!Array.isArray(header) || header.length !== 2 || typeof header[0] !== 'string') {
        throw refuse('each header must be [name, value]')
      }
      return { name: header[0], value: bytesOf(header[1] ?? null, `header ${header[0]}`, refuse) }
    }),
  }
}

type Refuse = (what: string) => ConfigError

function wholeNumber(value: JsonValue, name: string, refuse: Refuse): number | undefined {
  if (value === null) return undefined
  const number = Number(value)
  if (typeof value === 'string' || !Number.isSafeInteger(number) || number < 0) {
    throw refuse(`${name} must be a whole number`)
  }
  return number
}

function bytesOf(value: JsonValue, what: string, refuse: Refuse): Buffer | null {
  if (value === null) return null
  if (typeof value === 'string') return Buffer.from(value)
  const base64 = isObject(value) ? value['base64'] : undefined
  if (typeof base64 !== 'string') throw refuse(`${what} must be text, {"base64":"…"} or null`)
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw refuse(`${what} is not valid base64`)
  return Buffer.from(base64, 'base64')
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
