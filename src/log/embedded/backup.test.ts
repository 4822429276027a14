import assert from 'node:assert/strict'
import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { appendTo, hasCode, readAll } from '../contract/contract-log.ts'
import type { EmbeddedLog } from './embedded-log.ts'
import { temporaryDirectory, temporaryLog } from './testing/temporary-log.ts'

const TOPIC = 'orders'

async function logWithRecords(t: TestContext, records: number): Promise<EmbeddedLog> {
  const log = await temporaryLog(t)
  // A segment for each batch.
  await log.createTopic({ name: TOPIC, partitions: 1, config: { 'segment.bytes': '1' } })
  for (let n = 0; n < records; n++) await appendTo(log, TOPIC, 0, `record ${n}`)
  return log
}

test('a backup is a data directory with everything that was committed, and nothing of later', async (t) => {
  const log = await logWithRecords(t, 20)
  await log.commitGroupOffsets('g', [{ topic: TOPIC, partition: 0, offset: 7n }])
  await log.writeState([{ space: 's', key: 'k', value: 'v' }])
  const before = await readAll(log, TOPIC, 0, 0n)
  const directory = join(temporaryDirectory(t), 'new', 'backup')
  const progress: number[] = []
  // While others write, and delete.
  const writing = (async () => {
    for (let n = 0; n < 50; n++) await appendTo(log, TOPIC, 0, `later ${n}`)
  })()
  const backup = await log.backUp(directory, { onProgress: ({ done, of }) => progress.push(done / of) })
  await writing
  await log.deleteTopic(TOPIC)
  assert.deepEqual(backup.damaged, [])
  assert.equal(progress.at(-1), 1)
  const copied = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  assert.ok(copied.includes('tailrace.db') && copied.some((path) => path.endsWith('.log')))
  for (const path of [directory, ...copied.map((name) => join(directory, name))]) {
    const stats = statSync(path)
    assert.equal(stats.mode & 0o777, stats.isDirectory() ? 0o700 : 0o600, path)
  }

  const restored = await temporaryLog(t, { dataDir: directory })
  const records = await readAll(restored, TOPIC, 0, 0n)
  assert.deepEqual(records.slice(0, before.length), before)
  assert.equal((await restored.describeTopic(TOPIC))!.partitions[0]!.endOffset, BigInt(records.length))
  assert.deepEqual(await restored.groupOffsets('g'), [{ topic: TOPIC, partition: 0, offset: 7n }])
  assert.deepEqual([...(await restored.readState('s'))], [['k', 'v']])
})

test('what is deleted while it is copied is in the backup all the same, and gone afterwards', async (t) => {
  const log = await logWithRecords(t, 5)
  const directory = join(temporaryDirectory(t), 'backup')
  let deleting: Promise<boolean> | undefined
  await log.backUp(directory, {
    onProgress() {
      deleting ??= log.deleteTopic(TOPIC)
    },
  })
  await deleting
  assert.equal((await log.listTopics()).length, 0)
  assert.deepEqual(readdirSync(join(log.dataDir, 'topics')), [])
  const restored = await temporaryLog(t, { dataDir: directory })
  assert.equal((await readAll(restored, TOPIC, 0, 0n)).length, 5)
})

test('a backup that is broken off leaves nothing, and no other holds the log', async (t) => {
  const log = await logWithRecords(t, 5)
  const directory = join(temporaryDirectory(t), 'backup')
  const stopping = new AbortController()
  const backup = log.backUp(directory, {
    signal: stopping.signal,
    onProgress: () => stopping.abort(new Error('enough')),
  })
  await assert.rejects(backup, /enough/)
  assert.deepEqual(readdirSync(directory), [])
  await log.backUp(directory)
})

test('a directory that is not empty, not absolute, or within the data directory is refused', async (t) => {
  const log = await logWithRecords(t, 1)
  const full = temporaryDirectory(t)
  writeFileSync(join(full, 'mine'), '')
  for (const directory of [full, 'backup', log.dataDir, join(log.dataDir, 'backup'), join(full, 'mine')]) {
    await assert.rejects(log.backUp(directory), hasCode('log.backup-refused'), directory)
  }
  assert.deepEqual(readdirSync(full), ['mine'])
})

test('a segment that is shorter than what was committed is named, and the rest is copied', async (t) => {
  const log = await logWithRecords(t, 3)
  const [topic] = readdirSync(join(log.dataDir, 'topics'))
  const path = join('topics', topic!, '0', `${'1'.padStart(20, '0')}.log`)
  truncateSync(join(log.dataDir, path), 10)
  const { damaged, segments } = await log.backUp(join(temporaryDirectory(t), 'backup'))
  assert.deepEqual({ damaged, segments }, { damaged: [path], segments: 3 })
})

test('topics without their metadata are never taken for a new directory', async (t) => {
  const log = await logWithRecords(t, 1)
  const directory = join(temporaryDirectory(t), 'backup')
  await log.backUp(directory)
  rmSync(join(directory, 'tailrace.db'))
  const kept = readdirSync(join(directory, 'topics'))
  await assert.rejects(temporaryLog(t, { dataDir: directory }), hasCode('log.open-failed'))
  assert.deepEqual(readdirSync(join(directory, 'topics')), kept)
  assert.equal(kept.length, 1)
})
