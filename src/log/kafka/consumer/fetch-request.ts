import { createAPI, Writer, type Reader } from '@platformatic/kafka'
import { brokerError } from '../kafka-error.ts'

export interface FetchOptions {
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly partitionMaxBytes: number
  /** So many bytes the broker waits for, within `maxWaitMs`; 1 by default. */
  readonly minBytes?: number
  /** Only up to the first transaction that is open, and with the aborted ones told. */
  readonly isReadCommitted: boolean
}

export interface FetchPosition {
  readonly topicId: string
  readonly partition: number
  readonly offset: bigint
}

export interface FetchedPartition {
  readonly topicId: string
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: bigint
  readonly logStartOffset: bigint
  /** Before it no transaction is open; -1 where nobody asked. */
  readonly lastStableOffset: bigint
  readonly aborted: readonly AbortedTransaction[]
  /** Kafka's record batches, the last one perhaps cut off; empty for none. */
  readonly records: Buffer
}

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

const FETCH = 1
const NO_RECORDS = Buffer.alloc(0)
const NONE_ABORTED: readonly AbortedTransaction[] = []

/** Fetch, version 13, without a session. The library's own makes objects of all records. */
export const fetchRecords = createAPI<
  [options: FetchOptions, positions: readonly FetchPosition[]],
  FetchedPartition[]
>(
  FETCH,
  13,
  (
    { maxWaitMs, maxBytes, partitionMaxBytes, minBytes = 1, isReadCommitted }: FetchOptions,
    positions: readonly FetchPosition[],
  ) =>
    Writer.create()
      .appendInt32(-1)
      .appendInt32(maxWaitMs)
      .appendInt32(minBytes)
      .appendInt32(maxBytes)
      .appendInt8(isReadCommitted ? 1 : 0)
      .appendInt32(0)
      .appendInt32(-1)
      .appendArray([...Map.groupBy(positions, ({ topicId }) => topicId)], (w, [topicId, partitions]) => {
        w.appendUUID(topicId).appendArray(partitions, (w, { partition, offset }) => {
          w.appendInt32(partition)
            .appendInt32(-1)
            .appendInt64(offset)
            .appendInt32(-1)
            .appendInt64(-1n)
            .appendInt32(partitionMaxBytes)
        })
      })
      .appendArray([], () => undefined)
      .appendString('')
      .appendTaggedFields(),
  (_correlationId, _apiKey, _apiVersion, reader) => readAnswer(reader),
)

function readAnswer(reader: Reader): FetchedPartition[] {
  reader.readInt32()
  const errorCode = reader.readInt16()
  if (errorCode !== 0) throw brokerError(errorCode)
  reader.readInt32()
  return reader
    .readArray((r) => {
      const topicId = r.readUUID()
      return r.readArray((r) => readPartition(r, topicId))
    })
    .flat()
}

function readPartition(r: Reader, topicId: string): FetchedPartition {
  const partition = r.readInt32()
  const errorCode = r.readInt16()
  const highWatermark = r.readInt64()
  const lastStableOffset = r.readInt64()
  const logStartOffset = r.readInt64()
  const aborted =
    r.readNullableArray((r) => ({ producerId: r.readInt64(), firstOffset: r.readInt64() })) ?? NONE_ABORTED
  r.readInt32()
  const length = r.readUnsignedVarInt() - 1
  let records: Buffer = NO_RECORDS
  if (length > 0) {
    records = r.buffer.slice(r.position, r.position + length)
    r.skip(length)
  }
  return {
    topicId,
    partition,
    errorCode,
    highWatermark,
    logStartOffset,
    lastStableOffset,
    aborted,
    records,
  }
}
