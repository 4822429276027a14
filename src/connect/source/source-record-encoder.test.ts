import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Converter } from '../../api/plugin.ts'
import { ErrorTolerance } from '../task/error-tolerance.ts'
import { SourceRecordEncoder } from './source-record-encoder.ts'
import { TaskMeter } from '../task/task-meter.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { TransformationChain } from '../task/transformation-chain.ts'

const text: Converter = {
  fromConnectData: (_topic, _schema, value) => Buffer.from(value as string),
  toConnectData: () => ({ schema: null, value: null }),
}

function encoderTo(value: Converter, asked: string[] = []): SourceRecordEncoder {
  return new SourceRecordEncoder({
    chain: new TransformationChain([]),
    converters: {
      key: text,
      value,
      header: {
        fromConnectHeader: (_topic, { value: of }) => Buffer.from(`<${of as string}>`),
        toConnectHeader: () => ({ schema: null, value: null }),
      },
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
}

const record = {
  topic: 't',
  partition: 3,
  keySchema: null,
  key: 'k',
  valueSchema: null,
  value: 'v',
  timestamp: 0,
  headers: [],
}

test('a record that names its partition creates its topic too, and must name one that is there', async () => {
  const asked: string[] = []
  const encoder = encoderTo(text, asked)
  const [batch] = await encoder.encode([record])
  assert.deepEqual([batch!.topic, batch!.partition, asked], ['t', 3, ['t']])
  await assert.rejects(
    encoder.encode([{ ...record, partition: 4 }]),
    /A record is meant for partition 4 of topic t, which has 4: give the topic as many/,
  )
})

test('a converter that looks at headers sees them as they are written, before it prepares and when it writes', async () => {
  const seen: string[] = []
  const encoder = encoderTo({
    ...text,
    forHeaders: (headers) => {
      const all = headers.map(({ name, value }) => `${name}=${Buffer.from(value!).toString()}`).join()
      return {
        prepareToWrite: () => {
          seen.push(`prepared for ${all}`)
          return Promise.resolve()
        },
        fromConnectData: () => {
          seen.push(`written for ${all}`)
          return null
        },
      }
    },
  })
  const headers = [{ name: 'id', schema: null, value: 'x' }]
  await encoder.encode([{ ...record, headers }])
  assert.deepEqual(seen, ['prepared for id=<x>', 'written for id=<x>'])
})
