import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { RecordBatchWriter } from '../../api/record-batch.ts'
import type { Segment } from './partition-log.ts'
import { expiredSegments } from './retention.ts'
import { openStore } from './open-store.ts'
import { silentLogger } from './testing/silent-logger.ts'
import { temporaryDirectory, temporaryLog } from './testing/temporary-log.ts'
import { readAll } from '../contract/contract-log.ts'
import { consume } from '../contract/contract-batches.ts'
import type { OffsetJump } from '../log.ts'
import type { LogStore } from './log-store.ts'

const segment = (length: number, maxTimestamp: number): Segment => ({
  baseOffset: 0n,
  endOffset: 1n,
  length,
  maxTimestamp,
})

const cases = [
  { what: 'nothing without limits', retentionMs: null, retentionBytes: null, expired: 0 },
  { what: 'nothing that is young enough', retentionMs: 1000, retentionBytes: null, expired: 0 },
  { what: 'what is too old', retentionMs: 450, retentionBytes: null, expired: 2 },
  {
    what: 'the segment that is written too, if it is too old',
    retentionMs: 50,
    retentionBytes: null,
    expired: 3,
  },
  {
    what: 'nothing while the rest would be smaller than the limit',
    retentionMs: null,
    retentionBytes: 250,
    expired: 0,
  },
  { what: 'what is beyond the size', retentionMs: null, retentionBytes: 200, expired: 1 },
  { what: 'all but the segment that is written', retentionMs: null, retentionBytes: 0, expired: 2 },
]

for (const { what, expired, ...policy } of cases) {
  test(`retention deletes ${what}`, () => {
    const segments = [segment(100, 200), segment(100, 500), segment(100, 900)]
    assert.equal(expiredSegments(segments, { ...policy, segmentBytes: 100 }, 1000), expired)
  })
}

test('an empty segment stays', () => {
  const policy = { retentionMs: 0, retentionBytes: 0, segmentBytes: 100 }
  assert.equal(expiredSegments([segment(0, -1)], policy, 1000), 0)
})

function append(store: LogStore, timestamp: number, value: string): void {
  const writer = new RecordBatchWriter()
  writer.record(timestamp, null, Buffer.from(value))
  const ask = { batches: [{ topic: 't', partition: 0, batch: writer.finish() }], state: [] }
  store.commit([{ kind: 'append', ask }])
}

test('deleted segments are gone from the disk, the start moves, offsets go on', async (t) => {
  const dataDir = temporaryDirectory(t)
  const store = openStore(dataDir, silentLogger)
  const config = { 'segment.bytes': '1', 'retention.ms': '1000' }
  store.createTopics([{ name: 't', partitions: 1, config }])
  for (const timestamp of [100, 200, 5000]) append(store, timestamp, `at ${timestamp}`)
  assert.equal(store.hasRolled, true)
  store.applyRetention(5500)
  const partition = join(dataDir, 'topics', 't.1', '0')
  assert.deepEqual(readdirSync(partition), ['00000000000000000002.log'])
  assert.deepEqual(store.topics('t')[0]!.partitions, [{ partition: 0, startOffset: 2n, endOffset: 3n }])
  store.applyRetention(9000)
  assert.deepEqual(readdirSync(partition), [])
  assert.deepEqual(store.topics('t')[0]!.partitions, [{ partition: 0, startOffset: 3n, endOffset: 3n }])
  // Young for as long as this test may take.
  append(store, Date.now() + 3_600_000, 'new')
  store.close()

  const log = await temporaryLog(t, { dataDir })
  assert.deepEqual(await readAll(log, 't', 0, 0n), ['3:new'])
  assert.ok(existsSync(join(partition, '00000000000000000003.log')))
})

test('a group that is slower than retention goes on at the start, and is told', async (t) => {
  const jumps: OffsetJump[] = []
  const log = await temporaryLog(t)
  const config = { 'segment.bytes': '1', 'retention.bytes': '0' }
  await log.createTopic({ name: 't', partitions: 1, config })
  const consumer = await log.openConsumer({
    group: 'g',
    topics: ['t'],
    member: { index: 0, count: 1 },
    onAssigned: async () => undefined,
    onRevoked: async () => undefined,
    onOutOfRange: (jump) => jumps.push(jump),
  })
  await consumer.poll(1, AbortSignal.timeout(10_000))
  for (const value of ['a', 'b', 'c']) {
    const writer = new RecordBatchWriter()
    writer.record(Date.now(), null, Buffer.from(value))
    await log.append({ batches: [{ topic: 't', partition: 0, batch: writer.finish() }] })
  }
  assert.deepEqual(await consume(consumer, 1), ['0/2:c'])
  assert.deepEqual(jumps, [{ topic: 't', partition: 0, offset: 0n, goesOnAt: 2n }])
})
