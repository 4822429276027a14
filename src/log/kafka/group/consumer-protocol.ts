import { Reader, Writer } from '@platformatic/kafka'
import type { TopicPartition } from '../../../api/sink-task.ts'

/** What a member tells the leader of its group when it joins: Kafka's consumer protocol, subscription version 1. */
export interface Subscription {
  readonly topics: readonly string[]
  /** What it has now and reads on while the group is rebalanced. */
  readonly owned: readonly TopicPartition[]
}

const VERSION = 1

export function encodeSubscription({ topics, owned }: Subscription): Buffer {
  const writer = Writer.create()
    .appendInt16(VERSION)
    .appendArray([...topics], (w, topic) => w.appendString(topic, false), false, false)
    .appendBytes(null, false)
  return appendPartitions(writer, owned).buffer
}

/** Later versions add fields at the end; version 0 has no owned partitions. */
export function decodeSubscription(bytes: Buffer): Subscription {
  const reader = Reader.from(bytes)
  const version = reader.readInt16()
  const topics = reader.readArray((r) => r.readString(false), false, false)
  reader.readNullableBytes(false)
  return { topics, owned: version >= 1 ? readPartitions(reader) : [] }
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const writer = appendPartitions(Writer.create().appendInt16(VERSION), partitions)
  return writer.appendBytes(null, false).buffer
}

/** Empty bytes: nothing is assigned. */
export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  if (bytes.length === 0) return []
  const reader = Reader.from(bytes)
  reader.readInt16()
  return readPartitions(reader)
}

function appendPartitions(writer: Writer, partitions: readonly TopicPartition[]): Writer {
  return writer.appendArray(
    [...Map.groupBy(partitions, ({ topic }) => topic)],
    (w, [topic, parts]) => {
      w.appendString(topic, false).appendArray(
        parts,
        (w, { partition }) => {
          w.appendInt32(partition)
        },
        false,
        false,
      )
    },
    false,
    false,
  )
}

function readPartitions(reader: Reader): TopicPartition[] {
  return reader
    .readArray(
      (r) => {
        const topic = r.readString(false)
        return r.readArray((r) => ({ topic, partition: r.readInt32() }), false, false)
      },
      false,
      false,
    )
    .flat()
}
