import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Log } from '../log/log.ts'
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
