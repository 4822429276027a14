/**
 * Kafka's record batch of magic 2, big-endian: 61 bytes of header, then the records, compressed or not. A record: varint
 * length, i8 attributes, varint timestamp delta, varint offset delta, varint key length (-1: null), key, varint value
 * length (-1: null), value, varint number of headers; of each varint name length, name, varint value length, value. All
 * varints are zigzag.
 */
export const KAFKA_BATCH_HEADER_BYTES = 61
export const KAFKA_BATCH_MAGIC = 2

export const KAFKA_BATCH_FIELD = {
  baseOffset: 0,
  /** Of what follows this field. */
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  /** CRC-32C of everything from the attributes on. */
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
} as const

export const COMPRESSION_MASK = 0b111
export const LOG_APPEND_TIME = 0b1000
export const TRANSACTIONAL = 0b1_0000
/** Marks of transactions, not records. */
export const CONTROL_BATCH = 0b10_0000
