import { createAPI, Writer, type Reader } from '@platformatic/kafka'

export interface ProducedPartition {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly baseOffset: bigint
}

const PRODUCE = 0
const ALL_REPLICAS = -1
const TIMEOUT_MS = 30_000

/** Produce, version 9, for one partition. The library's own takes an object per record. */
export const produce = createAPI<[topic: string, partition: number, records: Buffer], ProducedPartition>(
  PRODUCE,
  9,
  (topic: string, partition: number, records: Buffer) =>
    Writer.create()
      .appendString(null)
      .appendInt16(ALL_REPLICAS)
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
