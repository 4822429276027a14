import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal } from '../api/decimal.ts'
import { primitiveSchema, structSchema } from '../api/schema.ts'
import { ValueStruct } from '../api/struct.ts'
import { FakeElasticsearch } from './testing/fake-elasticsearch.ts'
import { jsonBatch, recordsBatch, sinkRecord } from './testing/sink-batches.ts'
import { SinkRun } from './testing/sink-run.ts'

const STREAM = { 'data.stream.type': 'LOGS', 'data.stream.dataset': 'orders' }

test('documents are added to a data stream of the topic, with the timestamp of their records', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url, STREAM)
  const values = [
    '{"a":1}',
    '{}',
    ' {\n"b": 2 }',
    '{"@timestamp":"theirs","c":3}',
    '{"text":"\\"@timestamp\\""}',
  ]
  await run.put(
    jsonBatch(
      'Server.T',
      values.map((value) => ({ value })),
    ),
  )
  await run.stored('Server.T', 5n)
  assert.deepEqual(es.documents('logs-orders-server.t'), {
    'Server.T+0+0': { '@timestamp': 0, a: 1 },
    'Server.T+0+1': { '@timestamp': 0 },
    'Server.T+0+2': { '@timestamp': 0, b: 2 },
    'Server.T+0+3': { '@timestamp': 0, c: 3 },
    'Server.T+0+4': { '@timestamp': 0, text: '"@timestamp"' },
  })
  assert.deepEqual(new Set(es.bulks.flat().map(({ operation }) => operation)), new Set(['create']))
  assert.deepEqual(es.requests.slice(0, 2), [
    'HEAD /logs-orders-server.t',
    'PUT /_data_stream/logs-orders-server.t',
  ])
})

test('the timestamp comes from the first of the fields that a record has, as text; without any, Elasticsearch is to judge', async () => {
  await using es = await FakeElasticsearch.start()
  const fields = {
    ...STREAM,
    'data.stream.namespace': 'prod',
    'data.stream.timestamp.field': 'at,@timestamp',
  }
  await using run = await SinkRun.start(es.url, fields)
  const values = [
    '{"at":9007199254740993}',
    '{"@timestamp":"theirs"}',
    '{"at":null,"@timestamp":"theirs"}',
    '{"at":[1]}',
    '{"@timestamp":5}',
    '{"x":1}',
  ]
  await run.put(
    jsonBatch(
      't',
      values.map((value) => ({ value })),
    ),
  )
  await run.stored('t', 6n)
  const found = Object.values(es.documents('logs-orders-prod')).map((document) => document['@timestamp'])
  // The test reads numbers as JavaScript does.
  assert.deepEqual(found, ['9007199254740992', 'theirs', 'null', '', '5', undefined])
})

test('records with schemas have their timestamps too', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url, { ...STREAM, 'data.stream.timestamp.field': 'at' })
  const schema = structSchema([{ name: 'at', schema: primitiveSchema('int64') }])
  const value = new ValueStruct(schema, [5n])
  await run.put(recordsBatch('t', [sinkRecord('t', 0n, { valueSchema: schema, value })]))
  await run.stored('t', 1n)
  assert.deepEqual(es.documents('logs-orders-t'), { 't+0+0': { at: 5, '@timestamp': '5' } })
})

test('a record that is sent twice is there once; another one with the key of an earlier one is reported', async () => {
  await using es = await FakeElasticsearch.start()
  await using replayed = await SinkRun.start(es.url, STREAM, { hasDeadLetters: true })
  for (let times = 0; times < 2; times++) await replayed.put(jsonBatch('t', [{ value: '{"a":1}' }]))
  await replayed.stored('t', 1n)
  assert.deepEqual(replayed.context.reported, [])

  await using keyed = await SinkRun.start(
    es.url,
    { ...STREAM, 'key.ignore': 'false' },
    { hasDeadLetters: true },
  )
  const twice = [
    { key: 'k', value: '{"a":1}' },
    { key: 'k', value: '{"a":2}' },
  ]
  await keyed.put(jsonBatch('keyed', twice))
  await keyed.stored('keyed', 2n)
  assert.deepEqual(es.documents('logs-orders-keyed'), { k: { '@timestamp': 0, a: 1 } })
  assert.equal(keyed.context.reported.length, 1)
})

test('a data stream that exists already is written to, and not made where it is missing', async () => {
  await using es = await FakeElasticsearch.start()
  es.indices.set('given', new Map())
  const external = {
    'external.resource.usage': 'DATASTREAM',
    'topic.to.external.resource.mapping': 't:given,u:none',
  }
  await using run = await SinkRun.start(es.url, external)
  await run.put(jsonBatch('t', [{ value: '{"a":1}' }]))
  await run.stored('t', 1n)
  assert.deepEqual(es.documents('given'), { 't+0+0': { '@timestamp': 0, a: 1 } })
  await assert.rejects(
    run.put(jsonBatch('u', [{ value: '{}' }])),
    /Resource 'none' for topic 'u' does not exist/,
  )
})

test('with schema.ignore=false values are written by their schemas, and no mapping is made', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url, { ...STREAM, 'schema.ignore': 'false' })
  const decimal = primitiveSchema('bytes', {
    name: 'org.apache.kafka.connect.data.Decimal',
    parameters: { scale: '2' },
  })
  const schema = structSchema([{ name: 'price', schema: decimal }])
  const value = new ValueStruct(schema, [new Decimal(1234n, 2)])
  await run.put(recordsBatch('t', [sinkRecord('t', 0n, { valueSchema: schema, value })]))
  await run.stored('t', 1n)
  assert.deepEqual(es.documents('logs-orders-t'), { 't+0+0': { price: 12.34, '@timestamp': 0 } })
  assert.ok(!es.requests.some((request) => request.includes('_mapping')))
})

test('a value that is no object cannot be converted, in the words of the reference', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url, STREAM)
  for (const [value, type] of [
    ['[1]', 'ARRAY'],
    ['"x"', 'STRING'],
    ['true', 'BOOLEAN'],
    ['5', 'NUMBER'],
  ] as const) {
    await assert.rejects(run.put(jsonBatch('t', [{ value }])), {
      message: `Top level payload contains data of Json type ${type}. Required Json object.`,
    })
  }
})
