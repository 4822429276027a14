import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { hasCode, readAll } from '../contract/contract-log.ts'
import { temporaryDirectory, temporaryLog } from './testing/temporary-log.ts'

/** Data directories that `backUp` of a release has made; there is one for each format that was ever released. */
const FORMATS = ['format-1']

for (const format of FORMATS) {
  test(`a data directory of ${format} opens with all that it holds, and is written to`, async (t) => {
    const dataDir = temporaryDirectory(t)
    cpSync(fileURLToPath(new URL(`testing/${format}`, import.meta.url)), dataDir, { recursive: true })
    const log = await temporaryLog(t, { dataDir })
    const topic = (await log.describeTopic('orders'))!
    assert.deepEqual(topic.config, { 'segment.bytes': '100', 'retention.ms': '-1' })
    assert.deepEqual(
      topic.partitions.map(({ endOffset }) => endOffset),
      [6n, 1n],
    )
    assert.deepEqual(await readAll(log, 'orders', 0, 0n), [
      '0:first 0',
      '1:second 0',
      '2:first 1',
      '3:second 1',
      '4:first 2',
      '5:second 2',
    ])
    assert.deepEqual(await readAll(log, 'orders', 1, 0n), ['0:other'])
    assert.deepEqual(await log.groupOffsets('connect-sink'), [{ topic: 'orders', partition: 0, offset: 4n }])
    assert.deepEqual([...(await log.readState('connector-config'))], [['sink', '{"topics":"orders"}']])
    await log.createTopic({ name: 'new', partitions: 1 })
    assert.equal((await log.listTopics()).length, 2)
  })
}

test('a data directory of a newer version is refused by name, and keeps its records', async (t) => {
  const dataDir = temporaryDirectory(t)
  cpSync(fileURLToPath(new URL('testing/format-1', import.meta.url)), dataDir, { recursive: true })
  const path = join(dataDir, 'tailrace.db')
  const database = new DatabaseSync(path)
  database.exec('PRAGMA user_version = 99')
  database.close()
  const before = segmentsOf(dataDir)
  assert.equal(before.size, 4)
  await assert.rejects(temporaryLog(t, { dataDir }), (error: Error) => {
    assert.ok(hasCode('log.format-unsupported')(error))
    for (const part of [dataDir, '99', 'a newer one']) assert.ok(error.message.includes(part), error.message)
    return true
  })
  assert.deepEqual(segmentsOf(dataDir), before)
})

/** Names and contents of segments. */
function segmentsOf(dataDir: string): ReadonlyMap<string, string> {
  const names = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.log'),
  )
  return new Map(names.toSorted().map((name) => [name, readFileSync(join(dataDir, name), 'base64')]))
}
