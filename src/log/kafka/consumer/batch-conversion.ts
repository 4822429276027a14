import { ByteWriter } from '../../../api/byte-writer.ts'
import {
  BATCH_FIELD,
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  RECORD_HEADER_BYTES,
} from '../../../api/record-batch.ts'
import { KAFKA_BATCH_FIELD, LOG_APPEND_TIME } from '../kafka-batch.ts'

/** Each of the seven fields of a record takes a byte at least. */
const LEAST_RECORD_BYTES = 7
const MOST_NAME_BYTES = 0xffff
/** The tenth byte of a varint begins here. */
const MOST_FACTOR = 2 ** 63
/** Beyond it a timestamp would not be exact. */
const MOST_TIMESTAMP_DELTA = 2 ** 52
const LONG_HEADER = 'a header is longer than its record'

/**
 * One batch of Kafka's into one of ours; into several only where timestamps lie more than 24 days apart. Throws what is
 * wrong in a few words: a checksum says that bytes are as they were written, not that they were records.
 */
export class BatchConversion {
  readonly #from: Buffer
  #at = 0
  readonly #header: Buffer
  readonly #recordCount: number
  readonly #baseTimestamp: number
  readonly #logAppendTime: number | null
  #out: ByteWriter
  #count = 0
  #firstTimestamp = 0
  #maxTimestamp = 0
  #lastOffsetDelta = -1
  #commonStart = 0
  #commonEnd = 0
  /** Of the last varint that was read. */
  #value = 0

  constructor(batch: Buffer, records: Buffer) {
    this.#header = batch
    this.#from = records
    const attributes = batch.readInt16BE(KAFKA_BATCH_FIELD.attributes)
    this.#baseTimestamp = Number(batch.readBigInt64BE(KAFKA_BATCH_FIELD.baseTimestamp))
    this.#logAppendTime =
      (attributes & LOG_APPEND_TIME) === 0
        ? null
        : Number(batch.readBigInt64BE(KAFKA_BATCH_FIELD.maxTimestamp))
    this.#recordCount = batch.readInt32BE(KAFKA_BATCH_FIELD.count)
    if (this.#recordCount < 0 || this.#recordCount * LEAST_RECORD_BYTES > records.length)
      throw new Error('it has fewer records than it says')
    this.#out = this.#begin()
  }

  convert(batches: Buffer[]): void {
    const lastOffsetDelta = this.#header.readInt32BE(KAFKA_BATCH_FIELD.lastOffsetDelta)
    for (let left = this.#recordCount; left > 0; left--) {
      this.#varint()
      const recordEnd = this.#value + this.#at
      // Values that are no numbers fail every comparison, so each says what has to be.
      if (!(recordEnd <= this.#from.length)) throw new Error('a record is longer than its batch')
      this.#at++
      this.#varint()
      const timestampDelta = this.#value
      const timestamp = this.#logAppendTime ?? this.#baseTimestamp + timestampDelta
      if (!(Math.abs(timestampDelta) < MOST_TIMESTAMP_DELTA && Number.isSafeInteger(timestamp)))
        throw new Error(`a timestamp of it is out of range (${timestamp})`)
      this.#varint()
      const offsetDelta = this.#value
      if (!(offsetDelta > this.#lastOffsetDelta && offsetDelta <= lastOffsetDelta))
        throw new Error('its offsets are out of order')
      const delta = timestamp - this.#firstTimestamp
      if (this.#count > 0 && delta !== (delta | 0)) {
        batches.push(this.#finish(this.#lastOffsetDelta))
        this.#out = this.#begin()
      }
      this.#record(timestamp, offsetDelta, recordEnd)
    }
    if (this.#at !== this.#from.length) throw new Error('there is more in it than its records')
    batches.push(this.#finish(lastOffsetDelta))
  }

  /** The reader stands before the key's length. */
  #record(timestamp: number, offsetDelta: number, recordEnd: number): void {
    const from = this.#from
    this.#varint()
    const keyLength = this.#value
    const keyStart = this.#at
    this.#at += Math.max(keyLength, 0)
    this.#varint()
    const valueLength = this.#value
    const valueStart = this.#at
    const headersStart = (this.#at += Math.max(valueLength, 0))
    if (!(keyLength >= -1 && valueLength >= -1 && headersStart < recordEnd))
      throw new Error('a key or value is longer than its record')
    if (this.#count === 0) {
      this.#firstTimestamp = this.#maxTimestamp = timestamp
      this.#commonStart = headersStart
      this.#commonEnd = recordEnd
      this.#headers(recordEnd)
      this.#out.bytes.writeUInt32LE(this.#out.position - BATCH_HEADER_BYTES, BATCH_FIELD.commonHeadersLength)
    }
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp
    const isCommon = from.compare(from, headersStart, recordEnd, this.#commonStart, this.#commonEnd) === 0
    const out = this.#out
    out.ensure(RECORD_HEADER_BYTES)
    const at = out.position
    out.bytes.writeUInt32LE(offsetDelta, at)
    out.bytes.writeInt32LE(timestamp - this.#firstTimestamp, at + 4)
    out.bytes.writeInt32LE(keyLength, at + 8)
    out.bytes.writeInt32LE(valueLength, at + 12)
    out.bytes.writeInt32LE(-1, at + 16)
    out.position += RECORD_HEADER_BYTES
    if (keyLength > 0) out.copy(from, keyStart, keyStart + keyLength)
    if (valueLength > 0) out.copy(from, valueStart, valueStart + valueLength)
    if (!isCommon) {
      const start = out.position
      this.#at = headersStart
      this.#headers(recordEnd)
      out.bytes.writeInt32LE(out.position - start, at + 16)
    }
    this.#at = recordEnd
    this.#lastOffsetDelta = offsetDelta
    this.#count++
  }

  /** Kafka's headers into a header block of ours. */
  #headers(recordEnd: number): void {
    const [from, out] = [this.#from, this.#out]
    this.#varint()
    if (!(this.#value >= 0)) throw new Error('the headers of a record are fewer than none')
    for (let left = this.#value; left > 0; left--) {
      this.#varint()
      const nameLength = this.#value
      if (!(nameLength >= 0 && this.#at + nameLength < recordEnd)) throw new Error(LONG_HEADER)
      if (nameLength > MOST_NAME_BYTES)
        throw new Error(`the name of a header has more than ${MOST_NAME_BYTES} bytes`)
      out.ensure(2)
      out.bytes.writeUInt16LE(nameLength, out.position)
      out.position += 2
      out.copy(from, this.#at, this.#at + nameLength)
      this.#at += nameLength
      this.#varint()
      const valueLength = this.#value
      if (!(valueLength >= -1 && this.#at + valueLength <= recordEnd)) throw new Error(LONG_HEADER)
      out.int32(valueLength)
      if (valueLength < 0) continue
      out.copy(from, this.#at, this.#at + valueLength)
      this.#at += valueLength
    }
    if (this.#at !== recordEnd) throw new Error('a record has another length than its parts')
  }

  #begin(): ByteWriter {
    this.#count = 0
    // Our record header takes 20 bytes where Kafka's takes from 7 on.
    const out = new ByteWriter(BATCH_HEADER_BYTES + this.#from.length + this.#recordCount * 14)
    out.bytes.fill(0, 0, BATCH_HEADER_BYTES)
    out.position = BATCH_HEADER_BYTES
    return out
  }

  #finish(lastOffsetDelta: number): Buffer {
    const { bytes, position } = this.#out
    bytes.writeUInt32LE(BATCH_MAGIC, BATCH_FIELD.magic)
    bytes.writeUInt32LE(position, BATCH_FIELD.length)
    bytes.writeBigInt64LE(this.#header.readBigInt64BE(KAFKA_BATCH_FIELD.baseOffset), BATCH_FIELD.baseOffset)
    bytes.writeBigInt64LE(BigInt(this.#firstTimestamp), BATCH_FIELD.baseTimestamp)
    bytes.writeBigInt64LE(BigInt(this.#maxTimestamp), BATCH_FIELD.maxTimestamp)
    bytes.writeUInt32LE(this.#count, BATCH_FIELD.count)
    bytes.writeUInt32LE(lastOffsetDelta, BATCH_FIELD.lastOffsetDelta)
    return bytes.subarray(0, position)
  }

  /**
   * Reads a zigzag varint into `#value`; one that does not end is no number. Beyond 28 bits, which only timestamps have, by
   * multiplication.
   */
  #varint(): void {
    const from = this.#from
    let byte = from[this.#at++]!
    let raw = byte & 127
    for (let factor = 128; byte > 127; factor *= 128) {
      if (factor > MOST_FACTOR) raw = NaN
      byte = from[this.#at++]!
      raw += (byte & 127) * factor
    }
    this.#value = raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
  }
}
