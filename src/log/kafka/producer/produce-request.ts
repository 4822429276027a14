import { createAPI, Writer, type Reader } from '@platformatic/kafka'

export interface ProducedBatch {
  readonly topic: string
  readonly partition: number
  readonly records: Buffer
  /** Replicas to wait for: all in sync (-1) or the leader alone (1). */
  readonly acks: -1 | 1
  readonly transactionalId: string | null
}

export interface ProducedPartition {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly baseOffset: bigint
}

const PRODUCE = 0
const TIMEOUT_MS = 30_000

/** Produce, version 9, for one partition. The library's own takes an object per record. */
export const produce = createAPI<[batch: ProducedBatch], ProducedPartition>(
  PRODUCE,
  9,
  ({ topic, partition, records, acks, transactionalId }: ProducedBatch) =>
    Writer.create()
      .appendString(transactionalId)
      .appendInt16(acks)
      .appendInt32(TIMEOUT_MS)
      .appendArray([topic], (w, name) => {
        w.appendString(name).appendArray([partition], (w, index) => {
          w.appendInt32(index)
            .appendUnsignedVarInt(records.length + 1)
            .append(records)
        })
      })
      .appendTaggedFields(),
  (_correlationId, _apiKey, _apiVersion, reader) => readAnswer(reader),
)

function readAnswer(reader: Reader): ProducedPartition {
  const topics = reader.readArray((r) => {
    r.readString()
    return r.readArray((r) => {
      r.readInt32()
      const errorCode = r.readInt16()
      const baseOffset = r.readInt64()
      r.readInt64()
      r.readInt64()
      r.readArray((r) => {
        r.readInt32()
        r.readNullableString()
      })
      return { errorCode, baseOffset, errorMessage: r.readNullableString() }
    })
  })
  return topics[0]![0]!
}
