import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sharedKafka, type SharedKafka } from '../../../test/servers/kafka.ts'
import { RecordBatchWriter } from '../../api/record-batch.ts'
import type { PartitionBatch, Log } from '../../log/log.ts'
import { parseWorkerConfig } from '../config/worker-config.ts'
import { PluginCatalogue } from '../plugin-catalogue.ts'
import { sinkGroup } from '../sink/sink-group.ts'
import { openKafkaLog, type KafkaLog } from '../testing/kafka-log.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { testCatalogue, testWorkerProperties } from '../testing/test-catalogue.ts'
import { reindex } from './reindex-job.ts'
import type { ReindexRecord } from './reindex-record.ts'

const TOPIC = 'reindexed'
const SMALL = 'reindexed-small'

let kafka: SharedKafka
let log: KafkaLog
const directory = mkdtempSync(join(tmpdir(), 'tailrace-reindex-'))
before(async () => {
  kafka = await sharedKafka()
  log = await openKafkaLog({
    bootstrapServers: [kafka.bootstrapServers],
    clientId: 'test',
    groupId: 'reindexing',
    internalTopics: {
      offsets: { name: 'reindex-offsets', partitions: 1, property: 'offset.storage', replicationFactor: 1 },
    },
  })
})
after(async () => {
  await log?.close()
  await kafka[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

function batch(topic: string, value: string): PartitionBatch {
  const writer = new RecordBatchWriter()
  writer.record(Date.now(), null, Buffer.from(JSON.stringify(value)))
  return { topic, partition: 0, batch: writer.finish() }
}

/** A transaction that is taken back: its second record is too large. */
async function appendInVain(task: Log, value: string): Promise<void> {
  const batches = [batch(TOPIC, value), batch(SMALL, 'x'.repeat(5000))]
  await assert.rejects(task.append({ batches }), /max\.message\.bytes/)
}

test('records that were taken back are in no new index of a sink that reads committed ones, nor waited for', async (t) => {
  await log.createTopic({ name: TOPIC, partitions: 1 })
  await log.createTopic({ name: SMALL, partitions: 1, config: { 'max.message.bytes': '1000' } })
  const overrides = { producer: {}, consumer: {}, admin: {} }
  const source = { type: 'source', connector: 'source', task: 0, overrides, isExactlyOnce: true } as const
  const task = await log.openTaskLog(source)
  t.after(() => task.close())
  await task.log.append({ batches: [batch(TOPIC, 'a')] })
  await appendInVain(task.log, 'lost')
  const { baseOffsets } = await task.log.append({ batches: [batch(TOPIC, 'b')] })
  await appendInVain(task.log, 'lost at the end')
  // What a consumer of committed records has when it has read all of them.
  await log.commitGroupOffsets(sinkGroup('index', {}), [
    { topic: TOPIC, partition: 0, offset: baseOffsets[0]! + 1n },
  ])

  const file = join(directory, 'index')
  writeFileSync(file, '"a"\n"b"\n')
  const warnings: string[] = []
  const record: ReindexRecord = {
    suffix: '-new',
    from: 'log',
    isDeletingOld: false,
    areFewerAccepted: false,
    configDigest: '',
    names: [],
    areRowsThere: true,
    positions: null,
    held: null,
    isStill: true,
    swapped: null,
    worker: 'test',
    beatAt: 0,
  }
  const config = {
    'connector.class': 'CollectingSink',
    topics: TOPIC,
    file,
    'consumer.override.isolation.level': 'read_committed',
  }
  const work = { kind: 'reindex', step: 'finish', config, sources: [], isSinkRunning: true, record } as const
  await reindex('index', work, {
    log,
    catalogue: new PluginCatalogue(testCatalogue),
    worker: parseWorkerConfig(testWorkerProperties),
    logger: { ...silentLogger, warn: (_fields: object, message: string) => void warnings.push(message) },
    signal: t.signal,
    onProgress: () => undefined,
  })
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { value: unknown }).value),
    ['a', 'b'],
  )
  assert.deepEqual(warnings, [])
})
