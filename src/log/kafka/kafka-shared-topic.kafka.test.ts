import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import { startKafka, type KafkaServer } from '../../../test/servers/kafka.ts'
import { waitFor } from '../../../test/wait-for.ts'
import { hasCode, newName } from '../contract/contract-log.ts'
import type { SharedRecord, SharedTopic, SharedTopicShape } from '../shared-topic.ts'
import { Cluster } from './connection/cluster.ts'
import { openKafkaLog, type KafkaLog } from './kafka-log.ts'
import { kafkaPreflight } from './kafka-preflight.ts'
import { KafkaProducer } from './producer/kafka-producer.ts'
import { KafkaSharedTopic } from './kafka-shared-topic.ts'
import { PartitionReader } from './consumer/partition-reader.ts'
import { TopicAdmin } from './topic-admin.ts'

let kafka: KafkaServer
before(async () => void (kafka = await startKafka()))
after(() => kafka.stop())

async function openLog(t: TestContext): Promise<KafkaLog> {
  const offsets = { name: 'connect-offsets', partitions: 1, property: 'offset.storage' }
  const log = await openKafkaLog({
    bootstrapServers: [kafka.bootstrapServers],
    clientId: 'test',
    internalTopics: { offsets },
  })
  t.after(() => log.close())
  return log
}

function shape(more: Partial<SharedTopicShape> = {}): SharedTopicShape {
  return { name: newName('shared'), partitions: 1, replicationFactor: 1, property: 'config.storage', ...more }
}

/** A follower that keeps all that it sees as `key=value`. */
async function follow(
  log: KafkaLog,
  topic: SharedTopicShape,
): Promise<{ topic: SharedTopic; seen: string[] }> {
  const seen: string[] = []
  const onRecord = ({ key, value }: SharedRecord): void => void seen.push(`${key}=${value}`)
  const onFailure = (error: unknown): void => void seen.push(`failure: ${String(error)}`)
  return { topic: await log.openSharedTopic({ topic, onRecord, onFailure }), seen }
}

describe('a shared topic on Kafka', () => {
  test('is created compacted, and a follower sees what is there and what others write', async (t) => {
    const log = await openLog(t)
    const name = shape({ partitions: 3, config: { 'min.insync.replicas': '1' } })
    const writer = await follow(log, name)
    await writer.topic.write([
      { key: 'a', value: '1' },
      { key: 'b', value: 'ü' },
      { key: 'a', value: null },
    ])
    const description = (await log.describeTopic(name.name))!
    assert.equal(description.config['cleanup.policy'], 'compact')
    assert.equal(description.config['min.insync.replicas'], '1')
    assert.equal(description.partitions.length, 3)
    await using other = (await follow(await openLog(t), name)).topic
    const { seen, topic } = await follow(await openLog(t), name)
    assert.deepEqual(
      seen.filter((entry) => entry.startsWith('a')),
      ['a=1', 'a=null'],
    )
    assert.equal(seen.length, 3)
    await other.write([{ key: 'c', value: '2' }])
    await topic.readToEnd()
    assert.equal(seen.at(-1), 'c=2')
    await other.write([{ key: 'c', value: '3' }])
    await waitFor('the record to come by itself', async () => seen.at(-1) === 'c=3')
  })

  test('is followed while others find out that the leaders of topics have moved', async (t) => {
    const topic = shape()
    const writer = await follow(await openLog(t), topic)
    const cluster = new Cluster({ bootstrapServers: [kafka.bootstrapServers], clientId: 'test' })
    t.after(() => cluster.close())
    const topics = new TopicAdmin(cluster)
    const surroundings = {
      cluster,
      topics,
      producer: new KafkaProducer(cluster),
      reader: new PartitionReader(cluster, topics),
    }
    const seen: string[] = []
    const follower = await new KafkaSharedTopic(surroundings, {
      topic,
      onRecord: ({ key }) => void seen.push(`${key}`),
      onFailure: (error) => void seen.push(String(error)),
    }).open()
    const wanted = Array.from({ length: 20 }, (_, i) => `k${i}`)
    for (const key of wanted) {
      cluster.forgetTopic(topic.name)
      await writer.topic.write([{ key, value: '1' }])
    }
    await follower.readToEnd()
    assert.deepEqual(seen, wanted)
  })

  test('reads to the end across records that were deleted and a broker that starts again', async (t) => {
    const log = await openLog(t)
    const { topic, seen } = await follow(log, shape())
    await topic.write([{ key: 'a', value: '1' }])
    await kafka.restart()
    await topic.write([{ key: 'a', value: '2' }])
    await topic.readToEnd()
    assert.deepEqual(seen, ['a=1', 'a=2'])
  })

  test('is refused where it would lose state, or has no order, or cannot be created', async (t) => {
    const log = await openLog(t)
    const deleting = shape()
    await log.createTopic({ name: deleting.name, partitions: 1 })
    await assert.rejects(follow(log, deleting), (error: Error) => {
      assert.ok(hasCode('log.state-topic-invalid')(error))
      assert.match(error.message, /config\.storage\.topic has cleanup\.policy=delete .* Alter it/)
      return true
    })
    const wide = shape({ isOrdered: true })
    await log.createTopic({ name: wide.name, partitions: 2, config: { 'cleanup.policy': 'compact' } })
    await assert.rejects(follow(log, wide), /has 2 partitions.* Name another topic in config\.storage\.topic/)
    await assert.rejects(
      follow(log, shape({ replicationFactor: 3 })),
      /Set config\.storage\.replication\.factor to at most the number of brokers/,
    )
  })

  test('ends with its log, and says so to those who wait', async (t) => {
    const log = await openLog(t)
    const { topic } = await follow(log, shape())
    await log.close()
    await assert.rejects(topic.readToEnd(), hasCode('log.closed'))
    await assert.rejects(topic.write([{ key: 'a', value: '1' }]), hasCode('log.closed'))
  })

  test('with a writer id only the last one that has claimed it writes, and followers see what is committed', async (t) => {
    const log = await openLog(t)
    const [name, writerId] = [shape(), newName('leader')]
    const open = async (seen: string[]): Promise<SharedTopic> =>
      (await openLog(t)).openSharedTopic({
        topic: name,
        writerId,
        onRecord: ({ key, value }) => void seen.push(`${key}=${value}`),
        onFailure: (error) => void seen.push(`failure: ${String(error)}`),
      })
    const seen: string[] = []
    const [first, second] = [await open([]), await open(seen)]
    await assert.rejects(first.writeClaimed([{ key: 'a', value: '0' }]), hasCode('log.producer-fenced'))
    await first.claim()
    await first.writeClaimed([{ key: 'a', value: '1' }])
    await first.writeClaimed([{ key: 'a', value: '2' }])
    await second.claim()
    await assert.rejects(first.writeClaimed([{ key: 'a', value: '3' }]), hasCode('log.producer-fenced'))
    await assert.rejects(first.writeClaimed([{ key: 'a', value: '4' }]), hasCode('log.producer-fenced'))
    await second.writeClaimed([{ key: 'b', value: '1' }])
    await first.write([{ key: 'c', value: '1' }])
    await second.readToEnd()
    assert.deepEqual(seen, ['a=1', 'a=2', 'b=1', 'c=1'])
    // Again it is the first one's, by a new claim.
    await first.claim()
    await first.writeClaimed([{ key: 'd', value: '1' }])
    await assert.rejects(second.writeClaimed([{ key: 'd', value: '2' }]), hasCode('log.producer-fenced'))
    const late = await follow(log, name)
    assert.deepEqual(late.seen, ['a=1', 'a=2', 'b=1', 'c=1', 'd=1'])
  })
})

describe('the preflight of Kafka', () => {
  const look = (name: string, isOrdered = false) =>
    kafkaPreflight({ bootstrapServers: [kafka.bootstrapServers], clientId: 'test' }, [
      { property: 'config.storage.topic', name, isOrdered },
    ])

  test('names a storage topic that would lose what is in it, or has too many partitions', async (t) => {
    const log = await openLog(t)
    const [lossy, wide, fine] = [newName('lossy'), newName('wide'), newName('fine')]
    const config = { 'cleanup.policy': 'compact' }
    await log.createTopic({ name: lossy, partitions: 1, replicationFactor: 1 })
    await log.createTopic({ name: wide, partitions: 2, replicationFactor: 1, config })
    await log.createTopic({ name: fine, partitions: 1, replicationFactor: 1, config })
    const [connection, ...others] = await look(lossy)
    assert.equal(connection!.level, 'OK')
    const loss = others.find(({ level }) => level !== 'OK')!
    assert.match(loss.message, /cleanup\.policy=delete/)
    assert.match(
      loss.remedy!.apply,
      new RegExp(`--entity-name ${lossy} --add-config cleanup\\.policy=compact$`),
    )
    const widths = (await look(wide, true)).filter(({ level }) => level !== 'OK')
    assert.match(widths[0]!.message, /2 partitions, and must have one/)
    for (const name of [fine, newName('missing')]) {
      assert.deepEqual(
        (await look(name, true)).filter(({ level }) => level !== 'OK'),
        [],
      )
    }
  })

  test('says that no broker answers, without waiting for one', async () => {
    const findings = await kafkaPreflight({ bootstrapServers: ['127.0.0.1:1'], clientId: 'test' }, [])
    assert.deepEqual(
      findings.map(({ check, level }) => [check, level]),
      [['connection', 'FAIL']],
    )
    assert.match(findings[0]!.remedy!.apply, /Start the brokers, or correct bootstrap\.servers/)
  })
})
