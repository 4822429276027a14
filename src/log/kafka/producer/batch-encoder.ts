import { compressionsAlgorithms, crc32c } from '@platformatic/kafka'
import { bufferPool } from '../../../api/buffer-pool.ts'
import { ByteWriter } from '../../../api/byte-writer.ts'
import { decodeHeaders, type RecordBatchReader } from '../../../api/record-batch.ts'
import {
  KAFKA_BATCH_FIELD,
  KAFKA_BATCH_HEADER_BYTES,
  KAFKA_BATCH_MAGIC,
  TRANSACTIONAL,
} from '../kafka-batch.ts'
import type { KafkaCompression } from '../kafka-log-description.ts'

export interface ProducerStamp {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly isTransactional: boolean
}

const LARGEST_INT_PATH = 2 ** 30
const SHOWN_KEY_BYTES = 200
const NO_HEADERS = Buffer.from([0])

/** A batch of ours on its way into batches of Kafka: it may end up in several, or together with others. */
export class BatchSource {
  readonly reader: RecordBatchReader
  /** The batch's common headers as Kafka has them on every record. */
  #commonHeaders: Buffer | null = null
  #isHeld: boolean

  constructor(reader: RecordBatchReader) {
    this.reader = reader
    this.#isHeld = reader.next()
  }

  /** The reader stands on a record that is not written yet. */
  get hasRecord(): boolean {
    return this.#isHeld
  }

  advance(): void {
    this.#isHeld = this.reader.next()
  }

  /** All of it is written: its memory may be used again, if it lies there alone. */
  giveBack(): void {
    const { bytes } = this.reader
    if (bytes.byteOffset === 0 && bufferPool.lent(bytes.buffer)) bufferPool.give(bytes.buffer)
  }

  headers(): Buffer {
    const { reader } = this
    if (reader.headersStart >= reader.headersEnd) return NO_HEADERS
    if (!reader.hasCommonHeaders) return encodeKafkaHeaders(reader)
    return (this.#commonHeaders ??= encodeKafkaHeaders(reader))
  }
}

/**
 * Writes one batch of Kafka. Measured on one core, records of 150 bytes with 170 bytes of headers: see
 * `bench/log-append.ts --kafka`, where it shows in the rate of appends.
 */
export class BatchEncoder {
  readonly #out: ByteWriter
  readonly #limit: number
  count = 0
  /** The key of the first record where it alone is larger than a batch should be. */
  largeKey: Buffer | null = null
  #baseTimestamp = 0
  #maxTimestamp = 0

  /** @param limit bytes that the batch should not exceed; one record alone may */
  constructor(limit: number, expectedBytes: number) {
    this.#limit = limit
    this.#out = new ByteWriter(Math.min(limit, expectedBytes + 1024))
    this.#out.position = KAFKA_BATCH_HEADER_BYTES
  }

  /** Before compression. */
  get recordsBytes(): number {
    return this.#out.position - KAFKA_BATCH_HEADER_BYTES
  }

  /** Takes records from a source until it is empty (true) or this batch is full (false). */
  take(source: BatchSource): boolean {
    while (source.hasRecord) {
      if (!this.#write(source)) return false
      source.advance()
    }
    return true
  }

  /** The finished batch; its memory is the pool's and goes back there once the batch is stored. */
  finish(compression: KafkaCompression, stamp: ProducerStamp): Buffer {
    const { producerId, producerEpoch, baseSequence, isTransactional } = stamp
    let { bytes } = this.#out
    let end = this.#out.position
    const algorithm = compressionsAlgorithms[compression]
    if (algorithm.bitmask !== 0) {
      const compressed = algorithm.compressSync(bytes.subarray(KAFKA_BATCH_HEADER_BYTES, end))
      bufferPool.give(bytes.buffer)
      end = KAFKA_BATCH_HEADER_BYTES + compressed.length
      bytes = bufferPool.take(end)
      compressed.copy(bytes, KAFKA_BATCH_HEADER_BYTES)
    }
    const at = KAFKA_BATCH_FIELD
    bytes.writeBigInt64BE(0n, at.baseOffset)
    bytes.writeInt32BE(end - at.leaderEpoch, at.length)
    bytes.writeInt32BE(-1, at.leaderEpoch)
    bytes.writeInt8(KAFKA_BATCH_MAGIC, at.magic)
    bytes.writeInt16BE(algorithm.bitmask | (isTransactional ? TRANSACTIONAL : 0), at.attributes)
    bytes.writeInt32BE(this.count - 1, at.lastOffsetDelta)
    bytes.writeBigInt64BE(BigInt(this.#baseTimestamp), at.baseTimestamp)
    bytes.writeBigInt64BE(BigInt(this.#maxTimestamp), at.maxTimestamp)
    bytes.writeBigInt64BE(producerId, at.producerId)
    bytes.writeInt16BE(producerEpoch, at.producerEpoch)
    bytes.writeInt32BE(baseSequence, at.baseSequence)
    bytes.writeInt32BE(this.count, at.count)
    bytes.writeUInt32BE(crc32c(bytes.subarray(at.attributes, end)), at.crc)
    return bytes.subarray(0, end)
  }

  /** False: the record does not fit any more. */
  #write(source: BatchSource): boolean {
    const { reader } = source
    const out = this.#out
    if (this.count === 0) this.#baseTimestamp = this.#maxTimestamp = reader.timestampMs
    const timestampDelta = reader.timestampMs - this.#baseTimestamp
    const keyLength = reader.keyStart < 0 ? -1 : reader.keyEnd - reader.keyStart
    const valueLength = reader.valueStart < 0 ? -1 : reader.valueEnd - reader.valueStart
    const headers = source.headers()
    const size =
      1 +
      varintBytes(timestampDelta) +
      varintBytes(this.count) +
      varintBytes(keyLength) +
      Math.max(keyLength, 0) +
      varintBytes(valueLength) +
      Math.max(valueLength, 0) +
      headers.length
    if (out.position + size + 5 > this.#limit) {
      if (this.count > 0) return false
      this.largeKey = Buffer.from(
        reader.bytes.subarray(reader.keyStart, reader.keyEnd).subarray(0, SHOWN_KEY_BYTES),
      )
    }
    out.ensure(size + 5)
    writeVarint(out, size)
    out.bytes[out.position++] = 0
    writeVarint(out, timestampDelta)
    writeVarint(out, this.count)
    writeVarint(out, keyLength)
    if (keyLength > 0) out.copy(reader.bytes, reader.keyStart, reader.keyEnd)
    writeVarint(out, valueLength)
    if (valueLength > 0) out.copy(reader.bytes, reader.valueStart, reader.valueEnd)
    out.copy(headers, 0, headers.length)
    if (reader.timestampMs > this.#maxTimestamp) this.#maxTimestamp = reader.timestampMs
    this.count++
    return true
  }
}

function encodeKafkaHeaders(reader: RecordBatchReader): Buffer {
  const headers = decodeHeaders(reader.bytes, reader.headersStart, reader.headersEnd)
  const out = new ByteWriter(reader.headersEnd - reader.headersStart + 16)
  out.ensure(10)
  writeVarint(out, headers.length)
  for (const { name, value } of headers) {
    const nameBytes = Buffer.from(name)
    out.ensure(nameBytes.length + (value?.length ?? 0) + 10)
    writeVarint(out, nameBytes.length)
    out.copy(nameBytes, 0, nameBytes.length)
    writeVarint(out, value === null ? -1 : value.length)
    if (value !== null) out.copy(value, 0, value.length)
  }
  return out.bytes.subarray(0, out.position)
}

/** Zigzag; the caller has made room. */
function writeVarint(out: ByteWriter, value: number): void {
  const { bytes } = out
  if (value < LARGEST_INT_PATH && value > -LARGEST_INT_PATH) {
    let rest = (value << 1) ^ (value >> 31)
    while (rest > 127) {
      bytes[out.position++] = (rest & 127) | 128
      rest >>>= 7
    }
    bytes[out.position++] = rest
    return
  }
  let rest = zigzag(value)
  while (rest > 127n) {
    bytes[out.position++] = Number(rest & 127n) | 128
    rest >>= 7n
  }
  bytes[out.position++] = Number(rest)
}

function varintBytes(value: number): number {
  if (value < LARGEST_INT_PATH && value > -LARGEST_INT_PATH) {
    const rest = (value << 1) ^ (value >> 31)
    return rest < 1 << 7 ? 1 : rest < 1 << 14 ? 2 : rest < 1 << 21 ? 3 : rest < 1 << 28 ? 4 : 5
  }
  let bytes = 1
  for (let rest = zigzag(value) >> 7n; rest > 0n; rest >>= 7n) bytes++
  return bytes
}

function zigzag(value: number): bigint {
  return BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
}
