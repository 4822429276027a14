import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeHeaders, RecordBatchReader, RecordBatchWriter } from '../../api/record-batch.ts'
import { batchUpTo } from './batch-up-to.ts'

function batchOf(values: readonly (string | null)[], baseOffset: bigint): Buffer {
  const writer = new RecordBatchWriter()
  for (const value of values) {
    writer.record(1000, null, value === null ? null : Buffer.from(value), encodeHeaders([]))
  }
  const batch = writer.finish()
  batch.writeBigInt64LE(baseOffset, 16)
  return batch
}

function valuesOf(batch: Buffer | null): readonly string[] {
  const values: string[] = []
  if (batch !== null) {
    for (const reader = new RecordBatchReader(batch); reader.next();) values.push(String(reader.value))
  }
  return values
}

test('a batch is cut at an offset, and what it was made of stays as it is', () => {
  const batch = batchOf(['a', 'b', 'c'], 40n)
  assert.deepEqual(valuesOf(batchUpTo(batch, 42n)), ['a', 'b'])
  assert.equal(new RecordBatchReader(batchUpTo(batch, 42n)!).lastOffset, 41n)
  assert.deepEqual(valuesOf(batch), ['a', 'b', 'c'])
  assert.equal(batchUpTo(batch, 43n), batch)
  assert.equal(batchUpTo(batch, 40n), null)
  assert.deepEqual(valuesOf(batchUpTo(batchOf(['a', null, null], 0n), 2n)), ['a', 'null'])
})
