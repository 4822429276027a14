import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../api/record.ts'
import type { Log, StateEntry } from '../log/log.ts'
import type { TaskClient } from '../log/task-log.ts'
import { offsetsChange, onConnectorOffsets } from './connector-offsets.ts'

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

test('offsets of a source are texts, numbers, booleans and null', async () => {
  const written: StateEntry[] = []
  const log = {
    writeState: (entries: readonly StateEntry[]) => Promise.resolve(void written.push(...entries)),
  } as unknown as Log
  const source = { name: 'flow', type: 'source', config: {}, resolved: () => ({}) } as const
  const alter = (partition: JsonObject, offset: JsonObject | null) =>
    onConnectorOffsets(log, source, offsetsChange({}, {}, [{ partition, offset }]).perform)
  const refusal = (field: string, kind: string) => ({
    name: 'ConnectError',
    message: `Offsets may only contain primitive types as values, but field ${field} contains ${kind}`,
  })
  await assert.rejects(alter({ p: 1 }, { a: [1] }), refusal('a', 'ARRAY'))
  await assert.rejects(alter({ p: { q: 1 } }, null), refusal('p', 'MAP'))
  await assert.rejects(alter({ p: 2n ** 63n }, { a: 1 }), refusal('p', 'class java.math.BigInteger'))
  await alter({ p: 2n ** 62n }, { a: null, b: true, c: -(2n ** 63n) })
  assert.deepEqual(written, [
    {
      space: 'source-offset',
      key: '["flow",{"p":4611686018427387904}]',
      value: '{"a":null,"b":true,"c":-9223372036854775808}',
    },
  ])
})

test('an offset of a sink beyond 64 bits is none', async () => {
  const log = { describeTopic: () => Promise.resolve({ partitions: [{}] }) } as unknown as Log
  const sink = { name: 'flow', type: 'sink', config: {}, resolved: () => ({}) } as const
  const partition = { kafka_topic: 't', kafka_partition: 0 }
  await assert.rejects(
    onConnectorOffsets(log, sink, (offsets) =>
      offsets.alter([{ partition, offset: { kafka_offset: 2n ** 63n } }]),
    ),
    {
      name: 'ConfigError',
      message:
        "Failed to parse the following Kafka offset value in the provided offsets: '9223372036854775808'. Offset values for sink connectors need to be integers.",
    },
  )
})

test('a connector that looks at offsets vouches for them', async () => {
  const stored = [{ partition: { p: 1 }, offset: { at: 1 } }]
  const done: unknown[] = []
  const offsets = {
    read: () => Promise.resolve(stored),
    check: () => void done.push('checked'),
    alter: (entries: unknown) => Promise.resolve(void done.push(entries)),
    reset: () => Promise.resolve(void done.push('reset')),
  }
  const checkOffsets = (_config: object, entries: unknown) => void done.push(entries)
  const altered = offsetsChange({ checkOffsets }, {}, stored)
  await altered.perform(offsets)
  assert.equal(altered.answer, 'The offsets for this connector have been altered successfully')
  assert.deepEqual(done.splice(0), ['checked', stored, stored])
  const forgotten = [{ partition: { p: 1 }, offset: null }]
  await offsetsChange({ checkOffsets }, {}, null).perform(offsets)
  assert.deepEqual(done.splice(0), [forgotten, 'reset'])
  const unseen = offsetsChange({}, {}, null)
  await unseen.perform(offsets)
  assert.deepEqual(done, ['reset'])
  assert.match(
    unseen.answer,
    /^The Connect framework-managed offsets .* have been reset successfully\. However/,
  )
})
