import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordBatchReader } from '../../api/record-batch.ts'
import type { SourceRecord } from '../../api/record.ts'
import type { SourceBatch } from '../../api/source-task.ts'
import { SourceBatchBuilder } from './source-batch-builder.ts'

const NO_HEADERS = new Uint8Array(0)

function record(topic: string): SourceRecord {
  const none = { keySchema: null, key: null, valueSchema: null, value: null }
  return { topic, partition: null, ...none, timestamp: null, headers: [] }
}

function write(builder: SourceBatchBuilder, topic: string, value: string, partition = 0): void {
  builder.open(topic, partition, NO_HEADERS).writer.record(1000, null, Buffer.from(value))
}

/** `a: 1 2` for an encoded part, `(a b)` for records. */
function summary({ parts }: SourceBatch): string[] {
  return parts.map((part) => {
    if (part.kind === 'records') return `(${part.records.map(({ topic }) => topic).join(' ')})`
    const values: string[] = []
    for (const reader = new RecordBatchReader(part.batch); reader.next();) values.push(String(reader.value))
    return `${part.topic}: ${values.join(' ')}`
  })
}

test('records of one topic partition share a batch', () => {
  const builder = new SourceBatchBuilder()
  write(builder, 'a', '1')
  write(builder, 'b', '2')
  write(builder, 'a', '3')
  write(builder, 'a', '4', 1)
  assert.deepEqual(summary(builder.take({}, {})), ['a: 1 3', 'b: 2', 'a: 4'])
})

test('records that are not encoded keep their place among those that are', () => {
  const builder = new SourceBatchBuilder()
  write(builder, 'a', '1')
  builder.add([record('a')], 100)
  builder.add([record('b')], 100)
  write(builder, 'b', '2')
  write(builder, 'a', '3')
  builder.add([record('c')], 100)
  assert.deepEqual(summary(builder.take({}, {})), ['a: 1', '(a b)', 'b: 2', 'a: 3', '(c)'])
})

test('taking leaves an empty builder', () => {
  const builder = new SourceBatchBuilder()
  assert.equal(builder.isEmpty, true)
  write(builder, 'a', '1')
  assert.equal(builder.isEmpty, false)
  assert.ok(builder.bytes > 0)
  const { generation } = builder
  assert.deepEqual(builder.take({ server: 'p' }, { lsn: 1 }).offset, { lsn: 1 })
  assert.equal(builder.isEmpty, true)
  assert.equal(builder.bytes, 0)
  assert.notEqual(builder.generation, generation)
  assert.deepEqual(builder.take({}, {}).parts, [])
})
