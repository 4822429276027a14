import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../test/properties.ts'
import { encodeHeaders, RecordBatchReader, RecordBatchWriter, type EncodedHeader } from './record-batch.ts'

const bytes = fc.uint8Array({ maxLength: 300 })
const nullable = fc.option(bytes)
const headers = fc.array(fc.record({ name: fc.string({ unit: 'binary' }), value: nullable }), {
  maxLength: 3,
})
const record = fc.record({
  key: nullable,
  value: nullable,
  // Null: the record has the batch's common headers.
  headers: fc.option(headers),
  // Up to 24 days before or after the first record.
  delta: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  isAbandoned: fc.boolean(),
})

const plain = (list: readonly EncodedHeader[]): unknown[] =>
  list.map(({ name, value }) => [name, value === null ? null : [...value]])

test('what a batch writer writes, a reader reads', () => {
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 20 }),
      headers,
      fc.integer({ min: 0, max: 4e12 }),
      fc.integer({ min: 0, max: 10_000 }),
      (records, common, base, initialBytes) => {
        const writer = new RecordBatchWriter(encodeHeaders(common), initialBytes)
        const kept = records.filter(({ isAbandoned }) => !isAbandoned)
        let first: number | null = null
        const timestamps: number[] = []
        for (const { key, value, headers, delta, isAbandoned } of records) {
          const timestamp: number = first === null ? base : first + delta
          if (isAbandoned) {
            writer.startRecord(timestamp)
            writer.out.copy(value ?? new Uint8Array(9), 0, value?.length ?? 9)
            writer.abandonRecord()
            continue
          }
          first ??= timestamp
          timestamps.push(timestamp)
          writer.record(timestamp, key, value, headers === null ? undefined : encodeHeaders(headers))
        }
        const reader = new RecordBatchReader(writer.finish())
        assert.equal(reader.length, reader.bytes.length)
        assert.equal(reader.count, kept.length)
        for (const [index, { key, value, headers }] of kept.entries()) {
          assert.ok(reader.next())
          assert.equal(reader.offsetDelta, index)
          assert.equal(reader.timestampMs, timestamps[index])
          assert.deepEqual(reader.key, key === null ? null : Buffer.from(key))
          assert.deepEqual(reader.value, value === null ? null : Buffer.from(value))
          assert.deepEqual(plain(reader.headers), plain(headers ?? common))
        }
        assert.equal(reader.next(), false)
      },
    ),
  )
})

test('the base offset that the log sets counts for every record', () => {
  const writer = new RecordBatchWriter()
  for (let i = 0; i < 3; i++) writer.record(0, null, null)
  const batch = writer.finish()
  batch.writeBigInt64LE(2n ** 60n, 16)
  const reader = new RecordBatchReader(batch)
  const offsets: bigint[] = []
  while (reader.next()) offsets.push(reader.offset)
  assert.deepEqual(offsets, [2n ** 60n, 2n ** 60n + 1n, 2n ** 60n + 2n])
  assert.equal(reader.lastOffset, 2n ** 60n + 2n)
})

test('a timestamp too far from the first of its batch is refused', () => {
  const writer = new RecordBatchWriter()
  writer.record(0, null, null)
  assert.throws(() => writer.startRecord(2 ** 31), RangeError)
})
