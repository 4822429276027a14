import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Producer, stringSerializers } from '@platformatic/kafka'
import { sharedKafka, type SharedKafka } from '../../test/servers/kafka.ts'
import { waitFor } from '../../test/wait-for.ts'
import type { JsonObject } from '../api/record.ts'
import { openKafkaLog, type KafkaLog } from '../connect/testing/kafka-log.ts'
import { followTopic } from './events/topic-feed.ts'
import { offsetAt, recordsWithKey } from './topic-places.ts'
import { readRecords } from './topic-records.ts'

let kafka: SharedKafka
let log: KafkaLog
let producer: Producer<string, string, string, string>

before(async () => {
  kafka = await sharedKafka()
  const bootstrapServers = [kafka.bootstrapServers]
  const offsets = { name: 'connect-offsets', partitions: 1, property: 'offset.storage' }
  log = await openKafkaLog({ bootstrapServers, clientId: 'test', internalTopics: { offsets } })
  producer = new Producer({
    clientId: 'test',
    bootstrapBrokers: bootstrapServers,
    serializers: stringSerializers,
    transactionalId: `test-${randomUUID()}`,
    idempotent: true,
  })
})
after(async () => {
  await producer.close()
  await log.close()
  await kafka[Symbol.asyncDispose]()
})

/** Writes values under one key, and answers how to end their transaction. */
async function write(topic: string, ...values: string[]) {
  const transaction = await producer.beginTransaction()
  await transaction.send({ messages: values.map((value) => ({ topic, key: 'k', value })) })
  return transaction
}

const valuesOf = (answer: JsonObject): unknown[] =>
  (answer['records'] as readonly JsonObject[]).map(({ value }) => value)

test('what transactions took back, or have not committed yet, is not shown', async () => {
  const topic = `committed-${randomUUID()}`
  await log.createTopic({ name: topic, partitions: 1 })
  const seen: unknown[] = []
  const leaving = new AbortController()
  const following = followTopic(log, (await log.describeTopic(topic))!, {
    signal: leaving.signal,
    send: (name, data) => void (name === 'records' && seen.push(...valuesOf(data as JsonObject))),
    drained: () => Promise.resolve(),
    close: () => undefined,
  })
  const start = { topic, partition: 0, offset: 0n }
  const read = async (): Promise<unknown[]> => valuesOf(await readRecords(log, start, 100))

  await (await write(topic, 'a', 'b')).commit()
  await (await write(topic, 'gone')).abort()
  const open = await write(topic, 'c', 'd')
  assert.deepEqual(await read(), ['a', 'b'])
  const [partition] = (await log.describeTopic(topic))!.partitions
  const end = partition!.endOffset
  assert.deepEqual(valuesOf(await recordsWithKey(log, { ...start, end }, Buffer.from('k'))), ['a', 'b'])
  assert.ok(
    (await offsetAt(log, topic, partition!, Date.now() + 60_000)) < end,
    'the end of what is readable',
  )
  await waitFor('the tail to show what is committed', () => seen.length >= 2)

  await open.commit()
  await waitFor('the transaction to be readable', async () => (await read()).length === 4)
  assert.deepEqual(await read(), ['a', 'b', 'c', 'd'])
  await waitFor('the tail to show the rest', () => seen.length >= 4)
  leaving.abort()
  await following
  assert.deepEqual(seen, ['a', 'b', 'c', 'd'])
})
