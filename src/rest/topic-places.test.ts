import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordBatchWriter } from '../api/record-batch.ts'
import type { Log } from '../log/log.ts'
import { FakeLog } from './testing/fake-log.ts'
import { offsetAt, recordsWithKey } from './topic-places.ts'

/** A partition with a batch for each list of timestamps; keys are `k0`, `k1`, `k0`, … */
async function partitionOf(batches: readonly (readonly number[])[]): Promise<Log> {
  const log = new FakeLog().asLog()
  await log.createTopic({ name: 't', partitions: 1 })
  let offset = 0
  for (const timestamps of batches) {
    const writer = new RecordBatchWriter()
    for (const timestampMs of timestamps)
      writer.record(timestampMs, Buffer.from(`k${offset++ % 2}`), Buffer.from('v'))
    await log.append({ batches: [{ topic: 't', partition: 0, batch: writer.finish() }] })
  }
  return log
}

test('a moment is found by its first record at or after it', async () => {
  const log = await partitionOf([[10, 20], [30], [40, 50, 60]])
  const partition = { partition: 0, startOffset: 0n, endOffset: 6n }
  const found = await Promise.all([0, 10, 11, 30, 45, 60, 61].map((ms) => offsetAt(log, 't', partition, ms)))
  assert.deepEqual(found, [0n, 0n, 1n, 2n, 4n, 5n, 6n])
})

test('records are found by their whole key', async () => {
  const log = await partitionOf([
    [1, 1, 1],
    [1, 1],
  ])
  const from = { topic: 't', partition: 0, offset: 1n, end: 5n }
  const answer = await recordsWithKey(log, from, Buffer.from('k0'))
  assert.deepEqual(
    (answer['records'] as { offset: bigint }[]).map(({ offset }) => offset),
    [2n, 4n],
  )
  assert.deepEqual([answer['next_offset'], answer['at_end']], [5n, true])
  assert.deepEqual((await recordsWithKey(log, from, Buffer.from('k')))['records'], [])
})
