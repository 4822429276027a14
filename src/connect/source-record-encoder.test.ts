import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Converter } from '../api/plugin.ts'
import { ErrorTolerance } from './error-tolerance.ts'
import { SourceRecordEncoder } from './source-record-encoder.ts'
import { TaskMeter } from './task-meter.ts'
import { silentLogger } from './testing/silent-logger.ts'
import { TransformationChain } from './transformation-chain.ts'

const text: Converter = {
  fromConnectData: (_topic, _schema, value) => Buffer.from(value as string),
  toConnectData: () => ({ schema: null, value: null }),
}

test('a record that names its partition creates its topic too, and must name one that is there', async () => {
  const asked: string[] = []
  const encoder = new SourceRecordEncoder({
    chain: new TransformationChain([]),
    converters: {
      key: text,
      value: text,
      header: { fromConnectHeader: () => null, toConnectHeader: () => ({ schema: null, value: null }) },
      classNames: { key: 'Key', value: 'Value', header: 'Header' },
    },
    topics: {
      partitions: (topic) => {
        asked.push(topic)
        return Promise.resolve(4)
      },
    },
    tolerance: new ErrorTolerance(
      {},
      {
        task: { connector: 'c', task: 0 },
        logger: silentLogger,
        signal: new AbortController().signal,
        meter: new TaskMeter(),
      },
    ),
  })
  const record = {
    topic: 't',
    keySchema: null,
    key: 'k',
    valueSchema: null,
    value: 'v',
    timestamp: 0,
    headers: [],
  }
  const [batch] = await encoder.encode([{ ...record, partition: 3 }])
  assert.deepEqual([batch!.topic, batch!.partition, asked], ['t', 3, ['t']])
  await assert.rejects(
    encoder.encode([{ ...record, partition: 4 }]),
    /A record is meant for partition 4 of topic t, which has 4: give the topic as many/,
  )
})
