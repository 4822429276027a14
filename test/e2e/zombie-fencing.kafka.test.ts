import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { RecordBatchWriter } from '../../src/api/record-batch.ts'
import { ConfigStore } from '../../src/connect/distributed/config-store.ts'
import { ZombieFencing } from '../../src/connect/distributed/zombie-fencing.ts'
import { silentLogger } from '../../src/connect/testing/silent-logger.ts'
import { hasCode } from '../../src/log/contract/contract-log.ts'
import { openKafkaLog, type KafkaLog } from '../../src/log/kafka/kafka-log.ts'
import { SOURCE_OFFSETS, sourceOffsetKey, type AppendRequest, type Log } from '../../src/log/log.ts'
import { sharedKafka } from '../servers/kafka.ts'

const GROUP = 'fencing'
const kafka = await sharedKafka()
const log = await openLog()
after(async () => {
  await log.close()
  await kafka[Symbol.asyncDispose]()
})

function openLog(): Promise<KafkaLog> {
  return openKafkaLog({
    bootstrapServers: [kafka.bootstrapServers],
    clientId: 'test',
    groupId: GROUP,
    isReadCommitted: true,
    internalTopics: {
      offsets: { name: 'fencing-offsets', partitions: 1, replicationFactor: 1, property: 'offset.storage' },
    },
  })
}

/** The config topic as a worker has it that may lead. */
function openConfigs(from: KafkaLog): Promise<ConfigStore> {
  return ConfigStore.open({
    openTopic: (options) => from.openSharedTopic(options),
    topic: {
      name: 'configs',
      partitions: 1,
      replicationFactor: 1,
      isOrdered: true,
      property: 'config.storage',
    },
    writerId: `connect-cluster-${GROUP}`,
    logger: silentLogger,
    listener: {
      onConnector: () => undefined,
      onRestart: () => undefined,
      onLoggerLevel: () => undefined,
      onFenced: () => undefined,
    },
  })
}

/** A source task's log, on a worker of its own. */
async function openTask(task: number): Promise<Log> {
  const overrides = { producer: {}, consumer: {}, admin: {} }
  const client = { type: 'source', connector: 'c', task, overrides, isExactlyOnce: true } as const
  const opened = await log.openTaskLog(client)
  after(() => opened.close())
  await opened.begin!()
  return opened.log
}

function request(text: string): AppendRequest {
  const writer = new RecordBatchWriter(undefined, 64)
  writer.record(0, null, Buffer.from(text))
  const key = sourceOffsetKey('c', { of: 'all' })
  return {
    batches: [{ topic: 'records', partition: 0, batch: writer.finish() }],
    state: [{ space: SOURCE_OFFSETS, key, value: JSON.stringify({ text }) }],
  }
}

test('tasks of an earlier generation write neither records nor offsets once the leader has fenced them off', async () => {
  await log.createTopic({ name: 'records', partitions: 1 })
  const configs = await openConfigs(log)
  await configs.claim()
  const fencing = new ZombieFencing({ configs, groupId: GROUP, log })
  await configs.putConnector('c', { name: 'c' })
  await configs.putTaskConfigs('c', [{}, {}])
  await fencing.fence('c')
  assert.equal(configs.get('c')?.fencedTaskCount, 2)
  const [zombie, other] = [await openTask(0), await openTask(1)]
  await zombie.append(request('old'))
  await other.append(request('old too'))

  await configs.putTaskConfigs('c', [{}])
  assert.equal(configs.get('c')?.isFencingPending, true)
  await fencing.fence('c')
  assert.deepEqual([configs.get('c')?.isFencingPending, configs.get('c')?.fencedTaskCount], [false, 1])
  for (const old of [zombie, other]) {
    await assert.rejects(old.append(request('too late')), hasCode('log.producer-fenced'))
  }
  const newest = await openTask(0)
  await newest.append(request('new'))
  const key = sourceOffsetKey('c', { of: 'all' })
  assert.equal((await newest.readState(SOURCE_OFFSETS)).get(key), '{"text":"new"}')

  // Another worker leads: what this one decides does not count any more.
  const next = await openConfigs(log)
  await next.claim()
  await assert.rejects(configs.putTaskConfigs('c', [{}, {}]), hasCode('connect.group-rebalancing'))
  await next.putTaskConfigs('c', [{}, {}, {}])
  await configs.readToEnd()
  assert.equal(configs.get('c')?.taskConfigs.length, 3)
  await Promise.all([configs.close(), next.close()])
})
