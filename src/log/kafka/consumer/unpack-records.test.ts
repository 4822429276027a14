import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compressionsAlgorithms } from '@platformatic/kafka'
import { unpackRecords } from './unpack-records.ts'

const { gzip, snappy, lz4, zstd } = compressionsAlgorithms

test('records that get too large when they are unpacked are refused', () => {
  const large = Buffer.alloc(1_000_000, 'x')
  for (const { compressSync, bitmask } of [gzip, zstd]) {
    const packed = Buffer.from(compressSync(large))
    assert.ok(packed.length < 10_000)
    assert.ok(unpackRecords(packed, bitmask).equals(large))
    assert.ok(unpackRecords(packed, bitmask, large.length).equals(large))
    assert.throws(
      () => unpackRecords(packed, bitmask, 100_000),
      /more than 100000 bytes when they are unpacked/,
    )
  }
})

test('every compression of Kafka is unpacked, and another one is named', () => {
  const text = Buffer.from('a record '.repeat(100))
  for (const { compressSync, bitmask } of [gzip, snappy, lz4, zstd]) {
    assert.ok(unpackRecords(Buffer.from(compressSync(text)), bitmask).equals(text), String(bitmask))
  }
  assert.throws(() => unpackRecords(text, 7), /its compression 7 is not known here/)
})
