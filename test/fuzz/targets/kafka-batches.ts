import assert from 'node:assert/strict'
import { crc32c } from '@platformatic/kafka'
import { ConnectError } from '../../../src/api/errors.ts'
import { encodeHeaders, RecordBatchReader, RecordBatchWriter } from '../../../src/api/record-batch.ts'
import { decodeKafkaBatches } from '../../../src/log/kafka/consumer/batch-decoder.ts'
import { unpackRecords } from '../../../src/log/kafka/consumer/unpack-records.ts'
import {
  COMPRESSION_MASK,
  CONTROL_BATCH,
  KAFKA_BATCH_FIELD,
  KAFKA_BATCH_HEADER_BYTES,
  LOG_APPEND_TIME,
  TRANSACTIONAL,
} from '../../../src/log/kafka/kafka-batch.ts'
import type { KafkaCompression } from '../../../src/log/kafka/kafka-log-description.ts'
import { BatchEncoder, BatchSource } from '../../../src/log/kafka/producer/batch-encoder.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const AT = KAFKA_BATCH_FIELD
const MOST_RECORD_BYTES = 1024 * 1024
const STAMP = { producerId: 7n, producerEpoch: 1, isTransactional: false, baseSequence: 0 }

/** The records of a fetch are those that a plainer way of reading finds, or the batch is named that cannot be read. */
export async function open(): Promise<FuzzTarget> {
  const plain = batch('none')
  return {
    seeds: [
      plain,
      Buffer.concat([plain, plain]),
      withAttributes(plain, LOG_APPEND_TIME),
      withAttributes(plain, TRANSACTIONAL),
      withAttributes(plain, TRANSACTIONAL | CONTROL_BATCH),
      ...(['gzip', 'snappy', 'lz4', 'zstd'] as const).map(batch),
    ],
    words: ['\x01', '\x7f', '\x80\x01', '\xff\xff\xff\xff\x0f', '\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01'],
    mostBytes: 2048,
    run(input) {
      const bytes = Buffer.from(input)
      for (const [start, end] of batchesOf(bytes)) {
        const batch = bytes.subarray(start, end)
        // Of damage the checksum would tell, and nothing behind it would be tried.
        batch.writeUInt32BE(crc32c(batch.subarray(AT.attributes)), AT.crc)
      }
      const wanted = plainly(bytes)
      let found: unknown[] | null = null
      try {
        found = decodeKafkaBatches(bytes, 'topic t').batches.flatMap(contents)
      } catch (error) {
        if (!(error instanceof ConnectError && error.code === 'log.corrupt')) throw error
      }
      assert.deepEqual(found, wanted)
    },
  }
}

function batch(compression: KafkaCompression): Buffer {
  const writer = new RecordBatchWriter(encodeHeaders([{ name: 'common', value: Buffer.from('value') }]))
  const own = encodeHeaders([
    { name: 'a', value: null },
    { name: 'b', value: Buffer.of(0, 255) },
  ])
  writer.record(1_000_000, Buffer.from('key'), Buffer.from('a value'))
  writer.record(1_000_300, null, Buffer.alloc(200, 'v'))
  writer.record(999_000, Buffer.from('key'), null, own)
  writer.record(1_000_000, Buffer.from('key'), Buffer.from('the last'))
  const encoder = new BatchEncoder(10_000, 1000)
  encoder.take(new BatchSource(new RecordBatchReader(writer.finish())))
  return Buffer.from(encoder.finish(compression, STAMP))
}

function withAttributes(batch: Buffer, attributes: number): Buffer {
  const copy = Buffer.from(batch)
  copy.writeInt16BE(attributes, AT.attributes)
  return copy
}

/** Where batches begin and end, as far as they are whole. */
function batchesOf(bytes: Buffer): [start: number, end: number][] {
  const found: [number, number][] = []
  for (let start = 0; start + KAFKA_BATCH_HEADER_BYTES <= bytes.length;) {
    const end = start + AT.leaderEpoch + bytes.readInt32BE(start + AT.length)
    if (end > bytes.length || end < start + KAFKA_BATCH_HEADER_BYTES) break
    found.push([start, end])
    start = end
  }
  return found
}

function contents(batch: Buffer): unknown[] {
  const found: unknown[] = []
  for (const reader = new RecordBatchReader(batch); reader.next();) {
    const headers = reader.headers.map(({ name, value }) => [name, value && hex(value)])
    found.push([reader.offset, reader.timestampMs, reader.key && hex(reader.key), reader.value && hex(reader.value), headers]) // prettier-ignore
  }
  return found
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

class Malformed extends Error {}

function expect(isSo: boolean): void {
  if (!isSo) throw new Malformed()
}

/** Null: a batch is malformed. */
function plainly(bytes: Buffer): unknown[] | null {
  try {
    const batches = batchesOf(bytes)
    const found = batches.flatMap(([start, end]) => plainBatch(bytes.subarray(start, end)))
    const rest = bytes.subarray(batches.at(-1)?.[1] ?? 0)
    // What is left is cut off, unless it says that it is shorter than its header.
    const isCut = rest.length < KAFKA_BATCH_HEADER_BYTES || AT.leaderEpoch + rest.readInt32BE(AT.length) > rest.length // prettier-ignore
    return isCut ? found : null
  } catch (error) {
    if (error instanceof Malformed) return null
    throw error
  }
}

function plainBatch(batch: Buffer): unknown[] {
  const attributes = batch.readInt16BE(AT.attributes)
  const lastOffsetDelta = batch.readInt32BE(AT.lastOffsetDelta)
  const count = batch.readInt32BE(AT.count)
  expect(batch.readInt8(AT.magic) === 2 && lastOffsetDelta >= 0)
  if ((attributes & CONTROL_BATCH) !== 0 || count === 0) return []
  const bytes = unpacked(batch.subarray(KAFKA_BATCH_HEADER_BYTES), attributes & COMPRESSION_MASK)
  let at = 0
  const number = (): bigint => {
    let raw = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      expect(byte !== undefined && shift <= 63n)
      raw |= BigInt(byte! & 127) << shift
      if (byte! < 128) return (raw >> 1n) ^ -(raw & 1n)
    }
  }
  const part = (): string | null => {
    const length = number()
    if (length === -1n) return null
    expect(length >= 0n && BigInt(at) + length <= BigInt(bytes.length))
    const found = bytes.subarray(at, at + Number(length))
    at += found.length
    return hex(found)
  }
  expect(count > 0 && count <= bytes.length)
  const found: unknown[] = []
  let last = -1n
  for (let left = count; left > 0; left--) {
    const end = number() + BigInt(at)
    at++
    const delta = number()
    const isAppendTime = (attributes & LOG_APPEND_TIME) !== 0
    const timestamp = isAppendTime ? batch.readBigInt64BE(AT.maxTimestamp) : batch.readBigInt64BE(AT.baseTimestamp) + delta // prettier-ignore
    // Numbers of ours are exact up to there.
    expect(absolute(delta) < 2n ** 52n && absolute(timestamp) < 2n ** 53n)
    const offset = number()
    expect(offset > last && offset <= BigInt(lastOffsetDelta))
    last = offset
    const [key, value] = [part(), part()]
    const headers: unknown[] = []
    const headerCount = number()
    expect(headerCount >= 0n && headerCount <= BigInt(bytes.length))
    for (let header = 0n; header < headerCount; header++) {
      const name = part()
      expect(name !== null)
      headers.push([Buffer.from(name!, 'hex').toString(), part()])
    }
    expect(BigInt(at) === end)
    found.push([batch.readBigInt64BE(AT.baseOffset) + offset, Number(timestamp), key, value, headers])
  }
  expect(at === bytes.length)
  return found
}

function unpacked(packed: Buffer, compression: number): Buffer {
  if (compression === 0) return packed
  try {
    return unpackRecords(packed, compression, MOST_RECORD_BYTES)
  } catch {
    throw new Malformed()
  }
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}
