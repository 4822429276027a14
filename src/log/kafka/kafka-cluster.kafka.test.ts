import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { RetriableError } from '../../api/errors.ts'
import { RecordBatchReader } from '../../api/record-batch.ts'
import { startKafkaCluster } from '../../../test/servers/kafka.ts'
import { waitFor } from '../../../test/wait-for.ts'
import { batchOf } from '../contract/contract-batches.ts'
import { SOURCE_OFFSETS, sourceOffsetKey } from '../log.ts'
import { openKafkaLog } from './kafka-log.ts'

/** `TAILRACE_BROKER_ROUNDS=3` kills or restarts each of the brokers three times. */
const ROUNDS = Number(process.env['TAILRACE_BROKER_ROUNDS'] ?? 0)
const TOPIC = 'moved'
const PARTITIONS = 3

const brokers = await startKafkaCluster(3)
after(async () => {
  for (const broker of brokers) await broker.stop()
})

test('brokers that are killed and restarted one by one while records are written and read lose, repeat and reorder nothing', async (t) => {
  await using log = await openKafkaLog({
    bootstrapServers: brokers.map(({ bootstrapServers }) => bootstrapServers),
    clientId: 'test',
    metadataMaxAgeMs: 500,
    internalTopics: {
      offsets: { name: 'offsets', partitions: 5, property: 'offset.storage', replicationFactor: 3 },
    },
  })
  const wantsThree = { partitions: PARTITIONS, replicationFactor: 3 }
  const make = (name: string) => log.createTopic({ name, ...wantsThree })
  // One that listens is not yet one that the others count.
  await waitFor('three brokers', () => make(TOPIC).then(Boolean))
  await log.readState(SOURCE_OFFSETS)
  const consumer = await log.openConsumer({
    group: 'reader',
    topics: [TOPIC],
    member: { index: 0, count: 1 },
    onAssigned: async () => undefined,
    onRevoked: async () => undefined,
  })
  const seen = Array.from({ length: PARTITIONS }, () => [] as number[])
  let consumed = 0
  const reading = new AbortController()
  const consuming = (async () => {
    while (!reading.signal.aborted) {
      for (const { topic, partition, batch, firstOffset } of await consumer.poll(1_000_000, reading.signal)) {
        let offset = firstOffset
        for (const reader = new RecordBatchReader(batch); reader.next();) {
          if (reader.offset < firstOffset) continue
          seen[partition]!.push(Number(reader.value))
          offset = reader.offset + 1n
          consumed++
        }
        await consumer.commit([{ topic, partition, offset }])
      }
    }
  })()
  const writing = new AbortController()
  let appended = 0
  const appending = (async () => {
    while (!writing.signal.aborted) {
      const partition = appended % PARTITIONS
      const key = sourceOffsetKey('c', { partition })
      const value = String(appended++)
      await log.append({
        batches: [{ topic: TOPIC, partition, batch: batchOf(value) }],
        state: [{ space: SOURCE_OFFSETS, key, value }],
      })
    }
  })()
  // Before the log is closed: a closed consumer answers at once, for ever.
  using _ = {
    [Symbol.dispose]() {
      writing.abort()
      reading.abort()
    },
  }
  // What fails is told below, when no broker is about to start any more.
  for (const work of [appending, consuming]) work.catch(() => undefined)
  const whenWrittenOn = async (what: string) => {
    const before = appended
    await waitFor(`records ${what}`, () => appended > before + 10)
  }

  await whenWrittenOn('with all brokers')
  await brokers[0]!.kill()
  await whenWrittenOn('without the broker that was killed')
  // Kafka gives a topic replicas on brokers that are away, as long as it has heard of them.
  await make('made-without-it')
  await assert.rejects(
    log.createTopic({ name: 'wants-more', partitions: 1, replicationFactor: 4 }),
    (error) => error instanceof RetriableError && /Start the brokers that are away/.test(error.message),
  )
  await brokers[0]!.restart()
  await brokers[1]!.restart()
  await whenWrittenOn('after a restart in good order')
  for (let round = 0; round < ROUNDS; round++) {
    for (const broker of brokers) {
      if (round % 2 === 1) await broker.kill()
      await broker.restart()
      await whenWrittenOn('after a broker came back')
    }
  }
  writing.abort()
  await appending
  t.diagnostic(`${appended} appends`)

  await waitFor('the consumer', () => consumed >= appended)
  reading.abort()
  await consuming
  await consumer.close()
  const offsets = await log.groupOffsets('reader')
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const expected: number[] = []
    for (let number = partition; number < appended; number += PARTITIONS) expected.push(number)
    assert.deepEqual(seen[partition], expected)
    assert.equal(offsets.find((offset) => offset.partition === partition)?.offset, BigInt(expected.length))
  }
  const last = [...(await log.readState(SOURCE_OFFSETS)).values()].map(Number)
  assert.equal(Math.max(...last), appended - 1)
})
