import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import { startKafka, type KafkaServer } from '../../../test/servers/kafka.ts'
import { batchOf, consume } from '../contract/contract-batches.ts'
import { hasCode, newName, newTopic, readAll } from '../contract/contract-log.ts'
import { SOURCE_OFFSETS, sourceOffsetKey, type AppendRequest, type Log } from '../log.ts'
import type { TaskClient } from '../task-log.ts'
import { openKafkaLog } from './kafka-log.ts'
import type { KafkaLogDescription } from './kafka-log-description.ts'

let kafka: KafkaServer
before(async () => void (kafka = await startKafka({ 'message.max.bytes': '20000000' })))
after(() => kafka.stop())

async function open(t: TestContext, more: Partial<KafkaLogDescription> = {}): Promise<Log> {
  const log = await openKafkaLog({
    bootstrapServers: [kafka.bootstrapServers],
    clientId: 'test',
    groupId: 'workers',
    internalTopics: {
      offsets: { name: 'connect-offsets', partitions: 5, property: 'offset.storage' },
    },
    metadataMaxAgeMs: 200,
    ...more,
  })
  t.after(() => log.close())
  return log
}

async function openTask(t: TestContext, log: Log, client: Partial<TaskClient> = {}): Promise<Log> {
  const opened = await log.openTaskLog({
    type: 'source',
    connector: newName('connector'),
    task: 0,
    overrides: { producer: {}, consumer: {}, admin: {} },
    isExactlyOnce: true,
    ...client,
  })
  t.after(() => opened.close())
  return opened.log
}

/** A value and the source offset that stands for it. */
function append(topic: string, value: string, connector = 'c'): AppendRequest {
  const key = sourceOffsetKey(connector, { server: 'a' })
  const state = [{ space: SOURCE_OFFSETS, key, value: JSON.stringify({ at: value }) }]
  return { batches: [{ topic, partition: 0, batch: batchOf(value) }], state }
}

async function storedOffset(log: Log, connector = 'c'): Promise<string | undefined> {
  return (await log.readState(SOURCE_OFFSETS)).get(sourceOffsetKey(connector, { server: 'a' }))
}

/** Values of a topic's partition 0 as a consumer sees them that reads committed records only. */
async function committed(t: TestContext, log: Log, topic: string, count: number): Promise<string[]> {
  const overrides = { producer: {}, consumer: { 'isolation.level': 'read_committed' }, admin: {} }
  const task = await openTask(t, log, { type: 'sink', overrides, isExactlyOnce: false })
  const consumer = await task.openConsumer({
    group: newName('group'),
    topics: [topic],
    member: { index: 0, count: 1 },
    onAssigned: async () => undefined,
    onRevoked: async () => undefined,
  })
  return (await consume(consumer, count)).map((record) => record.replace(/^.*:/, ''))
}

describe('the Kafka log of a task, exactly once', () => {
  test('records and source offsets are there together, and a consumer of committed records sees them', async (t) => {
    const log = await open(t)
    const topic = await newTopic(log)
    const task = await openTask(t, log)
    await task.append(append(topic, 'a'))
    await task.append(append(topic, 'b'))
    assert.equal(await storedOffset(log), '{"at":"b"}')
    assert.deepEqual(await committed(t, log, topic, 2), ['a', 'b'])
  })

  test('a task that has begun again fences the one before, whose append leaves nothing', async (t) => {
    const log = await open(t)
    const topic = await newTopic(log)
    const client = { connector: newName('fenced') }
    const before = await openTask(t, log, client)
    await before.append(append(topic, 'a', client.connector))
    const later = await openTask(t, await open(t), client)
    assert.equal(await storedOffset(later, client.connector), '{"at":"a"}')
    await assert.rejects(
      before.append(append(topic, 'zombie', client.connector)),
      hasCode('log.producer-fenced'),
    )
    await assert.rejects(
      before.append(append(topic, 'zombie', client.connector)),
      hasCode('log.producer-fenced'),
    )
    await later.append(append(topic, 'b', client.connector))
    assert.equal(await storedOffset(log, client.connector), '{"at":"b"}')
    assert.deepEqual(await committed(t, log, topic, 2), ['a', 'b'])
  })

  test('producers that a leader fences write nothing more', async (t) => {
    const log = await open(t)
    const topic = await newTopic(log)
    const client = { connector: newName('fenced') }
    const task = await openTask(t, log, client)
    await task.append(append(topic, 'a', client.connector))
    await log.fenceProducers([`workers-${client.connector}-0`, 'workers-nobody-0'])
    await assert.rejects(task.append(append(topic, 'b', client.connector)), hasCode('log.producer-fenced'))
  })

  test('an append that fails half-way leaves nothing, and the next one goes on', async (t) => {
    const log = await open(t)
    const topic = await newTopic(log)
    const small = newName('small')
    await log.createTopic({ name: small, partitions: 1, config: { 'max.message.bytes': '1000' } })
    const task = await openTask(t, log)
    await task.append(append(topic, 'a', 'half'))
    const batches = [
      { topic, partition: 0, batch: batchOf('lost') },
      { topic: small, partition: 0, batch: batchOf('x'.repeat(5000)) },
    ]
    const { state } = append(topic, 'lost', 'half')
    await assert.rejects(task.append({ batches, state: state! }), hasCode('log.record-too-large'))
    assert.equal(await storedOffset(log, 'half'), '{"at":"a"}')
    await task.append(append(topic, 'b', 'half'))
    assert.deepEqual(await committed(t, log, topic, 2), ['a', 'b'])
  })

  test('transactions outlive a broker that is killed and starts again', async (t) => {
    const log = await open(t)
    const topic = await newTopic(log)
    const task = await openTask(t, log)
    const values = Array.from({ length: 30 }, (_, i) => `v${i}`)
    const appended = values.map((value) => task.append(append(topic, value, 'restarted')))
    await appended[10]
    await kafka.kill()
    await kafka.restart()
    await Promise.all(appended)
    assert.deepEqual(await committed(t, log, topic, values.length), values)
    assert.equal(await storedOffset(log, 'restarted'), '{"at":"v29"}')
  })

  test("a connector's own offsets topic has its offsets, and the worker's has them too", async (t) => {
    const log = await open(t)
    const topic = await newTopic(log)
    const offsetsTopic = newName('own-offsets')
    await log.writeState(append(topic, 'before', 'own').state!)
    const task = await openTask(t, log, { offsetsTopic })
    assert.equal(await storedOffset(task, 'own'), '{"at":"before"}')
    await task.append(append(topic, 'a', 'own'))
    assert.equal(await storedOffset(task, 'own'), '{"at":"a"}')
    assert.equal(await storedOffset(log, 'own'), '{"at":"a"}')
    assert.equal((await log.describeTopic(offsetsTopic))!.config['cleanup.policy'], 'compact')
  })
})

describe("a connector's client overrides", () => {
  test('that mean nothing here are told, and those that are wrong are refused', async (t) => {
    const log = await open(t)
    const client = { type: 'source', connector: 'c', task: 0, isExactlyOnce: false } as const
    const overrides = {
      producer: { 'compression.type': 'lz4', 'buffer.memory': '1' },
      consumer: { 'partition.assignment.strategy': 'range' },
      admin: {},
    }
    const opened = await log.openTaskLog({ ...client, overrides })
    assert.deepEqual(opened.ignored, [
      'producer.override.buffer.memory',
      'consumer.override.partition.assignment.strategy',
    ])
    await opened.close()
    const wrong = { ...overrides, producer: { acks: 'most' } }
    await assert.rejects(log.openTaskLog({ ...client, overrides: wrong }), hasCode('connect.config-invalid'))
  })

  test('compress, limit and route what a task writes', async (t) => {
    const log = await open(t)
    const topic = await newTopic(log)
    const producer = { 'compression.type': 'zstd', 'max.request.size': '30000', 'linger.ms': '5', acks: '1' }
    const task = await openTask(t, log, {
      isExactlyOnce: false,
      overrides: { producer, consumer: {}, admin: {} },
    })
    await task.append(append(topic, 'a'.repeat(20_000)))
    await assert.rejects(task.append(append(topic, 'b'.repeat(40_000))), (error: Error) => {
      assert.ok(hasCode('log.record-too-large')(error))
      assert.match(error.message, new RegExp(`${topic}.*more than the 30000 of max\\.request\\.size`))
      return true
    })
    assert.deepEqual((await readAll(log, topic, 0, 0n)).length, 1)
    const elsewhere = await openTask(t, log, {
      isExactlyOnce: false,
      overrides: { producer: { 'bootstrap.servers': '127.0.0.1:1' }, consumer: {}, admin: {} },
    })
    const nowhere = elsewhere.append({ batches: [{ topic, partition: 0, batch: batchOf('c') }] })
    await elsewhere.close()
    await assert.rejects(nowhere, hasCode('log.closed'))
  })

  test('a record that is too large is left out where the connector tolerates all errors', async (t) => {
    const log = await open(t)
    const topic = newName('small')
    await log.createTopic({ name: topic, partitions: 1, config: { 'max.message.bytes': '10000' } })
    const refused: string[] = []
    const onRecordRefused = (error: Error): void => void refused.push(error.message)
    const task = await openTask(t, log, { isExactlyOnce: false, onRecordRefused })
    const batch = batchOf('a', 'x'.repeat(20_000), 'b')
    await task.append({ batches: [{ topic, partition: 0, batch }] })
    await task.append({ batches: [{ topic, partition: 0, batch: batchOf('y'.repeat(20_000)) }] })
    await task.append({ batches: [{ topic, partition: 0, batch: batchOf('c') }] })
    assert.deepEqual(await readAll(log, topic, 0, 0n), ['0:a', '1:b', '2:c'])
    assert.equal(refused.length, 2)
    assert.match(refused[0]!, new RegExp(`${topic}.*10000 of the topic's max\\.message\\.bytes`))
  })

  test('a new group begins where auto.offset.reset says', async (t) => {
    const log = await open(t)
    const topic = await newTopic(log)
    await log.append({ batches: [{ topic, partition: 0, batch: batchOf('old') }] })
    for (const [reset, expected] of [
      ['latest', 1n],
      ['earliest', 0n],
    ] as const) {
      const overrides = { producer: {}, consumer: { 'auto.offset.reset': reset }, admin: {} }
      const task = await openTask(t, log, { type: 'sink', isExactlyOnce: false, overrides })
      const assigned = Promise.withResolvers<bigint>()
      const consumer = await task.openConsumer({
        group: newName('group'),
        topics: [topic],
        member: { index: 0, count: 1 },
        onAssigned: async ([partition]) => assigned.resolve(partition!.offset),
        onRevoked: async () => undefined,
      })
      await consumer.poll(1, t.signal)
      assert.equal(await assigned.promise, expected)
    }
  })

  test('a topic that nobody may create is named, and found once somebody has created it', async (t) => {
    const log = await open(t)
    const name = newName('missing')
    const wanted = { name, partitions: -1, isAutomatic: true }
    await assert.rejects(log.createTopic(wanted), (error: Error) => {
      assert.ok(hasCode('log.topic-unknown')(error))
      assert.match(error.message, new RegExp(`${name}.*topic\\.creation\\.enable=false`))
      return true
    })
    assert.equal(await log.createTopic({ name, partitions: -1 }), 'created')
    assert.equal((await log.describeTopic(name))!.partitions.length, 1)
    assert.equal(await log.createTopic(wanted), 'created')
    const tooMany = log.createTopic({ name: newName('wide'), partitions: 1, replicationFactor: 3 })
    await assert.rejects(tooMany, hasCode('log.topic-invalid'))
  })
})
