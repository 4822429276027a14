import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import { outboxEventRouter } from './outbox-event-router.ts'
import { plain, recordTemplate } from '../testing/both-ways.ts'
import { change, tombstone } from '../testing/envelopes.ts'
import { refuses, validates } from '../testing/expectations.ts'
import { INT32, record, STRING } from '../testing/records.ts'

const MICROS: Schema = { type: 'int64', optional: true, name: 'io.debezium.time.MicroTimestamp', version: 1 }
const TEXT: Schema = { type: 'string', optional: false }
const COLUMNS = {
  id: TEXT,
  aggregatetype: TEXT,
  aggregateid: TEXT,
  type: TEXT,
  payload: STRING,
  ts: MICROS,
  v: INT32,
}
const event = (payload: string | null = '{}', ts: bigint | null = 5_000_999n) =>
  change(COLUMNS, 'c', { after: ['e1', 'order', 'o-1', 'Made', payload, ts, 3] })

function routed(config: Record<string, string>, from = event()) {
  return outboxEventRouter.create(config).apply(from)!
}

it('EventRouter makes the record that an inserted row describes', () => {
  const { topic, keySchema, key, valueSchema, value, timestamp, headers, partition } = routed({})
  assert.deepEqual(
    { topic, keySchema, key, valueSchema, value, timestamp, partition },
    {
      topic: 'outbox.event.order',
      keySchema: TEXT,
      key: 'o-1',
      valueSchema: STRING,
      value: '{}',
      timestamp: 100,
      partition: null,
    },
  )
  assert.deepEqual(headers, [{ name: 'id', schema: TEXT, value: 'e1' }])
})

it('EventRouter puts further columns where they are wanted', () => {
  const config = {
    'table.fields.additional.placement': 'type:header:eventType, v:envelope:version,v:partition',
  }
  const { valueSchema, value, headers, partition } = routed(config)
  assert.deepEqual(valueSchema, {
    type: 'struct',
    optional: false,
    name: 'p.public.t.order.Value',
    fields: [
      { name: 'payload', schema: STRING },
      { name: 'version', schema: INT32 },
    ],
  })
  assert.deepEqual(plain(value), [
    ['payload', '{}'],
    ['version', 3],
  ])
  assert.deepEqual(headers.at(-1), { name: 'eventType', schema: TEXT, value: 'Made' })
  assert.equal(partition, 3)
  const versioned = routed({ ...config, 'table.field.event.schema.version': 'v' })
  assert.equal(versioned.valueSchema!.version, 3)
})

const OTHERS: readonly (readonly [string, Record<string, string>, string, ConnectValue])[] = [
  ['topic', { 'route.topic.replacement': 'x.${routedByValue}' }, 'topic', 'x.order'],
  [
    'topic',
    { 'route.by.field': 'type', 'route.topic.regex': 'M(.*)', 'route.topic.replacement': '$1' },
    'topic',
    'ade',
  ],
  ['key', { 'table.field.event.key': 'id' }, 'key', 'e1'],
  ['value', { 'table.field.event.payload': 'type' }, 'value', 'Made'],
  ['time', { 'table.field.event.timestamp': 'ts' }, 'timestamp', 5000],
]

for (const [what, config, property, expected] of OTHERS) {
  it(`EventRouter takes the ${what} from elsewhere: ${Object.keys(config).join(', ')}`, () =>
    assert.equal(routed(config)[property as 'value'], expected))
}

it('EventRouter makes tombstones of empty payloads where told to', () => {
  assert.equal(routed({}, event(' ')).value, ' ')
  for (const payload of [null, ' ']) {
    const { valueSchema, value } = routed({ 'route.tombstone.on.empty.payload': 'true' }, event(payload))
    assert.deepEqual([valueSchema, value], [null, null])
  }
})

it('EventRouter drops deletes, updates and tombstones, and lets other records pass', () => {
  const router = outboxEventRouter.create({})
  const row = ['e1', 'order', 'o-1', 'Made', null, null, 3]
  const update = change(COLUMNS, 'u', { after: row })
  const deletion = change(COLUMNS, 'd', { before: row })
  const other = record({ valueSchema: STRING, value: 'v' })
  for (const each of [update, deletion, tombstone()]) {
    assert.equal(router.apply(each), null)
    assert.equal(router.compile!(recordTemplate(each, () => true)), 'dropped')
  }
  assert.equal(router.apply(other), other)
  assert.equal(router.compile!(recordTemplate(event(), () => true)), null)
  refuses(
    outboxEventRouter,
    { 'table.op.invalid.behavior': 'fatal' },
    { record: update, message: 'Unexpected update message received in p.public.t, fail.' },
  )
})

it('EventRouter refuses rows without the columns that it needs', () => {
  const missing: readonly (readonly [Record<string, string>, string])[] = [
    [{ 'table.field.event.payload': 'no' }, 'Unable to find payload field no in event'],
    [{ 'table.field.event.timestamp': 'no' }, 'Unable to find timestamp field no in event'],
    [
      { 'table.field.event.timestamp': 'v' },
      'Unsupported field type INT32 (without logical schema name) for event timestamp',
    ],
    [{ 'table.fields.additional.placement': 'no:header' }, 'no is not a valid field name'],
  ]
  for (const [config, message] of missing) refuses(outboxEventRouter, config, { record: event(), message })
  const ignoring = {
    'table.fields.additional.placement': 'no:header',
    'table.field.additional.missing': 'ignore',
  }
  assert.equal(routed(ignoring).headers.length, 1)
})

it('EventRouter tells what is wrong with its options', () => {
  validates(
    outboxEventRouter,
    {
      'table.fields.additional.placement': 'a:header,b',
      'table.op.invalid.behavior': 'x',
      'table.expand.json.payload': 'maybe',
      'table.json.payload.null.behavior': 'x',
    },
    [
      'A comma-separated list of valid String pairs or trios is expected but got: [a:header, b]',
      'Invalid value x for configuration table.op.invalid.behavior: Value must be one of warn, error, fatal',
      'Invalid value maybe for configuration table.expand.json.payload: Expected value to be either true or false',
      'Invalid value x for configuration table.json.payload.null.behavior: Value must be one of ignore, optional_bytes',
    ],
  )
})
