import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConnectError, DataError, describeError } from '../api/errors.ts'
import type { JsonSinkBatch } from '../api/sink-task.ts'
import { primitiveSchema, type Schema } from '../api/schema.ts'
import type { ConnectValue } from '../api/value.ts'
import { SinkRun } from './testing/sink-run.ts'
import { FakeElasticsearch } from './testing/fake-elasticsearch.ts'
import { jsonBatch, recordsBatch, sinkRecord, toConnect } from './testing/sink-batches.ts'

const KEYED = { 'key.ignore': 'false' }

function numbered(count: number, from = 0) {
  return Array.from({ length: count }, (_, i) => ({ value: `{"n":${from + i}}` }))
}

test('json values arrive as they are, under ids of topic, partition and offset', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url)
  const records = [{ value: '{"a":1}' }, { value: '{\n "b": [1,\r\n 2] }\n' }]
  await run.put(jsonBatch('Server.t', records, { partition: 2, baseOffset: 8n }))
  await run.stored('Server.t', 10n, 2)
  assert.deepEqual(es.documents('server.t'), { 'Server.t+2+8': { a: 1 }, 'Server.t+2+9': { b: [1, 2] } })
  assert.deepEqual(es.requests, ['HEAD /server.t', 'PUT /server.t', 'POST /_bulk'])
})

test('the index is looked for once, and not created where it is', async () => {
  await using es = await FakeElasticsearch.start()
  es.indices.set('t', new Map())
  await using run = await SinkRun.start(es.url)
  await run.put(jsonBatch('t', numbered(1)))
  await run.put(jsonBatch('t', numbered(1), { baseOffset: 1n }))
  await run.stored('t', 2n)
  assert.deepEqual(es.requests, ['HEAD /t', 'POST /_bulk', 'POST /_bulk'])
})

test('another task that creates the index first does no harm', async () => {
  await using es = await FakeElasticsearch.start()
  es.refusalOf = (method) => {
    if (method === 'HEAD') es.indices.delete('t')
    else es.indices.set('t', new Map())
    return null
  }
  await using run = await SinkRun.start(es.url)
  await run.put(jsonBatch('t', numbered(1)))
  await run.stored('t', 1n)
})

test('records before the first offset are passed over', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url)
  await run.put({ ...jsonBatch('t', numbered(3), { baseOffset: 5n }), firstOffset: 7n })
  await run.stored('t', 8n)
  assert.deepEqual(Object.keys(es.documents('t')), ['t+0+7'])
})

test('a lone record is sent at once although requests are under way, and bodies grow behind them', async () => {
  await using es = await FakeElasticsearch.start()
  const held = Promise.withResolvers<void>()
  es.faultOf = (bulk) => (bulk < 2 ? { kind: 'wait', until: held.promise } : null)
  await using run = await SinkRun.start(es.url)
  for (let i = 0; i < 10; i++) await run.put(jsonBatch('t', numbered(1, i), { baseOffset: BigInt(i) }))
  await run.context.until(() => es.bulks.length === 2)
  held.resolve()
  await run.stored('t', 10n)
  assert.deepEqual(
    es.bulks.map((items) => items.length),
    [1, 1, 8],
  )
})

test('batch.size, bulk.size.bytes and max.in.flight.requests bound requests', async () => {
  await using es = await FakeElasticsearch.start()
  const held = Promise.withResolvers<void>()
  es.faultOf = () => ({ kind: 'wait', until: held.promise })
  await using run = await SinkRun.start(es.url, { 'batch.size': '10', 'max.in.flight.requests': '3' })
  await run.put(jsonBatch('t', numbered(100)))
  await run.context.until(() => es.bulks.length === 3)
  held.resolve()
  await run.stored('t', 100n)
  assert.equal(es.mostInFlight, 3)
  assert.equal(Math.max(...es.bulks.map((items) => items.length)), 10)

  await using small = await SinkRun.start(es.url, { 'bulk.size.bytes': '100' })
  await small.put(jsonBatch('u', numbered(10)))
  await small.stored('u', 10n)
  assert.ok(es.bulks.filter((items) => items[0]!.index === 'u').length >= 3)
})

test('a partition that is taken away is committed as far as it is stored, also where it was stored last', async () => {
  await using es = await FakeElasticsearch.start()
  const held = Promise.withResolvers<void>()
  es.faultOf = () => ({ kind: 'wait', until: held.promise })
  await using run = await SinkRun.start(es.url)
  await run.put(jsonBatch('t', numbered(10)))
  await run.context.until(() => es.bulks.length === 1)
  assert.equal(await run.committable('t', 10n), 0n)
  const closed = run.task.close!([{ topic: 't', partition: 0 }])
  held.resolve()
  await closed
  assert.equal(await run.committable('t', 10n), 10n)
  // What comes with the partition when it comes back counts anew.
  await run.task.open!([{ topic: 't', partition: 0 }])
  await run.put(jsonBatch('t', numbered(2), { baseOffset: 10n }))
  await run.stored('t', 12n)
})

test('put waits while max.buffered.records are kept, and nothing beyond may be committed', async () => {
  await using es = await FakeElasticsearch.start()
  const held = Promise.withResolvers<void>()
  es.faultOf = () => ({ kind: 'wait', until: held.promise })
  const config = { 'max.buffered.records': '50', 'batch.size': '10', 'max.in.flight.requests': '5' }
  await using run = await SinkRun.start(es.url, config)
  let isTaken = false
  const put = run.put(jsonBatch('t', numbered(120))).then(() => (isTaken = true))
  await run.context.until(() => es.bulks.length === 5)
  assert.equal(isTaken, false)
  assert.equal(await run.committable('t', 120n), 0n)
  held.resolve()
  await put
  await run.stored('t', 120n)
  assert.equal(Object.keys(es.documents('t')).length, 120)
})

for (const [name, fault] of [
  ['answer 429', { kind: 'answer', error: { status: 429, type: 'es_rejected_execution_exception' } }],
  ['answer 503', { kind: 'answer', error: { status: 503, type: 'unavailable_shards_exception' } }],
  ['are reset', { kind: 'reset' }],
  ['are answered by half', { kind: 'truncated' }],
  ['are not answered in time', { kind: 'hang' }],
] as const) {
  test(`requests that ${name} are tried again until they succeed, and the task keeps running`, async () => {
    await using es = await FakeElasticsearch.start()
    es.faultOf = (bulk) => (bulk < 8 ? fault : null)
    const config = {
      'batch.size': '5',
      'max.in.flight.requests': '2',
      'read.timeout.ms': '30',
      'retry.backoff.ms': '2',
    }
    await using run = await SinkRun.start(es.url, config)
    await run.put(jsonBatch('t', numbered(40)))
    await run.stored('t', 40n)
    assert.equal(Object.keys(es.documents('t')).length, 40)
    assert.deepEqual(run.context.errors, [])
    assert.deepEqual(run.context.warnings(), ['Elasticsearch does not take documents now; trying again'])
  })
}

test('a version in a header is a whole number; updates and data streams need none', async () => {
  const versions: readonly [value: ConnectValue, schema: Schema | null, version: number | null][] = [
    ['17', null, 17],
    [5n, primitiveSchema('int64'), 5],
    [7, primitiveSchema('int8'), 7],
    ['x', null, null],
    [1.5, primitiveSchema('double'), null],
    [2, primitiveSchema('float'), null],
  ]
  const config = { 'key.ignore': 'false', 'external.version.header': 'v' }
  for (const [value, schema, version] of versions) {
    await using es = await FakeElasticsearch.start()
    const headers = [{ name: 'v', schema, value }]
    const batch = recordsBatch('t', [sinkRecord('t', 0n, { key: 'k', value: toConnect({ n: 1 }), headers })])
    await using run = await SinkRun.start(es.url, config)
    const put = run.put(batch)
    if (version === null) await assert.rejects(put, /Error converting external version header 'v' to long/)
    else {
      await put
      await run.stored('t', 1n)
      assert.equal(es.indices.get('t')!.get('k')!.version, version)
    }
    const upsert = { ...config, 'write.method': 'upsert', 'use.autogenerated.ids': 'true' }
    await using update = await SinkRun.start(es.url, upsert)
    await update.put(batch)
    await update.stored('t', 1n)
    assert.equal(es.bulks.at(-1)![0]!.operation, 'update')
    assert.equal(es.bulks.at(-1)![0]!.id, 'k')
  }
})

test('an API key goes with every request, as Elasticsearch documents it: ApiKey and id:api_key in base64', async () => {
  await using es = await FakeElasticsearch.start()
  const config = {
    'connection.auth': 'api-key',
    'connection.api.key': 'VuaCfGcBCdbkQm-e5aOx:ui2lp2axTNmsyakw9tvNnw',
  }
  await using run = await SinkRun.start(es.url, config)
  await run.put(jsonBatch('t', numbered(1)))
  await run.stored('t', 1n)
  const sent = es.headers.map(({ authorization }) => authorization)
  const wanted = 'ApiKey VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw=='
  assert.deepEqual(sent, [wanted, wanted, wanted])
})

test('a tombstone whose key is too long for an id deletes nothing, and is no error', async () => {
  await using es = await FakeElasticsearch.start()
  const config = { 'key.ignore': 'false', 'behavior.on.null.values': 'delete' }
  await using run = await SinkRun.start(es.url, config)
  await run.put(
    jsonBatch('t', [
      { key: 'k'.repeat(513), value: null },
      { key: 'k', value: '{}' },
    ]),
  )
  await run.stored('t', 2n)
  assert.deepEqual(es.documents('t'), { k: {} })
})

test('items that are rejected are tried again while the others count as done', async () => {
  await using es = await FakeElasticsearch.start()
  es.errorOf = ({ source }, bulk) =>
    bulk < 4 && Number(source!['n']) % 7 === 0
      ? { status: 429, type: 'es_rejected_execution_exception' }
      : null
  await using run = await SinkRun.start(es.url, { 'retry.backoff.ms': '2' })
  await run.put(jsonBatch('t', numbered(50)))
  await run.stored('t', 50n)
  assert.deepEqual(
    es.bulks.map((items) => items.length),
    [50, 8, 8, 8, 8],
  )
  assert.equal(run.context.counted.get('retries_total es_rejected_execution_exception'), 4)
  assert.equal(run.context.counted.get('indexed_delay_seconds'), 1)
  assert.ok([...es.indices.get('t')!.values()].every(({ version }) => version === 1))
})

test('an item that lost the race for a new field is sent again, though not without end', async () => {
  await using es = await FakeElasticsearch.start()
  const reason = 'mapper [n] cannot be changed from type [long] to [text]'
  let races = 1
  es.errorOf = ({ id }, bulk) =>
    id === 't+0+1' && bulk < races ? { status: 400, type: 'illegal_argument_exception', reason } : null
  const config = { 'behavior.on.malformed.documents': 'ignore' }
  await using winner = await SinkRun.start(es.url, config, { hasDeadLetters: true })
  await winner.put(jsonBatch('t', numbered(3)))
  await winner.stored('t', 3n)
  assert.deepEqual(Object.keys(es.documents('t')).sort(), ['t+0+0', 't+0+1', 't+0+2'])
  assert.deepEqual(
    es.bulks.map((items) => items.length),
    [3, 1],
  )
  races = Infinity
  await using loser = await SinkRun.start(es.url, config, { hasDeadLetters: true })
  await loser.put(jsonBatch('t', numbered(3)))
  await loser.stored('t', 3n)
  assert.equal(es.bulks.length, 2 + 1 + 10)
  assert.deepEqual(
    [winner, loser].map(({ context }) => context.reported.map(({ origin }) => origin.offset)),
    [[], [1n]],
  )
})

test('the first record that is not stored bounds what may be committed', async () => {
  await using es = await FakeElasticsearch.start()
  let isBlocked = true
  es.errorOf = ({ id }) =>
    isBlocked && id === 't+0+3' ? { status: 403, type: 'cluster_block_exception' } : null
  await using run = await SinkRun.start(es.url)
  await run.put(jsonBatch('t', numbered(10)))
  await run.context.until(() => es.bulks.length > 2)
  assert.equal(await run.committable('t', 10n), 3n)
  isBlocked = false
  await run.stored('t', 10n)
})

test('max.retries that somebody set is kept to', async () => {
  await using es = await FakeElasticsearch.start()
  es.faultOf = () => ({
    kind: 'answer',
    error: { status: 503, type: 'unavailable_shards_exception', reason: 'down' },
  })
  await using run = await SinkRun.start(es.url, { 'max.retries': '0' })
  await run.put(jsonBatch('t', numbered(3)))
  await run.context.until(() => run.context.errors.length > 0)
  const error = run.context.errors[0] as ConnectError
  assert.equal(error.message, 'Bulk request failed')
  assert.match(
    (error.cause as Error).message,
    /^Failed to execute bulk request due to '.*reason=down.*' after 1 attempt/,
  )
  await assert.rejects(run.put(jsonBatch('t', numbered(1), { baseOffset: 3n })), error)
  assert.equal(await run.committable('t', 4n), 0n)
})

test('a document that does not fit fails the task with the reason, and its offset is not committed', async () => {
  await using es = await FakeElasticsearch.start()
  const causedBy = { type: 'number_format_exception', reason: 'For input string: "word"' }
  es.errorOf = ({ id }) =>
    id === 't+0+1'
      ? { status: 400, type: 'mapper_parsing_exception', reason: 'failed to parse', causedBy }
      : null
  await using run = await SinkRun.start(es.url, {}, { hasDeadLetters: true })
  await run.put(jsonBatch('t', numbered(3)))
  await run.context.until(() => run.context.errors.length > 0)
  const error = run.context.errors[0] as ConnectError
  assert.equal(error.code, 'elasticsearch.indexing-failed')
  assert.equal(error.message, 'Indexing record failed. Please check DLQ topic for errors.')
  assert.match(
    (error.cause as Error).message,
    /document 't\+0\+1' of index 't', from topic=t partition=0 offset=1: .*mapper_parsing_exception.*For input string/,
  )
  assert.equal(run.context.reported.length, 1)
  assert.equal(await run.committable('t', 3n), 1n)
})

for (const behavior of ['ignore', 'warn']) {
  test(`malformed documents are passed over and reported with behavior.on.malformed.documents=${behavior}`, async () => {
    await using es = await FakeElasticsearch.start()
    es.errorOf = ({ id }) =>
      id === 't+0+1' ? { status: 400, type: 'document_parsing_exception', reason: 'no' } : null
    const config = { 'behavior.on.malformed.documents': behavior }
    await using run = await SinkRun.start(es.url, config, { hasDeadLetters: true })
    await run.put(
      jsonBatch('t', [...numbered(2), { value: '"text"' }, { value: '[1]' }, { value: '5' }, ...numbered(1)]),
    )
    await run.stored('t', 6n)
    assert.deepEqual(Object.keys(es.documents('t')), ['t+0+0', 't+0+5'])
    // Values that are no object never reach Elasticsearch; they are found first.
    assert.deepEqual(
      run.context.reported.map(({ origin }) => origin.offset),
      [2n, 3n, 4n, 1n],
    )
    assert.deepEqual(
      run.context.reported.map(({ error }) => (error as Error).message)[3],
      'Indexing failed: ElasticsearchException[Elasticsearch exception [type=document_parsing_exception, reason=no]]',
    )
    assert.equal(run.context.warnings().length, behavior === 'warn' ? 4 : 0)
  })
}

test('a document with repeated field names is sent again without them', async () => {
  await using es = await FakeElasticsearch.start()
  es.errorOf = (_, bulk) =>
    bulk === 0 ? { status: 400, type: 'document_parsing_exception', reason: 'Duplicate' } : null
  await using run = await SinkRun.start(es.url)
  await run.put(jsonBatch('t', [{ value: '{"dup":1,"dup":2}' }]))
  await run.stored('t', 1n)
  assert.deepEqual(es.documents('t'), { 't+0+0': { dup: 2 } })
})

test('a request that is refused because of one item is halved until that item stands alone', async () => {
  await using es = await FakeElasticsearch.start()
  es.faultOf = (_, items) =>
    items.some(({ id }) => id === 't+0+37')
      ? {
          kind: 'answer',
          error: { status: 400, type: 'action_request_validation_exception', reason: 'bad id' },
        }
      : null
  await using run = await SinkRun.start(es.url, { 'behavior.on.malformed.documents': 'ignore' })
  await run.put(jsonBatch('t', numbered(64)))
  await run.stored('t', 64n)
  assert.equal(Object.keys(es.documents('t')).length, 63)
  assert.ok(es.bulks.length < 20)
})

test('a document too large by itself is malformed, and the reason names the limit', async () => {
  await using es = await FakeElasticsearch.start()
  es.faultOf = (_, items) =>
    items.some(({ id }) => id === 't+0+2') ? { kind: 'answer', error: { status: 413, type: 'x' } } : null
  const config = { 'behavior.on.malformed.documents': 'ignore' }
  await using run = await SinkRun.start(es.url, config, { hasDeadLetters: true })
  await run.put(jsonBatch('t', numbered(5)))
  await run.stored('t', 5n)
  assert.deepEqual(Object.keys(es.documents('t')), ['t+0+0', 't+0+1', 't+0+3', 't+0+4'])
  assert.match((run.context.reported[0]!.error as Error).message, /http\.max_content_length/)
})

test('a refused login fails the task and names the status', async () => {
  await using es = await FakeElasticsearch.start()
  es.faultOf = () => ({
    kind: 'answer',
    error: { status: 401, type: 'security_exception', reason: 'unable to authenticate' },
  })
  await using run = await SinkRun.start(es.url)
  await run.put(jsonBatch('t', numbered(2)))
  await run.context.until(() => run.context.errors.length > 0)
  assert.match((run.context.errors[0] as Error).message, /HTTP status 401.*unable to authenticate/)
})

test('an index name that Elasticsearch refuses fails put and names it', async () => {
  await using es = await FakeElasticsearch.start()
  es.refusalOf = (method) =>
    method === 'HEAD' ? { status: 400, type: 'invalid_index_name_exception' } : null
  await using run = await SinkRun.start(es.url)
  await assert.rejects(
    run.put(jsonBatch('__t', numbered(1))),
    /Failed to check if index _t exists due to .*400/,
  )
  assert.equal(await run.committable('__t', 1n), 0n)
})

test('an index that is gone and not made by the server is made again', async () => {
  await using es = await FakeElasticsearch.start()
  es.errorOf = ({ index }) =>
    es.indices.has(index) ? null : { status: 404, type: 'index_not_found_exception' }
  await using run = await SinkRun.start(es.url)
  await run.put(jsonBatch('t', numbered(1)))
  await run.stored('t', 1n)
  es.indices.delete('t')
  await run.put(jsonBatch('t', numbered(2), { baseOffset: 1n }))
  await run.stored('t', 3n)
  assert.deepEqual(Object.keys(es.documents('t')), ['t+0+1', 't+0+2'])
})

test('while Elasticsearch is down put waits, and goes on when it is back', async () => {
  await using es = await FakeElasticsearch.start()
  let isDown = true
  es.refusalOf = () => (isDown ? { status: 503, type: 'master_not_discovered_exception' } : null)
  await using run = await SinkRun.start(es.url, { 'retry.backoff.ms': '2' })
  const put = run.put(jsonBatch('t', numbered(2)))
  await run.context.until(() => es.requests.length > 3)
  isDown = false
  await put
  await run.stored('t', 2n)
  assert.equal(run.context.warnings().length, 1)
})

test('keys are ids, and versions the offsets: the newest record wins whatever arrives last', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url, KEYED)
  const records = [
    { key: 'k1', value: '{"v":1}' },
    { key: 'a b/c?#é"', value: '{"v":2}' },
    { key: 'k1', value: '{"v":3}' },
  ]
  await run.put(jsonBatch('t', records, { baseOffset: 40n }))
  await run.stored('t', 43n)
  assert.deepEqual(es.documents('t'), { k1: { v: 3 }, 'a b/c?#é"': { v: 2 } })
  assert.deepEqual(es.indices.get('t')!.get('k1')!.version, 42)
  await using again = await SinkRun.start(es.url, KEYED)
  await again.put(jsonBatch('t', records, { baseOffset: 40n }))
  await again.stored('t', 43n)
  assert.deepEqual(es.documents('t'), { k1: { v: 3 }, 'a b/c?#é"': { v: 2 } })
})

test('records of one document are never in two requests at once, and keep their order', async () => {
  await using es = await FakeElasticsearch.start()
  const config = { ...KEYED, 'write.method': 'upsert', 'batch.size': '3', 'max.buffered.records': '100' }
  await using run = await SinkRun.start(es.url, { ...config, 'retry.backoff.ms': '1' })
  // Every third request fails as a whole, every fifth item by itself.
  let items = 0
  es.faultOf = (bulk) => (bulk % 3 === 1 ? { kind: 'answer', error: { status: 503, type: 'x' } } : null)
  es.errorOf = () => (++items % 5 === 0 ? { status: 429, type: 'es_rejected_execution_exception' } : null)
  const records = Array.from({ length: 200 }, (_, i) => ({ key: `k${i % 4}`, value: `{"n":${i},"f${i}":1}` }))
  await run.put(jsonBatch('t', records))
  await run.stored('t', 200n)
  for (let k = 0; k < 4; k++) {
    const { n, ...fields } = es.documents('t')[`k${k}`]!
    assert.equal(n, 196 + k)
    assert.equal(Object.keys(fields).length, 50)
  }
  assert.ok(es.bulks.every((items) => items.every(({ action }) => action['retry_on_conflict'] === 5)))
})

test('an update that is tried again is followed again by the later ones of its document', async () => {
  await using es = await FakeElasticsearch.start()
  es.errorOf = ({ source }, bulk) =>
    bulk === 0 && (source!['doc'] as { n: number }).n === 1
      ? { status: 429, type: 'es_rejected_execution_exception' }
      : null
  await using run = await SinkRun.start(es.url, { ...KEYED, 'write.method': 'upsert' })
  const keys = ['k', 'k', 'k', 'other', 'k']
  await run.put(
    jsonBatch(
      't',
      keys.map((key, n) => ({ key, value: `{"n":${n}}` })),
    ),
  )
  await run.stored('t', 5n)
  assert.deepEqual(es.documents('t'), { k: { n: 4 }, other: { n: 3 } })
  assert.deepEqual(
    es.bulks.map((items) => items.length),
    [5, 3],
  )
})

test('null values delete, are passed over, or fail, as behavior.on.null.values says', async () => {
  await using es = await FakeElasticsearch.start()
  const records = [
    { key: 'a', value: '{"v":1}' },
    { key: 'b', value: '{"v":1}' },
    { key: 'a', value: null },
    { key: 'never', value: null },
    { key: null, value: null },
    { key: 'c', value: 'null' },
  ]
  await using deletes = await SinkRun.start(es.url, { ...KEYED, 'behavior.on.null.values': 'delete' })
  await deletes.put(jsonBatch('t', records))
  await deletes.stored('t', 6n)
  assert.deepEqual(es.documents('t'), { b: { v: 1 } })

  const config = { ...KEYED, 'behavior.on.null.values': 'ignore' }
  await using ignores = await SinkRun.start(es.url, config, { hasDeadLetters: true })
  await ignores.put(jsonBatch('u', records))
  await ignores.stored('u', 6n)
  assert.deepEqual(Object.keys(es.documents('u')), ['a', 'b'])
  assert.deepEqual(
    ignores.context.reported.map(({ origin }) => origin.offset),
    [2n, 3n, 4n, 5n],
  )
  assert.equal((ignores.context.reported[0]!.error as Error).message, 'Cannot write null valued record.')

  await using fails = await SinkRun.start(es.url, KEYED)
  await assert.rejects(
    fails.put(jsonBatch('v', records)),
    (error: Error) =>
      error instanceof DataError &&
      error.message ===
        "record from topic=v partition=0 offset=2 has a null value (to ignore future records like this change the configuration property 'behavior.on.null.values' from 'FAIL' to 'IGNORE')",
  )
  assert.deepEqual(Object.keys(es.documents('v')), ['a', 'b'], 'the records before it are written')
  assert.equal(await fails.committable('v', 6n), 2n, 'and may be committed')
})

test('deletes with key.ignore=true have no effect and say so once', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url, { 'behavior.on.null.values': 'delete' })
  await run.put(jsonBatch('t', [...numbered(1), { value: null }, { value: null }]))
  await run.stored('t', 3n)
  assert.match(run.context.warnings().join(), /^Deletes have no effect[^,]*, use.autogenerated.ids\)$/)
})

test('keys that are no id fail the task, or are passed over and reported', async () => {
  await using es = await FakeElasticsearch.start()
  const records = [
    { key: 'k1', value: '{"v":1}' },
    { key: null, value: '{"v":2}' },
    { key: '', value: '{"v":3}' },
    { key: 'x'.repeat(513), value: '{"v":4}' },
    { key: 'é'.repeat(256), value: '{"v":5}' },
  ]
  await using fails = await SinkRun.start(es.url, KEYED)
  const failure = await fails.put(jsonBatch('t', records)).then(() => null, describeError)
  assert.match(failure!, /Key is used as document id and can not be null\..*topic=t partition=0 offset=1/)
  const config = { ...KEYED, 'drop.invalid.message': 'true', 'behavior.on.malformed.documents': 'ignore' }
  await using drops = await SinkRun.start(es.url, config, { hasDeadLetters: true })
  await drops.put(jsonBatch('t', records))
  await drops.stored('t', 5n)
  assert.deepEqual(Object.keys(es.documents('t')), ['k1', 'é'.repeat(256)])
  assert.deepEqual(
    drops.context.reported.map(({ error }) => (error as Error).message.slice(0, 52)),
    [
      'Key is used as document id and can not be null.',
      'Key is used as document id and can not be empty.',
      'Indexing failed: ElasticsearchException[Elasticsearc',
    ],
  )
})

test('a key that cannot be converted fails put, also where ids are not made from keys', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url)
  const batch = (...keys: readonly (string | null)[]) => ({
    ...jsonBatch(
      't',
      keys.map((key) => ({ key, value: '{}' })),
    ),
    readableKeys: 'json' as const,
  })
  const readKeys: (string | null)[] = []
  const watched = (whole: JsonSinkBatch, refused: string | null): JsonSinkBatch => ({
    ...whole,
    key() {
      const { value } = whole.key() as { readonly value: string | null }
      readKeys.push(value)
      if (value === refused) throw new DataError('connect.data-invalid', 'Not JSON')
      return { schema: null, value }
    },
  })
  await assert.rejects(run.put(watched(batch('{"id":1}', null, 'k'), 'k')), /Not JSON/)
  assert.deepEqual(es.requests, [])
  await run.put(watched(batch('{"id":1}', '5', null), null))
  await run.stored('t', 3n)
  // Objects are known by their bytes.
  assert.deepEqual(readKeys, ['k', '5'])
  await run.put({ ...watched(batch('k'), 'k'), readableKeys: 'all', firstOffset: 0n })
})

test('a value that is not JSON fails put before anything of it is written', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url)
  await assert.rejects(run.put(jsonBatch('t', [...numbered(1), { value: '{oops' }])), DataError)
  assert.deepEqual(es.requests, [])
})

test('records are written as JSON, under the topic that a transformation gave them', async () => {
  await using es = await FakeElasticsearch.start()
  const value = new Map([['big', 9007199254740993n]])
  const routed = sinkRecord('routed', 5n, { partition: 0, value })
  const batch = recordsBatch('t', [{ ...routed, origin: { topic: 't', partition: 0, offset: 5n } }])
  await using strict = await SinkRun.start(es.url)
  await assert.rejects(
    strict.put(batch),
    /Found a topic name 'routed' that doesn't match assigned partitions\. Connector doesn't support topic mutating SMTs/,
  )
  await using run = await SinkRun.start(es.url, { 'flush.synchronously': 'true' })
  await run.put(batch)
  await run.stored('t', 6n)
  assert.deepEqual(Object.keys(es.documents('routed')), ['routed+0+5'])
})

test('a header gives the version, and one that is no number fails the task', async () => {
  await using es = await FakeElasticsearch.start()
  const config = { ...KEYED, 'external.version.header': 'ver' }
  await using run = await SinkRun.start(es.url, config)
  const record = (offset: bigint, version: string | bigint) =>
    sinkRecord('t', offset, {
      key: 'k',
      value: new Map([['v', offset]]),
      headers: [
        { name: 'ver', schema: null, value: 1n },
        { name: 'ver', schema: null, value: version },
      ],
    })
  await run.put(recordsBatch('t', [record(0n, '100'), record(1n, 50n)]))
  await run.stored('t', 2n)
  assert.deepEqual(es.indices.get('t')!.get('k'), { version: 100, source: { v: 0 } })
  await assert.rejects(
    run.put(recordsBatch('t', [record(2n, 'five')])),
    /Error converting external version header 'ver' to long for record from topic=t partition=0 offset=2/,
  )
})

test('use.autogenerated.ids leaves the id to Elasticsearch', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url, { 'use.autogenerated.ids': 'true' })
  await run.put(jsonBatch('t', numbered(2)))
  await run.stored('t', 2n)
  assert.ok(es.bulks[0]!.every(({ action }) => !('_id' in action)))
  assert.equal(Object.keys(es.documents('t')).length, 2)
})

test('external resources are written into, and must exist', async () => {
  await using es = await FakeElasticsearch.start()
  const config = { 'external.resource.usage': 'ALIAS_INDEX', 'topic.to.external.resource.mapping': 't:alias' }
  await using without = await SinkRun.start(es.url, config)
  await assert.rejects(
    without.put(jsonBatch('t', numbered(1))),
    /Resource 'alias' for topic 't' does not exist/,
  )
  es.indices.set('alias', new Map())
  await using run = await SinkRun.start(es.url, config)
  await run.put(jsonBatch('t', numbered(1)))
  await run.stored('t', 1n)
  assert.deepEqual(es.documents('alias'), { 't+0+0': { n: 0 } })
})

test('schema.ignore=false needs a schema for the mapping', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url, { 'schema.ignore': 'false' })
  await assert.rejects(
    run.put(jsonBatch('t', numbered(1))),
    /^DataError: Cannot infer mapping without schema\.$/,
  )
  assert.ok(es.indices.has('t'))
})

test('close waits for what is under way and then forgets the partition', async () => {
  await using es = await FakeElasticsearch.start()
  const held = Promise.withResolvers<void>()
  es.faultOf = () => ({ kind: 'wait', until: held.promise })
  await using run = await SinkRun.start(es.url)
  await run.put(jsonBatch('t', numbered(3)))
  let isClosed = false
  const closed = run.task.close!([{ topic: 't', partition: 0 }]).then(() => (isClosed = true))
  await run.context.until(() => es.bulks.length === 1)
  assert.equal(isClosed, false)
  held.resolve()
  await closed
  assert.equal(Object.keys(es.documents('t')).length, 3)
})

test('close gives up on a server that is down, and sends nothing of the partition later', async () => {
  await using es = await FakeElasticsearch.start()
  let isDown = true
  es.faultOf = () => (isDown ? { kind: 'answer', error: { status: 503, type: 'x' } } : null)
  await using run = await SinkRun.start(es.url, { 'flush.timeout.ms': '1000', 'retry.backoff.ms': '2' })
  await run.put(jsonBatch('t', numbered(3)), jsonBatch('u', numbered(1)))
  await run.task.close!([{ topic: 't', partition: 0 }])
  isDown = false
  await run.stored('u', 1n)
  await run.put(jsonBatch('u', numbered(1), { baseOffset: 1n }))
  await run.stored('u', 2n)
  assert.deepEqual(Object.keys(es.documents('u')), ['u+0+0', 'u+0+1'])
  assert.deepEqual(es.documents('t'), {})
  assert.equal(run.context.errors.length, 0)
})

test('stop waits for what is under way, and may come twice', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url)
  await run.put(jsonBatch('t', numbered(3)))
  run.context.stopping.abort()
  await run.task.stop(AbortSignal.timeout(5000))
  assert.equal(Object.keys(es.documents('t')).length, 3)
  assert.equal(await run.committable('t', 3n), 3n)
  await run.task.stop(AbortSignal.timeout(5000))
})

test('stop does not wait for a server that is down, and what is not stored is not committed', async () => {
  await using es = await FakeElasticsearch.start()
  es.faultOf = () => ({ kind: 'hang' })
  await using run = await SinkRun.start(es.url, { 'max.buffered.records': '5', 'batch.size': '1' })
  const put = run.put(jsonBatch('t', numbered(20)))
  const failed = assert.rejects(put, { code: 'elasticsearch.stopped' })
  await run.context.until(() => es.bulks.length > 0)
  run.context.stopping.abort()
  await run.task.stop(AbortSignal.timeout(50))
  await failed
  assert.equal(await run.committable('t', 20n), 0n)
  assert.deepEqual(run.context.errors, [])
})

test('a task that is stopped writes no row whose unsent values are still under way', async () => {
  await using es = await FakeElasticsearch.start()
  const held = Promise.withResolvers<void>()
  es.faultOf = () => ({ kind: 'wait', until: held.promise })
  es.refusalOf = (method) => (method === 'GET' ? { status: 404, type: 'not_there_yet' } : null)
  await using run = await SinkRun.start(es.url, { ...KEYED, mode: 'mirror', 'schema.ignore': 'false' })
  const key = toConnect({ id: 1 })
  const change = (op: string, after: object, lsn: number) =>
    toConnect({ before: null, after, source: { connector: 'postgresql', lsn }, op, ts_ms: 1 })
  const headers = [{ name: 'tailrace.unchanged', schema: primitiveSchema('string'), value: '["body"]' }]
  const put = run.put(
    recordsBatch('t', [
      sinkRecord('t', 0n, { key, value: change('c', { id: 1, body: 'long', n: 1 }, 1) }),
      sinkRecord('t', 1n, { key, value: change('u', { id: 1, body: 'unsent', n: 2 }, 2), headers }),
    ]),
  )
  const failed = assert.rejects(put, { code: 'elasticsearch.stopped' })
  await run.context.until(() => es.bulks.length === 1)
  run.context.stopping.abort()
  await failed
  held.resolve()
  await run.task.stop(AbortSignal.timeout(60_000))
  assert.deepEqual(es.documents('t'), { 1: { id: 1, body: 'long', n: 1 } })
  assert.equal(await run.committable('t', 2n), 1n)
})
