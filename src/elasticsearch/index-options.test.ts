import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { elasticsearchSinkConnector } from './connector.ts'
import { IndexNameFormat, indexNameProblem } from './indices/index-naming.ts'
import { FakeElasticsearch } from './testing/fake-elasticsearch.ts'
import { jsonBatch, recordsBatch, sinkRecord, toConnect } from './testing/sink-batches.ts'
import { SinkRun } from './testing/sink-run.ts'

const KEYED = { 'key.ignore': 'false' }

test('names of indices have the topic and the date of the record', () => {
  const name = (format: string) => new IndexNameFormat(format).nameOf('Server.T', Date.UTC(2026, 1, 3, 4))
  assert.equal(name('app-${topic}-{yyyy.MM.dd}'), 'app-server.t-2026.02.03')
  assert.equal(name('{yyyyMMdd-HH}_${topic}'), '20260203-04_server.t')
  assert.equal(name('${topic}'), 'server.t')
  assert.equal(indexNameProblem('${topic}-{yyyy}'), null)
  assert.match(indexNameProblem('x-{YYYY}')!, /yyyy, MM, dd and HH/)
})

test('each record goes into the index of its date', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url, { 'index.name.format': '${topic}-{yyyy}' })
  await run.put(jsonBatch('t', [{ value: '{"a":1}' }]))
  const value = toConnect({ a: 2 })
  await run.put(recordsBatch('t', [sinkRecord('t', 1n, { value, timestamp: Date.UTC(2026, 5, 1) })]))
  await run.stored('t', 2n)
  assert.deepEqual(es.documents('t-1970'), { 't+0+0': { a: 1 } })
  assert.deepEqual(es.documents('t-2026'), { 't+0+1': { a: 2 } })
})

describe('the body of a new index', () => {
  let place: string
  before(() => {
    place = mkdtempSync(join(tmpdir(), 'tailrace-template-'))
    const template = { settings: { a: 1, b: 1 }, mappings: { dynamic: 'strict' } }
    writeFileSync(join(place, 't.json'), JSON.stringify(template))
    writeFileSync(join(place, 'bad.json'), '[]')
  })
  after(() => rmSync(place, { recursive: true }))

  test('comes from a file of the topic, with settings laid over it', async () => {
    await using es = await FakeElasticsearch.start()
    await using run = await SinkRun.start(es.url, {
      'index.template.file': join(place, '${topic}.json'),
      'index.settings': '{"b":2}',
    })
    await run.put(jsonBatch('t', [{ value: '{}' }]))
    await run.stored('t', 1n)
    assert.deepEqual(es.bodies.get('t'), { settings: { a: 1, b: 2 }, mappings: { dynamic: 'strict' } })
    await assert.rejects(
      run.put(jsonBatch('u', [{ value: '{}' }])),
      /index\.template\.file: .*u\.json cannot be read/,
    )
  })

  test('is checked when the connector is made', async () => {
    await using es = await FakeElasticsearch.start()
    const issues = async (config: Readonly<Record<string, string>>) =>
      (
        await elasticsearchSinkConnector.validate!(
          { 'connection.url': es.url, ...KEYED, ...config },
          new AbortController().signal,
        )
      ).map(({ option }) => option)
    assert.deepEqual(await issues({ 'index.settings': '{' }), ['index.settings'])
    assert.deepEqual(await issues({ 'index.template.file': join(place, 'bad.json') }), [
      'index.template.file',
    ])
    assert.deepEqual(await issues({ 'index.template.file': join(place, '${topic}.json') }), [])
    assert.deepEqual(await issues({ 'index.name.format': 'x-{yyyy}' }), ['index.name.format'])
    assert.deepEqual(await issues({ 'index.name.format': 'x-{weekday}' }), ['index.name.format'])
  })
})

test('documents go through a pipeline and to the shard of a field, deletes too', async () => {
  await using es = await FakeElasticsearch.start()
  const config = { ...KEYED, pipeline: 'geo ip', 'routing.field': 'tenant', 'behavior.on.null.values': 'delete', 'document.id.form': 'key' } // prettier-ignore
  await using run = await SinkRun.start(es.url, config)
  const key = toConnect({ tenant: 'a', id: 1 })
  await run.put(
    recordsBatch('t', [
      sinkRecord('t', 0n, { key, value: toConnect({ tenant: 'a', n: 1 }) }),
      sinkRecord('t', 1n, { key: toConnect({ tenant: 7, id: 2 }), value: toConnect({ tenant: 7 }) }),
      sinkRecord('t', 2n, { key }),
    ]),
  )
  await run.stored('t', 3n)
  assert.deepEqual(
    es.bulks.flat().map(({ operation, id, action }) => [operation, id, action['routing']]),
    [
      ['index', 'a|1', 'a'],
      ['index', '7|2', '7'],
      ['delete', 'a|1', 'a'],
    ],
  )
  assert.deepEqual(new Set(es.queries), new Set(['filter_path=errors,items.*.status,items.*.error&pipeline=geo%20ip'])) // prettier-ignore
  await assert.rejects(
    run.put(recordsBatch('t', [sinkRecord('t', 3n, { key, value: toConnect({ n: 1 }) })])),
    /routing\.field 'tenant' has to be a text, a number or a boolean in the value/,
  )
})

test('the shard of plain JSON is that of its field, with and without keys', async () => {
  await using es = await FakeElasticsearch.start()
  await using run = await SinkRun.start(es.url, { 'routing.field': 'at' })
  await run.put(jsonBatch('t', [{ value: '{"x":{"at":0},"at" : 12.50 }' }, { value: '{"at":"\\u00e9"}' }]))
  await run.stored('t', 2n)
  assert.deepEqual(
    es.bulks.flat().map(({ action }) => action['routing']),
    ['12.50', 'é'],
  )
})
