import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import { startKafka, type KafkaServer } from '../../../test/servers/kafka.ts'
import { batchOf, consume } from '../contract/contract-batches.ts'
import { appendTo, hasCode, newName, newTopic, readAll, OwnState } from '../contract/contract-log.ts'
import { logContract } from '../contract/log-contract.ts'
import { SOURCE_OFFSETS, sourceOffsetKey, type Log, type OffsetJump } from '../log.ts'
import { beginPartitions } from './consumer/begin-partitions.ts'
import { Cluster } from './connection/cluster.ts'
import { GroupOffsets } from './group/group-offsets.ts'
import { openKafkaLog } from './kafka-log.ts'
import type { KafkaLogDescription } from './kafka-log-description.ts'
import { TopicAdmin } from './topic-admin.ts'

let kafka: KafkaServer
before(async () => {
  const retention = { 'log.initial.task.delay.ms': '100', 'log.retention.check.interval.ms': '200' }
  kafka = await startKafka({ 'message.max.bytes': '20000000', ...retention })
})
after(() => kafka.stop())

function description(more: Partial<KafkaLogDescription> = {}): KafkaLogDescription {
  return {
    bootstrapServers: [kafka.bootstrapServers],
    clientId: 'test',
    internalTopics: {
      offsets: { name: 'connect-offsets', partitions: 5, property: 'offset.storage' },
    },
    metadataMaxAgeMs: 200,
    heartbeatIntervalMs: 100,
    sessionTimeoutMs: 30_000,
    ...more,
  }
}

async function open(t: TestContext, more: Partial<KafkaLogDescription> = {}): Promise<Log> {
  const log = await openKafkaLog(description(more))
  t.after(() => log.close())
  return log
}

logContract('Kafka log', (t) => open(t), { hasAtomicAppends: false })

describe('Kafka log', () => {
  test('source offsets are in a compacted topic as Kafka Connect has them', async (t) => {
    const log = await open(t)
    const key = sourceOffsetKey('inventory', { server: 'a' })
    await log.writeState([{ space: SOURCE_OFFSETS, key, value: '{"lsn":1}' }])
    const topic = (await log.describeTopic('connect-offsets'))!
    assert.equal(topic.config['cleanup.policy'], 'compact')
    assert.equal(topic.partitions.length, 5)
    assert.equal((await (await open(t)).readState(SOURCE_OFFSETS)).get(key), '{"lsn":1}')
    await log.writeState([{ space: SOURCE_OFFSETS, key, value: null }])
    assert.equal((await log.readState(SOURCE_OFFSETS)).has(key), false)
  })

  test('state is not kept in a topic that would lose it', async (t) => {
    const name = newName('deleting')
    const offsets = { name, partitions: 1, property: 'offset.storage' }
    const log = await open(t, { internalTopics: { offsets } })
    await log.createTopic({ name, partitions: 1 })
    const write = log.writeState([new OwnState().entry('k', 'v')])
    await assert.rejects(write, hasCode('log.state-topic-invalid'))
    await assert.rejects(log.readState(SOURCE_OFFSETS), hasCode('log.state-topic-invalid'))
  })

  test('a record that is too large for its topic is refused, and the next one is not', async (t) => {
    const log = await open(t)
    const topic = newName('small')
    await log.createTopic({ name: topic, partitions: 1, config: { 'max.message.bytes': '10000' } })
    await assert.rejects(appendTo(log, topic, 0, 'x'.repeat(20_000)), hasCode('log.record-too-large'))
    assert.equal(await appendTo(log, topic, 0, 'a', 'b'.repeat(9000), 'c'.repeat(9000)), 0n)
    assert.equal((await readAll(log, topic, 0, 0n)).length, 3)
  })

  for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    test(`batches compressed with ${compression} are taken and read`, async (t) => {
      const log = await open(t, { compression })
      const topic = await newTopic(log)
      await appendTo(log, topic, 0, 'a'.repeat(100_000), 'b')
      assert.deepEqual(await readAll(log, topic, 0, 0n), [`0:${'a'.repeat(100_000)}`, '1:b'])
    })
  }

  test('appends and a consumer outlive a broker that is killed and starts again: all once, in order', async (t) => {
    const log = await open(t)
    const topic = await newTopic(log, 2)
    const consumer = await log.openConsumer({
      group: newName('group'),
      topics: [topic],
      member: { index: 0, count: 1 },
      onAssigned: async () => undefined,
      onRevoked: async () => undefined,
    })
    const own = new OwnState()
    const underWay: Promise<unknown>[] = []
    let appended = 0
    const append = (): void => {
      const number = appended++
      const batch = batchOf(`${number}`.padEnd(20_000, '.'))
      const state = [own.entry(`${number % 2}`, `${number}`)]
      underWay.push(log.append({ batches: [{ topic, partition: number % 2, batch }], state }))
    }
    for (let i = 0; i < 50; i++) append()
    await underWay[10]
    for (let i = 0; i < 50; i++) append()
    await kafka.kill()
    for (let i = 0; i < 50; i++) append()
    await kafka.restart()
    for (let i = 0; i < 50; i++) append()
    await Promise.all(underWay)
    for (const partition of [0, 1]) {
      const numbers = (await readAll(log, topic, partition, 0n)).map((record) =>
        parseInt(record.split(':')[1]!),
      )
      assert.deepEqual(
        numbers,
        Array.from({ length: 100 }, (_, i) => 2 * i + partition),
      )
    }
    assert.deepEqual(
      [...(await own.read(log))],
      [
        ['0', '198'],
        ['1', '199'],
      ],
    )
    assert.equal((await consume(consumer, 200)).length, 200)
    await consumer.commit([{ topic, partition: 0, offset: 100n }])
  })

  test('partitions are begun, every one, while others find out that the leader of their topic has moved', async (t) => {
    const name = await newTopic(await open(t), 3)
    const cluster = new Cluster(description())
    t.after(() => cluster.close())
    const surroundings = { cluster, topics: new TopicAdmin(cluster), groupOffsets: new GroupOffsets(cluster) }
    let isOver = false
    const forget = (): void => {
      cluster.forgetTopic(name)
      if (!isOver) setImmediate(forget)
    }
    forget()
    const assigned = [0, 1, 2].map((partition) => ({ topic: name, partition }))
    for (let i = 0; i < 20; i++) {
      assert.equal((await beginPartitions({ group: newName('group') }, assigned, surroundings)).length, 3)
    }
    isOver = true
  })

  test('who seeks beyond the end goes on there and is told', async (t) => {
    const log = await open(t)
    const topic = await newTopic(log)
    await appendTo(log, topic, 0, 'a', 'b')
    const jumps: OffsetJump[] = []
    const consumer = await log.openConsumer({
      group: newName('group'),
      topics: [topic],
      member: { index: 0, count: 1 },
      onAssigned: async () => {},
      onRevoked: async () => {},
      onOutOfRange: (jump) => jumps.push(jump),
    })
    t.after(() => consumer.close())
    assert.deepEqual(await consume(consumer, 2), ['0/0:a', '0/1:b'])
    consumer.seek({ topic, partition: 0, offset: 9n })
    while (jumps.length === 0) {
      const polled = new AbortController()
      const wakes = setTimeout(() => polled.abort(), 50)
      assert.deepEqual(await consumer.poll(1000, polled.signal), [])
      clearTimeout(wakes)
    }
    assert.deepEqual(jumps, [{ topic, partition: 0, offset: 9n, goesOnAt: 2n }])
    await appendTo(log, topic, 0, 'c')
    assert.deepEqual(await consume(consumer, 1), ['0/2:c'])
  })

  test('a cluster that does not answer is an error that may pass', async () => {
    const opened = openKafkaLog(description({ bootstrapServers: ['127.0.0.1:1'], apiTimeoutMs: 300 }))
    await assert.rejects(opened, hasCode('log.kafka-unreachable'))
    await assert.rejects(
      openKafkaLog(description({ bootstrapServers: ['nonsense'] })),
      hasCode('connect.config-invalid'),
    )
  })
})
