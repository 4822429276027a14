import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32c } from '@platformatic/kafka'
import fc from '../../../test/properties.ts'
import type { ConnectError } from '../../api/errors.ts'
import {
  encodeHeaders,
  RecordBatchReader,
  RecordBatchWriter,
  type EncodedHeader,
} from '../../api/record-batch.ts'
import { decodeKafkaBatches } from './consumer/batch-decoder.ts'
import { BatchEncoder, BatchSource } from './producer/batch-encoder.ts'
import { KAFKA_BATCH_FIELD, KAFKA_BATCH_HEADER_BYTES } from './kafka-batch.ts'
import type { KafkaCompression } from './kafka-log-description.ts'

const nullable = fc.option(fc.uint8Array({ maxLength: 200 }))
const headers = fc.array(fc.record({ name: fc.string(), value: nullable }), { maxLength: 3 })
const batch = fc.record({
  common: headers,
  base: fc.integer({ min: 0, max: 4e12 }),
  records: fc.array(
    fc.record({
      key: nullable,
      value: nullable,
      headers: fc.option(headers),
      delta: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    }),
    { minLength: 1, maxLength: 10 },
  ),
})

const stamp = { producerId: 7n, producerEpoch: 1, isTransactional: false, baseSequence: 0 }
const plain = (list: readonly EncodedHeader[]): unknown[] =>
  list.map(({ name, value }) => [name, value === null ? null : [...value]])

function contents(batches: readonly Buffer[]): unknown[] {
  const found: unknown[] = []
  for (const bytes of batches) {
    for (const reader = new RecordBatchReader(bytes); reader.next();) {
      const [key, value] = [reader.key, reader.value].map((part) => (part === null ? null : [...part]))
      found.push([reader.timestampMs, key, value, plain(reader.headers)])
    }
  }
  return found
}

/** All of it as batches of Kafka, each with the offset that a broker would give it. */
function encode(batches: readonly Buffer[], limit: number, compression: KafkaCompression): Buffer {
  const sources = batches.map((bytes) => new BatchSource(new RecordBatchReader(bytes)))
  const encoded: Buffer[] = []
  let offset = 0n
  while (sources.some(({ hasRecord }) => hasRecord)) {
    const encoder = new BatchEncoder(limit, 1000)
    for (const source of sources) if (!encoder.take(source)) break
    const bytes = encoder.finish(compression, stamp)
    bytes.writeBigInt64BE(offset, KAFKA_BATCH_FIELD.baseOffset)
    offset += BigInt(encoder.count)
    encoded.push(bytes)
  }
  return Buffer.concat(encoded)
}

for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
  test(`records come back from Kafka's format as they were, with compression ${compression}`, () => {
    fc.assert(
      fc.property(
        fc.array(batch, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 100, max: 3000 }),
        (list, limit) => {
          const batches = list.map(({ common, base, records }) => {
            const writer = new RecordBatchWriter(encodeHeaders(common))
            for (const [index, { key, value, headers, delta }] of records.entries()) {
              const own = headers === null ? undefined : encodeHeaders(headers)
              writer.record(index === 0 ? base : base + delta, key, value, own)
            }
            return writer.finish()
          })
          const decoded = decodeKafkaBatches(encode(batches, limit, compression), 'topic t')
          assert.deepEqual(contents(decoded.batches), contents(batches))
          const count = list.reduce((sum, { records }) => sum + records.length, 0)
          assert.equal(decoded.nextOffset, BigInt(count))
          const offsets = decoded.batches.flatMap((bytes) => {
            const found: number[] = []
            for (const reader = new RecordBatchReader(bytes); reader.next();)
              found.push(Number(reader.offset))
            return found
          })
          assert.deepEqual(
            offsets,
            Array.from({ length: count }, (_, i) => i),
          )
        },
      ),
      { numRuns: 60 },
    )
  })
}

test('a batch that is cut off is left for the next fetch, and a damaged one is an error', () => {
  const writer = new RecordBatchWriter()
  writer.record(1, Buffer.from('k'), Buffer.from('value'))
  const bytes = encode([writer.finish()], 1000, 'none')
  const two = Buffer.concat([bytes, bytes.subarray(0, bytes.length - 1)])
  assert.equal(decodeKafkaBatches(two, 'topic t').batches.length, 1)
  assert.deepEqual(decodeKafkaBatches(bytes.subarray(0, 30), 'topic t'), { batches: [], nextOffset: null })
  bytes[bytes.length - 3]! ^= 1
  assert.throws(() => decodeKafkaBatches(bytes, 'topic t'), { code: 'log.corrupt' })
})

test('a batch that no producer means is named with what is wrong, though its checksum is right', () => {
  const writer = new RecordBatchWriter()
  writer.record(1, Buffer.from('k'), Buffer.from('value'))
  const bytes = encode([writer.finish()], 1000, 'none')
  const record = KAFKA_BATCH_HEADER_BYTES
  const cases: readonly [change: (batch: Buffer) => unknown, problem: RegExp][] = [
    [(batch) => batch.writeInt32BE(1_000_000_000, KAFKA_BATCH_FIELD.count), /fewer records than it says/],
    [(batch) => batch.writeInt32BE(-1, KAFKA_BATCH_FIELD.count), /fewer records than it says/],
    [(batch) => batch.writeInt32BE(-1, KAFKA_BATCH_FIELD.lastOffsetDelta), /last offset is before its first/],
    [(batch) => batch.writeBigInt64BE(2n ** 63n - 1n, KAFKA_BATCH_FIELD.baseTimestamp), /timestamp of it is out of range/], // prettier-ignore
    [(batch) => batch.writeUInt8(100, record), /record is longer than its batch/],
    [(batch) => batch.writeUInt8(0, record), /key or value is longer than its record/],
    [(batch) => batch.writeUInt8(2, record + 3), /offsets are out of order/],
    [(batch) => batch.writeUInt8(100, record + 4), /key or value is longer than its record/],
    [(batch) => batch.writeUInt8(2, batch.length - 1), /a header is longer than its record/],
    [(batch) => batch.writeUInt8(1, batch.length - 1), /headers of a record are fewer than none/],
  ]
  for (const [change, problem] of cases) {
    const batch = Buffer.from(bytes)
    change(batch)
    batch.writeUInt32BE(crc32c(batch.subarray(KAFKA_BATCH_FIELD.attributes)), KAFKA_BATCH_FIELD.crc)
    assert.throws(
      () => decodeKafkaBatches(batch, 'topic t, partition 3'),
      (error: ConnectError) =>
        error.code === 'log.corrupt' &&
        problem.test(error.message) &&
        error.message.includes('The batch at offset 0 of topic t, partition 3 cannot be read'),
      String(problem),
    )
  }
  const short = Buffer.from(bytes)
  short.writeInt32BE(0, KAFKA_BATCH_FIELD.length)
  assert.throws(() => decodeKafkaBatches(short, 'topic t'), /shorter than its header/)
})
