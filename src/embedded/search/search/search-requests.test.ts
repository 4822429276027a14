import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestNode, type TestNode } from '../testing/test-node.ts'

let t: TestNode
before(async () => {
  t = await startTestNode()
  const rows = [
    { id: 1, tag: 'red', price: 10.5, at: '2024-01-01', on: true, o: { x: 1, y: 'a' } },
    { id: 2, tag: 'blue', price: 20.5, at: '2024-02-01', on: false, o: { x: 2, y: 'b' } },
    { id: 3, tag: 'red', at: '2024-03-01', on: true },
    { id: 4, tag: 'green', price: 5, on: true },
  ]
  await t.send(
    'POST',
    '/s/_bulk',
    rows.flatMap((row) => [{ index: { _id: `d${row.id}` } }, row]),
  )
  await t.send('POST', '/other/_bulk', [{ index: { _id: 'o1' } }, { id: 9, tag: 'red' }])
  await t.send('PUT', '/s/_alias/shop')
})
after(async () => {
  await t[Symbol.asyncDispose]()
})

interface Hit {
  readonly _id: string
  readonly _index: string
  readonly _score: number | null
  readonly _source?: unknown
  readonly sort?: unknown
}

async function hits(body: unknown, path = '/s/_search'): Promise<readonly Hit[]> {
  const { status, json } = await t.send('POST', path, body)
  assert.equal(status, 200, JSON.stringify(json))
  return json.hits.hits
}

const ids = (found: readonly Hit[]): string => found.map(({ _id }) => _id).join(' ')

const SORTS: readonly (readonly [unknown, string, unknown])[] = [
  [['id'], 'd1 d2 d3 d4', [1]],
  [{ id: 'desc' }, 'd4 d3 d2 d1', [4]],
  [[{ price: 'asc' }], 'd4 d1 d2 d3', [5]],
  [[{ price: { order: 'desc', missing: '_first' } }], 'd3 d2 d1 d4', ['Infinity']],
  [['tag.keyword', { id: 'desc' }], 'd2 d4 d3 d1', ['blue', 2]],
  [[{ at: 'desc' }], 'd3 d2 d1 d4', [1709251200000]],
  [[{ on: 'asc' }, 'id'], 'd2 d1 d3 d4', [0, 2]],
  [[{ nothing: { unmapped_type: 'long' } }, 'id'], 'd1 d2 d3 d4', [2 ** 63, 1]],
]

for (const [sort, order, first] of SORTS) {
  test(`sort ${JSON.stringify(sort)} gives ${order}`, async () => {
    const found = await hits({ sort })
    assert.equal(ids(found), order)
    assert.deepEqual(found[0]?.sort, first)
    assert.equal(found[0]?._score, null)
  })
}

test('pages come by from and size, and by search_after without a limit', async () => {
  assert.equal(ids(await hits({ sort: ['id'], from: 1, size: 2 })), 'd2 d3')
  assert.equal(ids(await hits({ sort: [{ id: 'desc' }], size: 2, search_after: [3] })), 'd2 d1')
  const byPrice = [{ price: 'asc' }, { id: 'asc' }]
  const [last] = (await hits({ sort: byPrice, size: 3 })).slice(-1)
  assert.equal(ids(await hits({ sort: byPrice, search_after: last?.sort })), 'd3')
})

test('totals are counted up to track_total_hits', async () => {
  const total = async (value: unknown) =>
    (await t.send('POST', '/s/_search', { track_total_hits: value, size: 0 })).json.hits.total
  assert.deepEqual(await total(true), { value: 4, relation: 'eq' })
  assert.deepEqual(await total(2), { value: 2, relation: 'gte' })
  assert.equal(await total(false), undefined)
})

const SOURCES: readonly (readonly [unknown, unknown])[] = [
  [false, undefined],
  ['tag', { tag: 'red' }],
  [['id', 'o.*'], { id: 1, o: { x: 1, y: 'a' } }],
  [{ includes: ['o'], excludes: ['o.x'] }, { o: { y: 'a' } }],
  [{ excludes: ['o', 'at', 'on', 'price', 'tag'] }, { id: 1 }],
]

for (const [filter, source] of SOURCES) {
  test(`_source ${JSON.stringify(filter)} shows ${JSON.stringify(source)}`, async () => {
    const [first] = await hits({ _source: filter, sort: ['id'], size: 1 })
    assert.deepEqual(first?._source, source)
  })
}

test('one search goes over lists, patterns, aliases and everything', async () => {
  const found = async (path: string) =>
    ids(await hits({ query: { term: { tag: 'red' } }, sort: ['id'] }, path))
  assert.equal(await found('/s,other/_search'), 'd1 d3 o1')
  assert.equal(await found('/o*/_search'), 'o1')
  assert.equal(await found('/*,-other/_search'), 'd1 d3')
  assert.equal(await found('/shop/_search'), 'd1 d3')
  assert.equal(await found('/_all/_search'), 'd1 d3 o1')
  assert.equal(await found('/_search'), 'd1 d3 o1')
  assert.equal(await found('/none*/_search'), '')
  assert.equal(await found('/none,s/_search?ignore_unavailable=true'), 'd1 d3')
  const missing = await t.send('GET', '/none/_search')
  assert.deepEqual([missing.status, missing.json.error.type], [404, 'index_not_found_exception'])
})

test('everything over several indices is paged across them', async () => {
  assert.deepEqual(
    (await hits({ from: 0, size: 3 }, '/other,s/_search')).map(({ _id }) => _id),
    ['o1', 'd1', 'd2'],
  )
  assert.deepEqual(
    (await hits({ from: 2, size: 9 }, '/other,s/_search')).map(({ _id }) => _id),
    ['d2', 'd3', 'd4'],
  )
})

test('the query string of the address works as in the body', async () => {
  const { json } = await t.send('GET', '/s/_search?q=tag:red&sort=id:desc&size=1&_source=id&version=true')
  assert.deepEqual(json.hits.hits, [
    { _index: 's', _id: 'd3', _version: 1, _score: null, _source: { id: 3 }, sort: [3] },
  ])
})

test('aggregations count and measure', async () => {
  const { json } = await t.send('POST', '/s/_search', {
    size: 0,
    query: { range: { id: { lte: 3 } } },
    aggs: {
      tags: { terms: { field: 'tag.keyword' }, aggs: { dearest: { max: { field: 'price' } } } },
      on: { terms: { field: 'on', order: { _key: 'asc' }, size: 1 } },
      first: { min: { field: 'at' } },
      sum: { sum: { field: 'price' } },
      avg: { avg: { field: 'price' } },
      count: { value_count: { field: 'price' } },
      none: { max: { field: 'nothing' } },
    },
  })
  const { tags, on, ...others } = json.aggregations
  assert.deepEqual(tags.buckets, [
    { key: 'red', doc_count: 2, dearest: { value: 10.5 } },
    { key: 'blue', doc_count: 1, dearest: { value: 20.5 } },
  ])
  assert.deepEqual(on, {
    doc_count_error_upper_bound: 0,
    sum_other_doc_count: 2,
    buckets: [{ key: 0, key_as_string: 'false', doc_count: 1 }],
  })
  assert.deepEqual(others, {
    first: { value: 1704067200000, value_as_string: '2024-01-01T00:00:00.000Z' },
    sum: { value: 31 },
    avg: { value: 15.5 },
    count: { value: 2 },
    none: { value: null },
  })
})

const REFUSED: readonly (readonly [unknown, RegExp])[] = [
  [{ size: 10_001 }, /Result window is too large.*but was \[10001\]/],
  [{ size: -1 }, /\[size\] parameter cannot be negative, found \[-1\]/],
  [{ from: -1 }, /\[from\] parameter cannot be negative/],
  [{ from: 1e300 }, /\[from\]/],
  [{ foo: 1 }, /Unknown key for a VALUE_NUMBER in \[foo\]/],
  [{ highlight: {} }, /\[highlight\] is not supported/],
  [{ sort: 'tag' }, /Fielddata is disabled on \[tag\]/],
  [{ sort: 'nothing' }, /No mapping found for \[nothing\] in order to sort on/],
  [{ sort: [{ id: { foo: 1 } }] }, /\[field_sort\] unknown field \[foo\]/],
  [{ search_after: [1] }, /Sort must contain at least one field/],
  [{ aggs: { a: { percentiles: { field: 'id' } } } }, /Unknown aggregation type \[percentiles\]/],
  [
    { aggs: { a: { max: { field: 'tag.keyword' } } } },
    /Field \[tag.keyword\] of type \[keyword\] is not supported for aggregation \[max\]/,
  ],
  [{ _source: 5 }, /Expected one of/],
  ['[]', /Expected \[START_OBJECT\] but found \[START_ARRAY\]/],
  ['{', /./],
]

for (const [body, reason] of REFUSED) {
  test(`a search of ${JSON.stringify(body)} is refused`, async () => {
    const { status, json } = await t.send('POST', '/s/_search', body)
    assert.equal(status, 400)
    assert.match(json.error.root_cause[0].reason, reason)
  })
}
