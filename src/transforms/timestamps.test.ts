import assert from 'node:assert/strict'
import { it } from 'node:test'
import { javaText } from '../api/java/java-text.ts'
import { LOGICAL } from '../api/json/json-writer.ts'
import type { Schema } from '../api/schema.ts'
import type { ConnectValue } from '../api/value.ts'
import { refuses, validates, valueAfter } from './testing/expectations.ts'
import { INT32, mapRecord, record, STRING, structRecord, structSchemaOf } from './testing/records.ts'
import { timestampConverter } from './apache/timestamp-converter.ts'
import { timestampRouter } from './apache/timestamp-router.ts'

const MOMENT = new Date('2024-01-02T03:04:05.678Z')
const INT64: Schema = { type: 'int64', optional: true }
const TIMESTAMP: Schema = { ...INT64, name: LOGICAL.timestamp, version: 1 }
const DATE: Schema = { type: 'int32', optional: true, name: LOGICAL.date, version: 1 }
const TIME: Schema = { type: 'int32', optional: true, name: LOGICAL.time, version: 1 }
const FORMAT = { format: 'yyyy-MM-dd HH:mm:ss.SSS' }
const unit = (precision: string) => ({ 'unix.precision': precision })

type Case = readonly [Schema, ConnectValue, string, Record<string, string>, Schema, ConnectValue]
const TABLE: readonly Case[] = [
  [TIMESTAMP, MOMENT, 'string', FORMAT, STRING, '2024-01-02 03:04:05.678'],
  [TIMESTAMP, MOMENT, 'unix', {}, INT64, 1704164645678n],
  [TIMESTAMP, MOMENT, 'unix', unit('seconds'), INT64, 1704164645n],
  [TIMESTAMP, new Date(-1), 'unix', unit('seconds'), INT64, 0n],
  [TIMESTAMP, MOMENT, 'unix', unit('microseconds'), INT64, 1704164645678000n],
  [TIMESTAMP, new Date(8e15), 'unix', unit('nanoseconds'), INT64, 2n ** 63n - 1n],
  [TIMESTAMP, MOMENT, 'Date', {}, DATE, new Date('2024-01-02')],
  [TIMESTAMP, MOMENT, 'Time', {}, TIME, new Date(11_045_678)],
  [TIMESTAMP, new Date(-1), 'Time', {}, TIME, new Date(86_399_999)],
  [DATE, new Date('2024-02-29'), 'string', { format: 'dd/MM/yyyy' }, STRING, '29/02/2024'],
  [STRING, '2024-01-02 03:04:05.678', 'Timestamp', FORMAT, TIMESTAMP, MOMENT],
  [INT64, 1704164645678999n, 'Timestamp', unit('microseconds'), TIMESTAMP, MOMENT],
  [INT64, -1999999n, 'Timestamp', unit('nanoseconds'), TIMESTAMP, new Date(-1)],
  [INT64, 5n, 'Timestamp', unit('seconds'), TIMESTAMP, new Date(5000)],
  [TIMESTAMP, null, 'string', FORMAT, STRING, null],
]

for (const [schema, value, target, config, expectedSchema, expected] of TABLE) {
  it(`TimestampConverter makes ${target} ${javaText(null, expected)} of ${javaText(null, value)}, in a field and as a whole`, () => {
    const whole = timestampConverter.value
      .create({ 'target.type': target, ...config })
      .apply(record({ valueSchema: schema, value }))!
    assert.deepEqual([whole.valueSchema, whole.value], [expectedSchema, expected])
    const row = structRecord(structSchemaOf({ t: schema, id: INT32 }, { name: 'Row', optional: true }), [
      value,
      1,
    ])
    const converted = timestampConverter.value
      .create({ field: 't', 'target.type': target, ...config })
      .apply(row)!
    assert.deepEqual(
      converted.valueSchema,
      structSchemaOf({ t: expectedSchema, id: INT32 }, { name: 'Row', optional: true }),
    )
    assert.deepEqual(
      valueAfter(timestampConverter.value, { field: 't', 'target.type': target, ...config }, row),
      [
        ['t', expected],
        ['id', 1],
      ],
    )
  })
}

it('TimestampConverter works on maps and on values without a schema', () => {
  const config = { field: 't', 'target.type': 'string', ...FORMAT }
  assert.deepEqual(
    valueAfter(timestampConverter.value, config, mapRecord({ t: 1704164645678n })),
    new Map([['t', '2024-01-02 03:04:05.678']]),
  )
  const whole = { 'target.type': 'unix', ...FORMAT }
  assert.equal(
    valueAfter(timestampConverter.value, whole, record({ value: '1970-01-01 00:00:01.000' })),
    1000n,
  )
})

it('TimestampConverter refuses what is no timestamp', () => {
  refuses(
    timestampConverter.value,
    { 'target.type': 'unix', format: 'yyyy' },
    {
      record: record({ value: 'x' }),
      message: 'Could not parse timestamp: value (x) does not match pattern (yyyy)',
    },
  )
  refuses(
    timestampConverter.value,
    { 'target.type': 'unix' },
    {
      record: record({ valueSchema: INT32, value: 3 }),
      message: 'Schema Schema{INT32} does not correspond to a known timestamp type format',
    },
  )
  refuses(
    timestampConverter.value,
    { 'target.type': 'unix' },
    {
      record: record({ value: 1.5 }),
      message: 'TimestampConverter does not support class java.lang.Double objects as timestamps',
    },
  )
})

it('TimestampConverter tells what is wrong with its options', () => {
  validates(timestampConverter.value, { 'target.type': 'x', 'unix.precision': 'hours' }, [
    'Invalid value x for configuration target.type: String must be one of: string, unix, Date, Time, Timestamp',
    'Invalid value hours for configuration unix.precision: String must be one of: nanoseconds, microseconds, milliseconds, seconds',
  ])
  assert.throws(() => timestampConverter.key.create({ 'target.type': 'string' }), {
    name: 'ConfigError',
    message: 'TimestampConverter requires format option to be specified when using string timestamps',
  })
  assert.throws(
    () => timestampConverter.key.create({ 'target.type': 'unix', format: 'bad' }),
    /requires a SimpleDateFormat-compatible pattern for string timestamps: bad/,
  )
})

it('TimestampRouter names the topic by the time of the record', () => {
  const timed = record({ topic: '${timestamp}', timestamp: MOMENT.getTime() })
  const route = (config: Record<string, string>) => timestampRouter.create(config).apply(timed)!.topic
  assert.equal(route({}), '20240102-20240102')
  assert.equal(route({ 'topic.format': 'x-${timestamp}', 'timestamp.format': 'yyyy-MM' }), 'x-2024-01')
  refuses(
    timestampRouter,
    {},
    { record: record(), message: 'Timestamp missing on record: one of topic p.public.t' },
  )
})
