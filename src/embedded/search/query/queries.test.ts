import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestNode, type TestNode } from '../testing/test-node.ts'

const DOCUMENTS: readonly Readonly<Record<string, unknown>>[] = [
  {
    id: 1,
    name: 'Alice Smith',
    tag: 'red',
    n: 1.5,
    d: '2024-01-01',
    b: true,
    o: { x: 1, y: 'deep text' },
    arr: ['one', 'two three'],
  },
  {
    id: 2,
    name: 'Bob Jones',
    tag: 'blue',
    n: 2.5,
    d: '2024-02-01T10:00:00Z',
    b: false,
    o: { x: 2 },
    big: 9007199254740993n,
  },
  {
    id: 3,
    name: 'alice alice cooper',
    tag: 'Red',
    d: '2024-03-01',
    ko: '한국어를 배운다 데이터베이스',
    ja: '東京タワーに行く',
  },
  {
    id: 4,
    name: "Carol O'Neil",
    n: null,
    list: [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ],
    big: 9007199254740992n,
    long: 'x'.repeat(300),
  },
]

let t: TestNode
before(async () => {
  t = await startTestNode()
  const lines = DOCUMENTS.map((document) => {
    const text = JSON.stringify(document, (_key, value: unknown) =>
      typeof value === 'bigint' ? `#${value}` : value,
    )
    return [{ index: { _id: String(document['id']) } }, text.replaceAll(/"#(\d+)"/g, '$1')]
  })
  await t.send('POST', '/q/_bulk', lines.flat())
})
after(async () => {
  await t[Symbol.asyncDispose]()
})

const QUERIES: readonly (readonly [query: Readonly<Record<string, unknown>>, ids: string])[] = [
  [{ match_all: {} }, '1 2 3 4'],
  [{ match_none: {} }, ''],
  [{ match: { name: 'alice' } }, '3 1'],
  [{ match: { name: 'ALICE smith' } }, '1 3'],
  [{ match: { name: { query: 'alice smith', operator: 'and' } } }, '1'],
  [{ match: { name: { query: 'alice bob cooper', minimum_should_match: 2 } } }, '3'],
  [{ match: { name: { query: 'alice bob cooper', minimum_should_match: '-50%' } } }, '3'],
  [{ match: { name: "o'neil" } }, '4'],
  [{ match: { 'o.y': 'text' } }, '1'],
  [{ match: { id: 2 } }, '2'],
  [{ match: { id: '2' } }, '2'],
  [{ match: { 'tag.keyword': 'Red' } }, '3'],
  [{ match: { nofield: 'x' } }, ''],
  [{ match: { ko: '한국어를' } }, '3'],
  [{ match: { ko: '데이터베이스' } }, '3'],
  [{ match: { ko: '한국어' } }, ''],
  [{ prefix: { ko: '한국' } }, '3'],
  [{ match_phrase: { ja: '東京' } }, '3'],
  [{ match_phrase: { ja: '京東' } }, ''],
  [{ match: { ja: 'タワー' } }, '3'],
  [{ match_phrase: { name: 'alice cooper' } }, '3'],
  [{ match_phrase: { name: 'cooper alice' } }, ''],
  [{ match_phrase: { arr: 'one two' } }, ''],
  [{ match_phrase: { arr: 'two three' } }, '1'],
  [{ match_phrase_prefix: { name: 'alice coo' } }, '3'],
  [{ match_bool_prefix: { name: 'smith al' } }, '1 3'],
  [{ multi_match: { query: 'alice red', fields: ['name', 'tag'] } }, '3 1'],
  [{ multi_match: { query: 'alice', fields: ['na*^3'] } }, '3 1'],
  [{ multi_match: { query: 'alice cooper', fields: ['name'], type: 'phrase' } }, '3'],
  [{ multi_match: { query: 'blue' } }, '2'],
  [{ term: { tag: 'red' } }, '1 3'],
  [{ term: { tag: 'Red' } }, ''],
  [{ term: { 'tag.keyword': 'Red' } }, '3'],
  [{ term: { 'tag.keyword': { value: 'RED', case_insensitive: true } } }, '1 3'],
  [{ term: { id: 1.0 } }, '1'],
  [{ term: { id: 1.5 } }, ''],
  [{ term: { n: '2.5' } }, '2'],
  [{ term: { b: true } }, '1'],
  [{ term: { b: 'false' } }, '2'],
  [{ term: { d: '2024-01-01' } }, '1'],
  [{ term: { d: 1704067200000 } }, '1'],
  [{ term: { _id: '4' } }, '4'],
  [{ term: { 'o.x': 2 } }, '2'],
  [{ term: { 'list.a': 2 } }, '4'],
  [{ term: { 'long.keyword': 'x'.repeat(300) } }, ''],
  [{ terms: { id: [1, 3, 99] } }, '1 3'],
  [{ terms: { 'tag.keyword': ['red', 'blue'] } }, '1 2'],
  [{ terms: { id: [] } }, ''],
  [{ terms: { id: Array.from({ length: 2_000 }, (_, i) => i + 3) } }, '3 4'],
  [{ range: { id: { gte: 2, lt: 4 } } }, '2 3'],
  [{ range: { id: { gt: 2.5 } } }, '3 4'],
  [{ range: { id: { from: 2, to: 3, include_upper: false } } }, '2'],
  [{ range: { n: { lte: 1.5 } } }, '1'],
  [{ range: { 'tag.keyword': { gte: 'a' } } }, '1 2'],
  [{ range: { d: { gte: '2024-01-15', lt: 'now' } } }, '2 3'],
  [{ range: { d: { gte: '2024-01-01||+1M/M' } } }, '2 3'],
  [{ range: { d: { lte: '2024-02' } } }, '1 2'],
  [{ range: { d: { gt: '2024-02' } } }, '3'],
  [{ range: { d: { gte: '01/02/2024', format: 'dd/MM/yyyy' } } }, '2 3'],
  [{ range: { d: { gte: '2024-02-01T19:00:00', lte: '2024-02-01T19:00:00', time_zone: '+09:00' } } }, '2'],
  [{ exists: { field: 'n' } }, '1 2'],
  [{ exists: { field: 'o' } }, '1 2'],
  [{ exists: { field: 'li*' } }, '4'],
  [{ exists: { field: 'nofield' } }, ''],
  [{ prefix: { name: 'ali' } }, '1 3'],
  [{ prefix: { 'tag.keyword': 'R' } }, '3'],
  [{ prefix: { 'name.keyword': 'alice alice coo' } }, '3'],
  [{ wildcard: { name: 'a*e' } }, '1 3'],
  [{ wildcard: { 'tag.keyword': '?ed' } }, '1 3'],
  [{ ids: { values: ['4', '1', 'none'] } }, '1 4'],
  [{ bool: { must: [{ match: { name: 'alice' } }], must_not: { term: { id: 3 } } } }, '1'],
  [{ bool: { should: [{ term: { id: 1 } }, { term: { id: 2 } }] } }, '1 2'],
  [{ bool: { should: [{ term: { id: 3 } }], filter: [{ range: { id: { gte: 2 } } }] } }, '3 2 4'],
  [
    {
      bool: {
        should: [{ term: { id: 1 } }, { term: { b: true } }, { term: { id: 2 } }],
        minimum_should_match: 2,
      },
    },
    '1',
  ],
  [{ bool: {} }, '1 2 3 4'],
  [{ bool: { must_not: [{ ids: { values: ['2'] } }] } }, '1 3 4'],
  [{ bool: { filter: [{ ids: { values: ['1', '2'] } }, { term: { b: false } }] } }, '2'],
  [{ constant_score: { filter: { match: { name: 'alice' } }, boost: 2 } }, '1 3'],
  [{ dis_max: { queries: [{ term: { id: 1 } }, { match: { name: 'bob' } }] } }, '2 1'],
  [{ query_string: { query: 'name:alice AND tag:red' } }, '3 1'],
  [{ query_string: { query: 'alice -smith' } }, '3'],
  [{ query_string: { query: 'name:(alice OR bob)' } }, '2 3 1'],
  [{ query_string: { query: 'id:[2 TO 3]' } }, '2 3'],
  [{ query_string: { query: 'id:{2 TO *]' } }, '3 4'],
  [{ query_string: { query: 'id:>=3' } }, '3 4'],
  [{ query_string: { query: '"alice cooper"' } }, '3'],
  [{ query_string: { query: 'ali*' } }, '1 3'],
  [{ query_string: { query: '*' } }, '1 2 3 4'],
  [{ query_string: { query: '_exists_:n' } }, '1 2'],
  [{ query_string: { query: 'al?ce NOT cooper' } }, '1'],
  [{ query_string: { query: 'alice smith', default_operator: 'AND' } }, '1'],
  [{ query_string: { query: "name:o\\'neil" } }, '4'],
]

for (const [query, ids] of QUERIES) {
  test(`${JSON.stringify(query).slice(0, 110)} finds ${ids || 'nothing'}`, async () => {
    const { status, json } = await t.send('POST', '/q/_search', { query, _source: false })
    assert.equal(status, 200, JSON.stringify(json))
    assert.equal(json.hits.hits.map((hit: { _id: string }) => hit._id).join(' '), ids)
    const { json: counted } = await t.send('POST', '/q/_count', { query })
    assert.equal(counted.count, json.hits.total.value, 'counting agrees')
  })
}

test('integers beyond 2^53 are told apart', async () => {
  const { json } = await t.send('POST', '/q/_search', '{"query":{"term":{"big":9007199254740993}}}')
  assert.deepEqual(
    json.hits.hits.map((hit: { _id: string }) => hit._id),
    ['2'],
  )
  const { json: above } = await t.send(
    'POST',
    '/q/_count',
    '{"query":{"range":{"big":{"gt":9007199254740992}}}}',
  )
  assert.equal(above.count, 1)
})

test('scores are those of Elasticsearch', async () => {
  await t.send('POST', '/scores/_bulk', [
    { index: { _id: '1' } },
    { name: 'Alice Smith' },
    { index: { _id: '2' } },
    { name: 'Bob Jones' },
    { index: { _id: '3' } },
    { name: 'alice alice cooper' },
    { index: { _id: '4' } },
    { name: 'Carol' },
  ])
  // Taken from Elasticsearch 8.10.2.
  const { json } = await t.send('GET', '/scores/_search?q=name:alice')
  assert.deepEqual(
    json.hits.hits.map((hit: { _id: string; _score: number }) => [hit._id, hit._score]),
    [
      ['3', 0.8355746],
      // oxlint-disable-next-line oxc/approx-constant -- a score
      ['1', 0.6931471],
    ],
  )
})

const REFUSED: readonly (readonly [query: unknown, type: string, reason: RegExp])[] = [
  [{ fuzzy: { name: 'x' } }, 'parsing_exception', /^unknown query \[fuzzy\]$/],
  [{ bool: { must: [{ foo: {} }] } }, 'parsing_exception', /^unknown query \[foo\]$/],
  [{ bool: { foo: [] } }, 'x_content_parse_exception', /\[bool\] unknown field \[foo\]/],
  [
    { match: { name: { query: 'x', foo: 1 } } },
    'parsing_exception',
    /\[match\] query does not support \[foo\]/,
  ],
  [
    { match: { name: 'x', tag: 'y' } },
    'parsing_exception',
    /doesn't support multiple fields, found \[name\] and \[tag\]/,
  ],
  [{ match: 'x' }, 'parsing_exception', /no start_object after query name/],
  [
    { match: { name: { query: 'x', fuzziness: 'AUTO' } } },
    'parsing_exception',
    /does not support \[fuzziness\]/,
  ],
  [{ term: { tag: ['a'] } }, 'parsing_exception', /does not support array of values/],
  [{ terms: { tag: 'x' } }, 'parsing_exception', /\[terms\] query does not support \[tag\]/],
  [{ term: { id: 'x' } }, 'query_shard_exception', /failed to create query: For input string: "x"/],
  [{ term: { b: 'yes' } }, 'query_shard_exception', /Can't parse boolean value \[yes\]/],
  [{ range: { d: { gte: 'xx' } } }, 'parse_exception', /failed to parse date field \[xx\]/],
  [{ range: { id: { foo: 1 } } }, 'parsing_exception', /\[range\] query does not support \[foo\]/],
  [
    { prefix: { id: '1' } },
    'query_shard_exception',
    /Can only use prefix queries on keyword, text and wildcard fields/,
  ],
  [{ exists: {} }, 'parsing_exception', /must be provided with a \[field\]/],
  [{ query_string: { query: '((' } }, 'query_shard_exception', /Failed to parse query \[\(\(\]/],
  [{}, 'illegal_argument_exception', /query malformed, empty clause/],
  [5, 'parsing_exception', /Unknown key for a VALUE_NUMBER in \[query\]/],
]

for (const [query, type, reason] of REFUSED) {
  test(`${JSON.stringify(query)} is refused with ${type}`, async () => {
    const { status, json } = await t.send('POST', '/q/_search', { query })
    assert.equal(status, 400)
    const [root] = json.error.root_cause
    assert.equal(root.type, type)
    assert.match(root.reason, reason)
  })
}
