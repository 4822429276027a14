import { crc32c } from '@platformatic/kafka'
import { ByteWriter } from '../../../api/byte-writer.ts'
import { ConnectError, describeError } from '../../../api/errors.ts'
import {
  BATCH_FIELD,
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  RECORD_HEADER_BYTES,
} from '../../../api/record-batch.ts'
import {
  COMPRESSION_MASK,
  CONTROL_BATCH,
  KAFKA_BATCH_FIELD,
  KAFKA_BATCH_HEADER_BYTES,
  KAFKA_BATCH_MAGIC,
  LOG_APPEND_TIME,
  TRANSACTIONAL,
} from '../kafka-batch.ts'
import type { AbortedTransaction } from './fetch-request.ts'
import { unpackRecords } from './unpack-records.ts'

export interface DecodedRecords {
  /** Batches of ours, each with the records of one of Kafka's. */
  readonly batches: readonly Buffer[]
  /** The offset after the last whole batch, markers of transactions included; null: not one batch was whole. */
  readonly nextOffset: bigint | null
}

/**
 * Makes our batches of what a fetch brought. A batch that is cut off at the end is left for the next fetch.
 *
 * @param source for the message: `topic a, partition 0`
 * @param aborted transactions whose records are left out
 */
export function decodeKafkaBatches(
  records: Buffer,
  source: string,
  aborted: readonly AbortedTransaction[] = [],
): DecodedRecords {
  const batches: Buffer[] = []
  const filter = new AbortedFilter(aborted)
  let nextOffset: bigint | null = null
  const at = KAFKA_BATCH_FIELD
  for (let start = 0; start + KAFKA_BATCH_HEADER_BYTES <= records.length;) {
    const end = start + at.leaderEpoch + records.readInt32BE(start + at.length)
    if (end > records.length) break
    const batch = records.subarray(start, end)
    const baseOffset = batch.readBigInt64BE(at.baseOffset)
    if (batch.readInt8(at.magic) !== KAFKA_BATCH_MAGIC)
      throw corrupt(source, baseOffset, 'its format is older than Kafka 0.11')
    if (crc32c(batch.subarray(at.attributes)) !== batch.readUInt32BE(at.crc)) {
      throw corrupt(source, baseOffset, 'its checksum is wrong')
    }
    const lastOffset = baseOffset + BigInt(batch.readInt32BE(at.lastOffsetDelta))
    if (filter.lets(batch, lastOffset) && batch.readInt32BE(at.count) > 0) {
      new BatchConversion(batch, recordsOf(batch, source, baseOffset)).convert(batches)
    }
    nextOffset = lastOffset + 1n
    start = end
  }
  return { batches, nextOffset }
}

/** Knows whose records do not count, by the marks at which transactions end. */
class AbortedFilter {
  readonly #waiting: AbortedTransaction[]
  /** Producers in the middle of a transaction that will be aborted. */
  readonly #open = new Set<bigint>()

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#waiting = aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  }

  /** To be asked of every batch, in order. */
  lets(batch: Buffer, lastOffset: bigint): boolean {
    const attributes = batch.readInt16BE(KAFKA_BATCH_FIELD.attributes)
    if ((attributes & (CONTROL_BATCH | TRANSACTIONAL)) === 0) return true
    const producerId = batch.readBigInt64BE(KAFKA_BATCH_FIELD.producerId)
    while (this.#waiting.length > 0 && this.#waiting[0]!.firstOffset <= lastOffset)
      this.#open.add(this.#waiting.shift()!.producerId)
    if ((attributes & CONTROL_BATCH) === 0) return !this.#open.has(producerId)
    // A mark ends the transaction, whether well or not; one that ended well was never among the open ones here.
    this.#open.delete(producerId)
    return false
  }
}

/** Unpacked; of a batch that is not packed, what lies behind its header. */
function recordsOf(batch: Buffer, source: string, baseOffset: bigint): Buffer {
  const compression = batch.readInt16BE(KAFKA_BATCH_FIELD.attributes) & COMPRESSION_MASK
  const records = batch.subarray(KAFKA_BATCH_HEADER_BYTES)
  if (compression === 0) return records
  try {
    return unpackRecords(records, compression)
  } catch (error) {
    throw corrupt(source, baseOffset, describeError(error))
  }
}

function corrupt(source: string, offset: bigint, problem: string): ConnectError {
  return new ConnectError(
    'log.corrupt',
    `The batch at offset ${offset} of ${source} cannot be read: ${problem}`,
  )
}

/** One batch of Kafka's into one of ours; into several only where timestamps lie more than 24 days apart. */
class BatchConversion {
  readonly #from: Buffer
  #at = 0
  readonly #header: Buffer
  readonly #baseTimestamp: number
  readonly #logAppendTime: number | null
  #out: ByteWriter
  #count = 0
  #firstTimestamp = 0
  #maxTimestamp = 0
  #lastOffsetDelta = 0
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
    this.#out = this.#begin()
  }

  convert(batches: Buffer[]): void {
    for (let left = this.#header.readInt32BE(KAFKA_BATCH_FIELD.count); left > 0; left--) {
      this.#varint()
      const recordEnd = this.#value + this.#at
      this.#at++
      this.#varint()
      const timestamp = this.#logAppendTime ?? this.#baseTimestamp + this.#value
      this.#varint()
      const offsetDelta = this.#value
      const delta = timestamp - this.#firstTimestamp
      if (this.#count > 0 && delta !== (delta | 0)) {
        batches.push(this.#finish(this.#lastOffsetDelta))
        this.#out = this.#begin()
      }
      this.#record(timestamp, offsetDelta, recordEnd)
    }
    batches.push(this.#finish(this.#header.readInt32BE(KAFKA_BATCH_FIELD.lastOffsetDelta)))
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
    if (this.#count === 0) {
      this.#firstTimestamp = this.#maxTimestamp = timestamp
      this.#commonStart = headersStart
      this.#commonEnd = recordEnd
      this.#headers()
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
      this.#headers()
      out.bytes.writeInt32LE(out.position - start, at + 16)
    }
    this.#at = recordEnd
    this.#lastOffsetDelta = offsetDelta
    this.#count++
  }

  /** Kafka's headers into a header block of ours. */
  #headers(): void {
    const [from, out] = [this.#from, this.#out]
    this.#varint()
    for (let left = this.#value; left > 0; left--) {
      this.#varint()
      const nameLength = this.#value
      out.ensure(2)
      out.bytes.writeUInt16LE(nameLength, out.position)
      out.position += 2
      out.copy(from, this.#at, this.#at + nameLength)
      this.#at += nameLength
      this.#varint()
      const valueLength = this.#value
      out.int32(valueLength)
      if (valueLength < 0) continue
      out.copy(from, this.#at, this.#at + valueLength)
      this.#at += valueLength
    }
  }

  #begin(): ByteWriter {
    this.#count = 0
    // Our record header takes 20 bytes where Kafka's takes from 7 on.
    const count = this.#header.readInt32BE(KAFKA_BATCH_FIELD.count)
    const out = new ByteWriter(BATCH_HEADER_BYTES + this.#from.length + count * 14)
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

  /** Reads a zigzag varint into `#value`. Beyond 28 bits, which only timestamps have, by multiplication. */
  #varint(): void {
    const from = this.#from
    let byte = from[this.#at++]!
    let raw = byte & 127
    for (let factor = 128; byte > 127; factor *= 128) {
      byte = from[this.#at++]!
      raw += (byte & 127) * factor
    }
    this.#value = raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
  }
}
