import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Log } from '../log/log.ts'
import type { TaskClient } from '../log/task-log.ts'
import { onConnectorOffsets } from './connector-offsets.ts'

test('an offset below the beginning of a topic is refused in the words of the reference', async () => {
  const log = { describeTopic: () => Promise.resolve({ partitions: [{}] }) } as unknown as Log
  const sink = { name: 'flow', type: 'sink', config: {}, resolved: () => ({}) } as const
  const entry = { partition: { kafka_topic: 't', kafka_partition: 0 }, offset: { kafka_offset: -1 } }
  await assert.rejects(
    onConnectorOffsets(log, sink, (offsets) => offsets.alter([entry])),
    { message: 'Failed to modify offsets for sink connector flow' },
  )
})

test("a sink's offsets are those of its group, on the cluster that it reads", async () => {
  const config = {
    'consumer.override.group.id': 'mine',
    'consumer.override.bootstrap.servers': '${env:KAFKA}',
  }
  const resolved = { ...config, 'consumer.override.bootstrap.servers': 'far:9092' }
  const asked: string[] = []
  const there = {
    groupOffsets: (group: string) => {
      asked.push(group)
      return Promise.resolve([{ topic: 't', partition: 0, offset: 3n }])
    },
  } as unknown as Log
  const log = {
    openTaskLog: ({ overrides }: TaskClient) => {
      asked.push(JSON.stringify(overrides.consumer))
      return Promise.resolve({ log: there, close: () => Promise.resolve(void asked.push('closed')) })
    },
  } as unknown as Log
  const sink = { name: 'flow', type: 'sink', config, resolved: () => resolved } as const
  const offsets = await onConnectorOffsets(log, sink, (stored) => stored.read())
  assert.deepEqual(offsets, [
    { partition: { kafka_topic: 't', kafka_partition: 0 }, offset: { kafka_offset: 3n } },
  ])
  assert.deepEqual(asked, ['{"bootstrap.servers":"far:9092"}', 'mine', 'closed'])
})

test('a name or an offset that is null is refused in the words of the reference', async () => {
  const log = { describeTopic: () => Promise.resolve({ partitions: [{}] }) } as unknown as Log
  const sink = { name: 'flow', type: 'sink', config: {}, resolved: () => ({}) } as const
  const where = { kafka_topic: 't', kafka_partition: 0 }
  for (const [entry, message] of [
    [
      { partition: { ...where, kafka_topic: null }, offset: { kafka_offset: 1 } },
      'Kafka topic names must be valid strings and may not be null',
    ],
    [
      { partition: where, offset: { kafka_offset: null } },
      "Failed to parse the following Kafka offset value in the provided offsets: 'null'. Offset values for sink connectors need to be integers.",
    ],
  ] as const) {
    await assert.rejects(
      onConnectorOffsets(log, sink, (offsets) => offsets.alter([entry])),
      { message },
    )
  }
})
