import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { readAll } from '../contract/contract-log.ts'
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
