import type { EncodedHeader, RecordBatchReader } from '../../api/record-batch.ts'
import type { TopicPartitionOffset } from '../../api/sink-task.ts'

const PREFIX = '__connect.errors.'

/** A record that a sink could not use, as it lies in a dead letter topic. */
export interface DeadLetter extends TopicPartitionOffset {
  /** The record's own. */
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** Those that the record had; what the error headers say is in the other fields. */
  readonly headers: readonly EncodedHeader[]
  /** Where it was read; null where the connector wrote no error headers. */
  readonly origin: TopicPartitionOffset | null
  /** The rest of what the error headers say, by their names without the prefix: `connector.name`, `stage`, `exception.message`, … */
  readonly context: Readonly<Record<string, string>>
}

/** The dead letter that a reader is at; all of it is copied. */
export function readDeadLetter(reader: RecordBatchReader, topic: string, partition: number): DeadLetter {
  const context: Record<string, string> = {}
  const headers: EncodedHeader[] = []
  for (const { name, value } of reader.headers) {
    const bytes = copied(value)
    if (!name.startsWith(PREFIX)) headers.push({ name, value: bytes })
    else if (bytes !== null) context[name.slice(PREFIX.length)] = Buffer.from(bytes).toString('utf8')
  }
  return {
    topic,
    partition,
    offset: reader.offset,
    timestampMs: reader.timestampMs,
    key: copied(reader.key),
    value: copied(reader.value),
    headers,
    origin: originOf(context),
    context,
  }
}

function originOf(context: Readonly<Record<string, string>>): TopicPartitionOffset | null {
  const [topic, partition, offset] = ['topic', 'partition', 'offset'].map((name) => context[name] ?? '')
  if (!topic || !/^\d{1,9}$/.test(partition!) || !/^\d{1,18}$/.test(offset!)) return null
  return { topic, partition: Number(partition), offset: BigInt(offset!) }
}

/** The reader's memory may be used again. */
function copied(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : Uint8Array.from(bytes)
}
