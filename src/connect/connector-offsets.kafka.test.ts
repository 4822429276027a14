import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sharedKafka, type SharedKafka } from '../../test/servers/kafka.ts'
import { RecordBatchReader } from '../api/record-batch.ts'
import { SOURCE_OFFSETS } from '../log/log.ts'
import { onConnectorOffsets, type ConnectorOffsets } from './connector-offsets.ts'
import { openKafkaLog, type KafkaLog } from './testing/kafka-log.ts'

let kafka: SharedKafka
let log: KafkaLog
before(async () => {
  kafka = await sharedKafka()
  log = await openKafkaLog({
    bootstrapServers: [kafka.bootstrapServers],
    clientId: 'test',
    internalTopics: {
      offsets: { name: 'altered-offsets', partitions: 3, property: 'offset.storage', replicationFactor: 1 },
    },
  })
})
after(async () => {
  await log?.close()
  await kafka[Symbol.asyncDispose]()
})

const partition = { server: 'a' }

test('offsets of a source with a topic of its own are altered, read and reset there', async () => {
  const config = {
    'offsets.storage.topic': 'own-offsets',
    'producer.override.client.id': '${env:CLIENT}',
  }
  let resolved = 0
  const onOffsets = <T>(work: (stored: ConnectorOffsets) => Promise<T>): Promise<T> =>
    onConnectorOffsets(
      log,
      {
        name: 'flow',
        type: 'source',
        config,
        resolved: () => (resolved++, { ...config, 'producer.override.client.id': 'mine' }),
      },
      work,
    )
  await onOffsets((stored) => stored.alter([{ partition, offset: { position: 7 } }]))
  assert.equal(resolved, 1)
  assert.deepEqual(await onOffsets((stored) => stored.read()), [{ partition, offset: { position: 7 } }])
  assert.deepEqual(await recordsOf('own-offsets'), ['["flow",{"server":"a"}]={"position":7}'])

  const overrides = { producer: {}, consumer: {}, admin: {} }
  const client = { type: 'source', connector: 'flow', task: 0, overrides } as const
  const task = await log.openTaskLog({ ...client, offsetsTopic: 'own-offsets', isExactlyOnce: true })
  assert.deepEqual([...(await task.log.readState(SOURCE_OFFSETS)).values()], ['{"position":7}'])
  await task.close()

  await onOffsets((stored) => stored.reset())
  assert.deepEqual(await onOffsets((stored) => stored.read()), [])
  assert.deepEqual((await recordsOf('own-offsets')).at(-1), '["flow",{"server":"a"}]=null')
})

test("other sources' offsets stay in the topic of the worker", async () => {
  const owner = { name: 'plain', type: 'source', config: {}, resolved: () => ({}) } as const
  await onConnectorOffsets(log, owner, (stored) => stored.alter([{ partition, offset: { position: 1 } }]))
  assert.deepEqual(await onConnectorOffsets(log, owner, (stored) => stored.read()), [
    { partition, offset: { position: 1 } },
  ])
  assert.ok((await recordsOf('altered-offsets')).includes('["plain",{"server":"a"}]={"position":1}'))
})

/** `key=value` of each record, over all partitions. */
async function recordsOf(topic: string): Promise<string[]> {
  const records: string[] = []
  for (const { partition } of (await log.describeTopic(topic))!.partitions) {
    for (const batch of await log.read({ topic, partition, offset: 0n }, 1_000_000)) {
      for (const reader = new RecordBatchReader(batch); reader.next();) {
        records.push(`${reader.key!.toString()}=${reader.value?.toString() ?? null}`)
      }
    }
  }
  return records
}
