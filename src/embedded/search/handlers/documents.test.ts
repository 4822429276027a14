import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestNode, type TestNode } from '../testing/test-node.ts'

let t: TestNode
before(async () => {
  t = await startTestNode()
})
after(async () => {
  await t[Symbol.asyncDispose]()
})

test('a plus in the path is a plus, and what is encoded is decoded once', async () => {
  const { json } = await t.send('PUT', '/ids/_doc/topic+0%2B8%20a%2Fb%2541', { a: 1 })
  assert.equal(json._id, 'topic+0+8 a/b%41')
  assert.equal((await t.send('GET', '/ids/_doc/topic%2B0+8%20a%2Fb%2541')).json.found, true)
  const { json: found } = await t.send('POST', '/ids/_search', {
    query: { ids: { values: ['topic+0+8 a/b%41'] } },
  })
  assert.equal(found.hits.total.value, 1)
  assert.equal((await t.send('GET', '/ids/_doc/%zz')).status, 400)
})

test('a source comes back byte for byte', async () => {
  const source =
    '{"long":9223372036854775807, "one":1.0,"e":1e3,\n "tiny":1E-9,"text":"\\u00e9 é 한","list":[1.50,2.0]}'
  await t.send('PUT', '/exact/_doc/1', source)
  assert.equal((await t.send('GET', '/exact/_source/1')).text, source)
  assert.ok((await t.send('GET', '/exact/_search')).text.includes(source))
  const { text } = await t.send('GET', '/exact/_doc/1?_source_includes=one,long,list,e')
  assert.ok(
    text.endsWith('"_source":{"long":9223372036854775807,"one":1.0,"e":1e3,"list":[1.50,2.0]}}'),
    text,
  )
  assert.match((await t.send('GET', '/exact/_doc/1?pretty')).text, /"one" : 1\.0,\n/)
  await t.send('POST', '/exact/_update/1', '{"doc":{"new":2.0}}')
  const merged = (await t.send('GET', '/exact/_source/1')).text
  assert.match(merged, /"long":9223372036854775807,"one":1\.0,"e":1e3,.*"new":2\.0\}$/)
})

test('an update merges objects and replaces everything else', async () => {
  await t.send('PUT', '/merged/_doc/1', { o: { a: 1, b: [1, 2] }, keep: true })
  const { json } = await t.send('POST', '/merged/_update/1?_source=true', { doc: { o: { b: [3], c: null } } })
  assert.deepEqual(json.get._source, { o: { a: 1, b: [3], c: null }, keep: true })
  const noop = await t.send('POST', '/merged/_update/1', { doc: { keep: true } })
  assert.deepEqual([noop.json.result, noop.json._version], ['noop', 2])
  const forced = await t.send('POST', '/merged/_update/1', { doc: { keep: true }, detect_noop: false })
  assert.deepEqual([forced.json.result, forced.json._version], ['updated', 3])
  assert.equal(
    (await t.send('POST', '/merged/_update/none', { doc: {} })).json.error.type,
    'document_missing_exception',
  )
})

test('the search index follows every change of a document', async () => {
  const found = async (text: string) => (await t.send('GET', `/changing/_count?q=${text}`)).json.count
  await t.send('PUT', '/changing/_doc/1', { text: 'before' })
  assert.equal(await found('before'), 1)
  await t.send('PUT', '/changing/_doc/1', { text: 'after' })
  assert.deepEqual([await found('before'), await found('after')], [0, 1])
  await t.send('DELETE', '/changing/_doc/1')
  assert.equal(await found('after'), 0)
  await t.send('PUT', '/changing/_doc/1', { text: 'again' })
  assert.deepEqual([await found('after'), await found('again')], [0, 1])
})

test('a refused document leaves the index it made and counts as failed', async () => {
  const { status } = await t.send('PUT', '/made/_doc/1', { '': 1 })
  assert.equal(status, 400)
  const { json } = await t.send('GET', '/made/_stats/indexing')
  assert.deepEqual(
    [json._all.primaries.indexing.index_total, json._all.primaries.indexing.index_failed],
    [0, 1],
  )
})

const ANSWERS: readonly (readonly [
  method: string,
  path: string,
  body: unknown,
  status: number,
  error: string | undefined,
])[] = [
  ['POST', '/a/_doc', { n: 1 }, 201, undefined],
  ['PUT', '/a/_create/1', { n: 1 }, 201, undefined],
  ['PUT', '/a/_create/1', { n: 1 }, 409, 'version_conflict_engine_exception'],
  ['PUT', '/a/_doc/1?op_type=create', { n: 1 }, 409, 'version_conflict_engine_exception'],
  ['PUT', '/a/_doc/1?version=7', { n: 1 }, 400, 'action_request_validation_exception'],
  ['PUT', '/a/_doc/1?version=7&version_type=none', { n: 1 }, 400, 'illegal_argument_exception'],
  ['PUT', '/a/_doc/1?version=7&version_type=external', { n: 1 }, 200, undefined],
  ['PUT', '/a/_doc/1?pipeline=p', { n: 1 }, 400, 'illegal_argument_exception'],
  ['PUT', '/a/_doc/1?refresh=maybe', { n: 1 }, 400, 'illegal_argument_exception'],
  ['PUT', '/a/_doc/1', '', 400, 'parse_exception'],
  ['PUT', '/a/_doc/1', '{', 400, 'document_parsing_exception'],
  ['PUT', '/a/_doc/1', '[]', 400, 'document_parsing_exception'],
  ['GET', '/a/_doc/none', undefined, 404, undefined],
  ['HEAD', '/a/_doc/1', undefined, 200, undefined],
  ['HEAD', '/a/_doc/none', undefined, 404, undefined],
  ['GET', '/none/_doc/1', undefined, 404, 'index_not_found_exception'],
  ['GET', '/a/_source/none', undefined, 404, 'resource_not_found_exception'],
  ['DELETE', '/a/_doc/none', undefined, 404, undefined],
  ['DELETE', '/none/_doc/1', undefined, 404, 'index_not_found_exception'],
  ['POST', '/a/_update/1', { script: 'x' }, 400, 'illegal_argument_exception'],
  ['POST', '/a/_update/1', { foo: 1 }, 400, 'x_content_parse_exception'],
  ['POST', '/a/_mget', { ids: [] }, 400, 'action_request_validation_exception'],
  ['POST', '/_mget', { ids: ['1'] }, 400, 'action_request_validation_exception'],
]

for (const [method, path, body, status, error] of ANSWERS) {
  test(`${method} ${path} with ${JSON.stringify(body) ?? 'nothing'} answers ${status} ${error ?? ''}`, async () => {
    const answer = await t.send(method, path, body)
    assert.deepEqual([answer.status, answer.json?.error?.type], [status, error])
  })
}

test('_mget answers each document for itself', async () => {
  await t.send('PUT', '/many/_doc/1', { a: 1, b: 2 })
  const docs = [
    { _index: 'many', _id: '1', _source: ['b'] },
    { _index: 'many', _id: '2' },
    { _index: 'none', _id: '1' },
  ]
  const { json } = await t.send('POST', '/_mget', { docs })
  assert.deepEqual(json.docs[0]._source, { b: 2 })
  assert.equal(json.docs[1].found, false)
  assert.equal(json.docs[2].error.type, 'index_not_found_exception')
})

test('unknown paths and methods are told apart', async () => {
  const unknown = await t.send('GET', '/a/_nothing/here')
  assert.deepEqual(
    [unknown.status, unknown.json],
    [400, { error: 'no handler found for uri [/a/_nothing/here] and method [GET]' }],
  )
  const wrong = await t.send('PATCH', '/a/_search')
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET, POST'])
})
