import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BATCH_FIELD, RecordBatchWriter } from '../../api/record-batch.ts'
import { SinkPositions } from './sink-positions.ts'

/** A batch of one record at an offset. */
function put(topic: string, offset: bigint) {
  const writer = new RecordBatchWriter()
  writer.record(0, null, null)
  const batch = writer.finish()
  batch.writeBigInt64LE(offset, BATCH_FIELD.baseOffset)
  return { topic, partition: 0, firstOffset: offset, batch }
}

test('counts what was put and not committed, of partitions that it has', () => {
  const positions = new SinkPositions()
  const at = (topic: string, offset: bigint) => ({ topic, partition: 0, offset })
  positions.assign([at('a', 10n), at('b', 0n)])
  assert.equal(positions.active, 0)
  positions.advance([put('a', 14n), put('b', 2n), put('not mine', 9n)])
  assert.equal(positions.active, 5 + 3)
  positions.committed([at('a', 12n), at('not mine', 9n)])
  assert.equal(positions.active, 3 + 3)
  positions.revoke([at('b', 0n)])
  assert.equal(positions.active, 3)
  positions.assign([at('a', 12n)])
  assert.equal(positions.active, 0)
})
