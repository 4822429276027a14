import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import fc from '../../../test/properties.ts'
import { startTestNode, type TestNode } from './testing/test-node.ts'

let t: TestNode
before(async () => {
  t = await startTestNode()
  await t.send('PUT', '/h/_doc/1', { text: 'one two', tag: 'plain', n: 1 })
})
after(async () => {
  await t[Symbol.asyncDispose]()
})

/** What means something to FTS5, to SQL, to Lucene's syntax, or to nobody. */
const HOSTILE = [
  '"',
  '""',
  "'",
  "';DROP TABLE documents_1;--",
  '" OR terms:*',
  'one" AND "two',
  'one NEAR two',
  'NEAR(one two)',
  '*',
  '^one',
  '-one',
  'terms : one',
  '{terms}: one',
  'one + two',
  '(one',
  ')',
  '\\',
  '\\"',
  '%',
  '%00',
  '_',
  '\0',
  'one\0two',
  '\u{1f600}',
  '\ud800',
  'ａｂ',
  'ßẞİΣ',
  '\u202e',
  ' ',
  '\n',
  'x'.repeat(100_000),
  '"'.repeat(1_000),
  '__proto__',
  'constructor',
  '0',
  '-0',
  'NaN',
  'null',
  '/re/',
  'a~2',
]

const LEAVES = [
  'match',
  'match_phrase',
  'match_phrase_prefix',
  'match_bool_prefix',
  'term',
  'prefix',
  'wildcard',
] as const

for (const [position, text] of HOSTILE.entries()) {
  test(`hostile text ${position} is searched for, not understood: ${JSON.stringify(text.slice(0, 24))}`, async () => {
    for (const kind of LEAVES) {
      for (const field of ['text', 'tag.keyword', text.slice(0, 200)]) {
        const { status, json } = await t.send('POST', '/h/_search', { query: { [kind]: { [field]: text } } })
        assert.equal(status, 200, `${kind} ${field}: ${JSON.stringify(json)}`)
      }
    }
    const any = await t.send('POST', '/h/_search', { query: { query_string: { query: text } } })
    assert.ok(
      any.status === 200 || any.json.error.root_cause[0].reason.startsWith('Failed to parse query'),
      any.text,
    )
    const put = await t.send('PUT', '/h/_doc/hostile', { text, tag: text })
    assert.ok(put.status < 300, put.text)
    const { json: found } = await t.send('POST', '/h/_search', {
      query: { term: { 'tag.keyword': text } },
      _source: ['tag'],
    })
    if (text.length <= 256) {
      assert.deepEqual(
        found.hits.hits.map((hit: { _id: string }) => hit._id),
        ['hostile'],
      )
      assert.equal(found.hits.hits[0]._source.tag, text)
    }
    const byId = `/h/_doc/${encodeURIComponent(text.toWellFormed().slice(0, 100))}`
    assert.ok([200, 201, 400, 405].includes((await t.send('PUT', byId, { n: 2 })).status))
  })
}

test('any value of a keyword is found by itself and by its start, and by nothing else', async () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), {
    minLength: 1,
    maxLength: 40,
  })
  await fc.assert(
    fc.asyncProperty(texts, async (values) => {
      await t.send('DELETE', '/any')
      await t.send('PUT', '/any', { mappings: { properties: { k: { type: 'keyword' } } } })
      await t.send(
        'POST',
        '/any/_bulk',
        values.flatMap((k, i) => [{ index: { _id: String(i) } }, { k }]),
      )
      const found = async (query: unknown): Promise<string[]> => {
        const { json } = await t.send('POST', '/any/_search', { query, size: 100, sort: ['_doc'] })
        return json.hits.hits.map((hit: { _id: string }) => hit._id)
      }
      const having = (fits: (value: string) => boolean): string[] =>
        values.flatMap((value, i) => (fits(value) ? [String(i)] : []))
      for (const value of values.slice(0, 5)) {
        assert.deepEqual(
          await found({ term: { k: value } }),
          having((each) => each === value),
        )
        const start = Array.from(value).slice(0, 13).join('')
        assert.deepEqual(
          await found({ prefix: { k: start } }),
          having((each) => each.startsWith(start)),
        )
      }
    }),
    { numRuns: 15 },
  )
})

function nested(depth: number): unknown {
  let query: unknown = { match_all: {} }
  for (let i = 0; i < depth; i++)
    query = { bool: { should: [query, { term: { n: i } }], must: [{ match: { text: 'one' } }] } }
  return query
}

test('queries nest 30 deep, no deeper, whatever the number of brackets', async () => {
  assert.equal((await t.send('POST', '/h/_count', { query: nested(30) })).status, 200)
  const { status, json } = await t.send('POST', '/h/_count', { query: nested(31) })
  assert.equal(status, 400)
  assert.match(json.error.reason, /nested depth of the query exceeds the maximum/)
  const brackets = `{"query":${'{"bool":{"must":'.repeat(50_000)}{}${'}}'.repeat(50_000)}}`
  assert.equal((await t.send('POST', '/h/_search', brackets)).status, 400)
  const groups = `${'('.repeat(100)}one${')'.repeat(100)}`
  assert.equal(
    (await t.send('POST', '/h/_search', { query: { query_string: { query: groups } } })).status,
    400,
  )
})

test('a thousand clauses are allowed, more are refused', async () => {
  const should = (count: number) => ({
    query: { bool: { should: Array.from({ length: count }, (_, i) => ({ term: { n: i } })) } },
  })
  assert.equal((await t.send('POST', '/h/_count', should(1_024))).status, 200)
  assert.equal((await t.send('POST', '/h/_count', should(1_025))).json.error.type, 'too_many_clauses')
})

test('documents nest as deep as mappings allow; where nothing is mapped, a thousand levels', async () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  assert.equal((await t.send('PUT', '/deep/_doc/1', deep(20))).status, 201)
  assert.match(
    (await t.send('PUT', '/deeper/_doc/1', deep(22))).json.error.reason,
    /Limit of mapping depth \[20\]/,
  )
  assert.equal((await t.send('PUT', '/deep/_doc/1', deep(100_000))).status, 400)
  const lists = (levels: number) => `{"l":${'['.repeat(levels)}1${']'.repeat(levels)}}`
  assert.equal((await t.send('PUT', '/deep/_doc/1', lists(900))).status, 200)
  assert.equal((await t.send('GET', '/deep/_doc/1?pretty&_source_includes=l')).status, 200)
  assert.equal((await t.send('POST', '/deep/_count', { query: { term: { l: 1 } } })).json.count, 1)
  assert.equal((await t.send('PUT', '/deep/_doc/1', lists(100_000))).status, 400)
  assert.equal((await t.send('POST', '/deep/_update/1', `{"doc":${lists(100_000)}}`)).status, 400)
})

test('keys that are names of JavaScript are keys like any other', async () => {
  const source = '{"__proto__":{"polluted":true},"constructor":"c","toString":"t","hasOwnProperty":1}'
  assert.equal((await t.send('PUT', '/proto/_doc/1', source)).status, 201)
  assert.equal((await t.send('POST', '/proto/_update/1', '{"doc":{"__proto__":{"more":1}}}')).status, 200)
  const { text } = await t.send('GET', '/proto/_doc/1')
  assert.ok(text.includes('"__proto__":{"polluted":true,"more":1}'), text)
  for (const [field, value] of [
    ['__proto__.polluted', true],
    ['constructor.keyword', 'c'],
    ['hasOwnProperty', 1],
  ] as const) {
    assert.equal(
      (await t.send('POST', '/proto/_count', { query: { term: { [field]: value } } })).json.count,
      1,
      field,
    )
  }
  assert.equal((await t.send('POST', '/h/_count', { query: { exists: { field: 'valueOf' } } })).json.count, 0)
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('a source whose keys are data does not blow up the mapping', async () => {
  const source = Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`k${i}`, 1]))
  const { status, json } = await t.send('PUT', '/wide/_doc/1', source)
  assert.equal(status, 400)
  assert.match(json.error.reason, /Limit of total fields \[1000\] has been exceeded/)
})

test('wildcards take no longer than their length times that of the text', async () => {
  await t.send('PUT', '/slow/_doc/1', { k: 'a'.repeat(250) })
  const startMs = performance.now()
  const pattern = `${'*a'.repeat(120)}b`
  assert.equal(
    (await t.send('POST', '/slow/_count', { query: { wildcard: { 'k.keyword': pattern } } })).json.count,
    0,
  )
  assert.equal((await t.send('GET', `/${'*a'.repeat(60)}b/_count`)).json.count, 0)
  assert.ok(performance.now() - startMs < 60_000)
})

test('bytes that are not UTF-8 are refused', async () => {
  const body = Buffer.concat([Buffer.from('{"index":{}}\n{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n')])
  assert.equal((await t.send('POST', '/utf/_bulk', body)).status, 400)
})

test('a body that announces more than the bound is refused without being read', async () => {
  const options = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 200 * 1024 * 1024 },
  }
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(`${t.node.url}/h/_bulk`, options, (response) => resolve(response.statusCode))
    sent.on('error', reject)
    sent.write('{')
  })
  assert.equal(status, 413)
})

test('a search whose client goes away ends, and the node closes while others run', async () => {
  const lines = Array.from({ length: 5_000 }, (_, i) => [
    { index: {} },
    { i, text: 'some words to look at' },
  ]).flat()
  await t.send('POST', '/long/_bulk', lines)
  const search = () =>
    t.send('POST', '/long/_search', { sort: [{ i: 'desc' }], query: { match: { text: 'words' } } })
  const gone = new AbortController()
  const lost = fetch(`${t.node.url}/long/_search?sort=i`, { signal: gone.signal })
  gone.abort()
  await assert.rejects(lost)
  assert.equal((await search()).json.hits.hits[0]._source.i, 4_999)
  const running = Array.from({ length: 8 }, async () => await search())
  await t.restart()
  await Promise.allSettled(running)
  assert.equal((await t.send('GET', '/long/_count')).json.count, 5_000)
})

test('writes go on while a search reads its snapshot', async () => {
  const search = t.send('POST', '/long/_search', { sort: [{ i: 'asc' }], track_total_hits: true })
  const writes = Array.from(
    { length: 5 },
    async (_, i) => await t.send('PUT', `/long/_doc/new-${i}`, { i: -1 - i }),
  )
  for (const { status } of await Promise.all(writes)) assert.equal(status, 201)
  assert.ok([5_000, 5_001, 5_002, 5_003, 5_004, 5_005].includes((await search).json.hits.total.value))
  assert.equal(
    (await t.send('POST', '/long/_search', { sort: [{ i: 'asc' }], size: 1 })).json.hits.hits[0]._source.i,
    -5,
  )
})
