import { ByteWriter } from './byte-writer.ts'

/**
 * The bytes of many records of one topic partition: what crosses threads and what lies in segment files.
 *
 * Little-endian. Header, 64 bytes:
 *
 * | at | field                                                                     |
 * |----|---------------------------------------------------------------------------|
 * | 0  | u32 magic `TRB1`                                                          |
 * | 4  | u32 length of the whole batch                                             |
 * | 8  | u32 CRC-32 of the bytes [12, length), set by the log when it appends      |
 * | 12 | u32 attributes, 0                                                         |
 * | 16 | i64 base offset, set by the log when it appends                           |
 * | 24 | i64 base timestamp, ms since 1970                                         |
 * | 32 | i64 largest timestamp of a record                                         |
 * | 40 | u32 number of records                                                     |
 * | 44 | u32 offset delta of the last record (count - 1 unless compacted)          |
 * | 48 | u32 length of the common headers                                          |
 * | 52 | 12 bytes, 0                                                               |
 *
 * then the common headers, then the records: u32 offset delta, i32 timestamp delta, i32 key length (-1: null),
 * i32 value length (-1: null), i32 headers length (-1: the common headers are this record's; otherwise its own headers
 * follow and the common ones do not count), key, value, headers. Headers: u16 name length, name, i32 value length
 * (-1: null), value, repeated.
 *
 * Common headers exist because Debezium's context headers are the same 170 bytes on every record.
 */
export const BATCH_HEADER_BYTES = 64
export const RECORD_HEADER_BYTES = 20
export const BATCH_MAGIC = 0x31425254

export const BATCH_FIELD = {
  magic: 0,
  length: 4,
  crc: 8,
  attributes: 12,
  baseOffset: 16,
  baseTimestamp: 24,
  maxTimestamp: 32,
  count: 40,
  lastOffsetDelta: 44,
  commonHeadersLength: 48,
} as const

/** A header as the log keeps it: bytes, already converted. */
export interface EncodedHeader {
  readonly name: string
  readonly value: Uint8Array | null
}

const NO_HEADERS: readonly EncodedHeader[] = []
const NO_BYTES = new Uint8Array(0)

/** How many records a batch holds, without reading them. */
export function recordCount(batch: Buffer): number {
  return batch.readUInt32LE(BATCH_FIELD.count)
}

/** The header block's bytes; empty for no headers. */
export function encodeHeaders(headers: readonly EncodedHeader[]): Uint8Array {
  if (headers.length === 0) return NO_BYTES
  const out = new ByteWriter(64)
  for (const { name, value } of headers) {
    const nameBytes = Buffer.from(name)
    out.ensure(2)
    out.bytes.writeUInt16LE(nameBytes.length, out.position)
    out.position += 2
    out.copy(nameBytes, 0, nameBytes.length)
    out.int32(value === null ? -1 : value.length)
    if (value !== null) out.copy(value, 0, value.length)
  }
  return out.bytes.subarray(0, out.position)
}

/** The headers of a block; the values are views into `bytes`. */
export function decodeHeaders(bytes: Buffer, start: number, end: number): readonly EncodedHeader[] {
  if (start >= end) return NO_HEADERS
  const headers: EncodedHeader[] = []
  let at = start
  while (at < end) {
    const nameEnd = at + 2 + bytes.readUInt16LE(at)
    const name = bytes.toString('utf8', at + 2, nameEnd)
    const length = bytes.readInt32LE(nameEnd)
    at = nameEnd + 4
    headers.push({ name, value: length < 0 ? null : bytes.subarray(at, at + length) })
    if (length > 0) at += length
  }
  return headers
}

/**
 * Writes one batch. For each record: `startRecord`, the key's bytes into `out`, `endKey`, the value's bytes into
 * `out`, `endRecord` - or `nullKey()` / `nullValue()` in place of the bytes. `finish` closes the batch.
 */
export class RecordBatchWriter {
  readonly out: ByteWriter
  count = 0
  readonly #commonHeadersLength: number
  #baseTimestamp = 0
  #maxTimestamp = 0
  #recordStart = 0
  #partStart = 0

  constructor(commonHeaders: Uint8Array = NO_BYTES, initialBytes = 64 * 1024) {
    this.out = new ByteWriter(Math.max(initialBytes, BATCH_HEADER_BYTES + commonHeaders.length))
    this.#commonHeadersLength = commonHeaders.length
    this.out.bytes.fill(0, 0, BATCH_HEADER_BYTES)
    this.out.position = BATCH_HEADER_BYTES
    this.out.copy(commonHeaders, 0, commonHeaders.length)
  }

  /** Bytes written so far, the header included. */
  get length(): number {
    return this.out.position
  }

  /** @param timestampMs milliseconds since 1970; within 24 days of the batch's first */
  startRecord(timestampMs: number): void {
    const { out } = this
    if (this.count === 0) this.#baseTimestamp = this.#maxTimestamp = timestampMs
    else if (timestampMs > this.#maxTimestamp) this.#maxTimestamp = timestampMs
    out.ensure(RECORD_HEADER_BYTES)
    const at = (this.#recordStart = out.position)
    out.setInt32(at, this.count)
    // This one refuses what is too far from the first.
    out.bytes.writeInt32LE(timestampMs - this.#baseTimestamp, at + 4)
    out.setInt32(at + 16, -1)
    this.#partStart = out.position = at + RECORD_HEADER_BYTES
  }

  endKey(): void {
    const { out } = this
    out.setInt32(this.#recordStart + 8, out.position - this.#partStart)
    this.#partStart = out.position
  }

  nullKey(): void {
    this.out.setInt32(this.#recordStart + 8, -1)
  }

  endValue(): void {
    const { out } = this
    out.setInt32(this.#recordStart + 12, out.position - this.#partStart)
  }

  nullValue(): void {
    this.out.setInt32(this.#recordStart + 12, -1)
  }

  /** Closes the record. @param headers this record's own header block, in place of the common headers */
  endRecord(headers?: Uint8Array): void {
    if (headers !== undefined) {
      this.out.copy(headers, 0, headers.length)
      this.out.setInt32(this.#recordStart + 16, headers.length)
    }
    this.count++
  }

  /** Takes back the record that `startRecord` opened: its conversion failed. */
  abandonRecord(): void {
    this.out.position = this.#recordStart
  }

  /** Appends a whole record from bytes that are already there. */
  record(timestampMs: number, key: Uint8Array | null, value: Uint8Array | null, headers?: Uint8Array): void {
    this.startRecord(timestampMs)
    if (key === null) this.nullKey()
    else {
      this.out.copy(key, 0, key.length)
      this.endKey()
    }
    if (value === null) this.nullValue()
    else {
      this.#partStart = this.out.position
      this.out.copy(value, 0, value.length)
      this.endValue()
    }
    this.endRecord(headers)
  }

  /**
   * The finished batch: a view of the start of this writer's buffer, which is the caller's from now on; the writer must
   * not be used again. Offset and CRC are left to the log.
   */
  finish(): Buffer {
    const { out } = this
    const { bytes } = out
    bytes.writeUInt32LE(BATCH_MAGIC, BATCH_FIELD.magic)
    bytes.writeUInt32LE(out.position, BATCH_FIELD.length)
    bytes.writeBigInt64LE(BigInt(this.#baseTimestamp), BATCH_FIELD.baseTimestamp)
    bytes.writeBigInt64LE(BigInt(this.#maxTimestamp), BATCH_FIELD.maxTimestamp)
    bytes.writeUInt32LE(this.count, BATCH_FIELD.count)
    bytes.writeUInt32LE(Math.max(0, this.count - 1), BATCH_FIELD.lastOffsetDelta)
    bytes.writeUInt32LE(this.#commonHeadersLength, BATCH_FIELD.commonHeadersLength)
    return bytes.subarray(0, out.position)
  }
}

/**
 * Reads one batch, record by record, without an object per record:
 * `for (const r = new RecordBatchReader(bytes); r.next(); ) use(r.bytes, r.valueStart, r.valueEnd)`.
 * The bytes must be a whole batch that the log has checked.
 */
export class RecordBatchReader {
  readonly bytes: Buffer
  readonly baseOffset: bigint
  readonly count: number
  readonly lastOffset: bigint
  readonly length: number
  /** Of the current record: -1 as start and end of a null key or value. */
  keyStart = -1
  keyEnd = -1
  valueStart = -1
  valueEnd = -1
  timestampMs = 0
  offsetDelta = 0
  /** Where the record's header block lies; `hasCommonHeaders`: it is the batch's. */
  headersStart = 0
  headersEnd = 0
  hasCommonHeaders = true
  readonly #baseTimestamp: number
  readonly #commonHeadersEnd: number
  #at: number

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.length = bytes.readUInt32LE(BATCH_FIELD.length)
    this.baseOffset = bytes.readBigInt64LE(BATCH_FIELD.baseOffset)
    this.count = bytes.readUInt32LE(BATCH_FIELD.count)
    this.lastOffset = this.baseOffset + BigInt(bytes.readUInt32LE(BATCH_FIELD.lastOffsetDelta))
    this.#baseTimestamp = Number(bytes.readBigInt64LE(BATCH_FIELD.baseTimestamp))
    this.#commonHeadersEnd = BATCH_HEADER_BYTES + bytes.readUInt32LE(BATCH_FIELD.commonHeadersLength)
    this.#at = this.#commonHeadersEnd
  }

  /** Moves to the next record; false after the last one. */
  next(): boolean {
    const at = this.#at
    if (at >= this.length) return false
    const { bytes } = this
    this.offsetDelta = bytes.readUInt32LE(at)
    this.timestampMs = this.#baseTimestamp + bytes.readInt32LE(at + 4)
    const keyLength = bytes.readInt32LE(at + 8)
    const valueLength = bytes.readInt32LE(at + 12)
    const headersLength = bytes.readInt32LE(at + 16)
    let position = at + RECORD_HEADER_BYTES
    if (keyLength < 0) this.keyStart = this.keyEnd = -1
    else {
      this.keyStart = position
      position = this.keyEnd = position + keyLength
    }
    if (valueLength < 0) this.valueStart = this.valueEnd = -1
    else {
      this.valueStart = position
      position = this.valueEnd = position + valueLength
    }
    this.hasCommonHeaders = headersLength < 0
    if (headersLength < 0) {
      this.headersStart = BATCH_HEADER_BYTES
      this.headersEnd = this.#commonHeadersEnd
    } else {
      this.headersStart = position
      position = this.headersEnd = position + headersLength
    }
    this.#at = position
    return true
  }

  /** Of its first record; the others are within 24 days of it. */
  get baseTimestampMs(): number {
    return this.#baseTimestamp
  }

  get offset(): bigint {
    return this.baseOffset + BigInt(this.offsetDelta)
  }

  /** A view, or null. */
  get key(): Buffer | null {
    return this.keyStart < 0 ? null : this.bytes.subarray(this.keyStart, this.keyEnd)
  }

  /** A view, or null. */
  get value(): Buffer | null {
    return this.valueStart < 0 ? null : this.bytes.subarray(this.valueStart, this.valueEnd)
  }

  get headers(): readonly EncodedHeader[] {
    return decodeHeaders(this.bytes, this.headersStart, this.headersEnd)
  }
}
