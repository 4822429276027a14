import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestNode, type TestAnswer, type TestNode } from '../testing/test-node.ts'

let t: TestNode
before(async () => {
  t = await startTestNode()
  await t.send('POST', '/s/_bulk', documents(25))
})
after(async () => {
  await t[Symbol.asyncDispose]()
})

function documents(count: number): object[] {
  return Array.from({ length: count }, (_, i) => [{ index: { _id: `d${i}` } }, { n: i }]).flat()
}

const idsOf = ({ json }: TestAnswer): string[] => json.hits.hits.map(({ _id }: { _id: string }) => _id)

async function drain(first: TestAnswer): Promise<string[]> {
  const found = idsOf(first)
  for (let page = first; idsOf(page).length > 0; found.push(...idsOf(page))) {
    const body = { scroll: '1m', scroll_id: page.json._scroll_id }
    page = await t.send('POST', '/_search/scroll', body)
    assert.equal(page.status, 200, page.text)
  }
  return found
}

test('pages come one after the other to the end, each document once', async () => {
  const first = await t.send('POST', '/s/_search?scroll=1m', { size: 10, sort: ['_doc'] })
  assert.deepEqual([first.status, first.json.hits.total.value, idsOf(first).length], [200, 25, 10])
  assert.deepEqual(
    await drain(first),
    Array.from({ length: 25 }, (_, i) => `d${i}`),
  )
})

test('what is written meanwhile is not seen, and what is deleted still is', async () => {
  await t.send('POST', '/moving/_bulk', documents(5))
  const first = await t.send('POST', '/moving/_search?scroll=1m', { size: 2, query: { match_all: {} } })
  await t.send('DELETE', '/moving/_doc/d4')
  await t.send('PUT', '/moving/_doc/new', { n: 9 })
  await t.send('PUT', '/moving/_doc/d3', { n: 'changed' })
  const pages = [...(await drain(first))]
  assert.deepEqual(pages.sort(), ['d0', 'd1', 'd2', 'd3', 'd4'])
})

test('queries and orders are those of a search', async () => {
  const body = { size: 2, sort: [{ n: 'desc' }], query: { range: { n: { lt: 5 } } }, _source: false }
  const first = await t.send('POST', '/s/_search?scroll=30s', body)
  assert.deepEqual(await drain(first), ['d4', 'd3', 'd2', 'd1', 'd0'])
  assert.equal(first.json.hits.hits[0]._source, undefined)
})

test('one that was ended, or never was, is not found', async () => {
  const first = await t.send('POST', '/s/_search?scroll=1m', {})
  const body = { scroll_id: first.json._scroll_id }
  const ended = await t.send('DELETE', '/_search/scroll', body)
  assert.deepEqual([ended.status, ended.json], [200, { succeeded: true, num_freed: 1 }])
  for (const [method, more] of [
    ['POST', { scroll: '1m' }],
    ['DELETE', {}],
  ] as const) {
    const { status, json } = await t.send(method, '/_search/scroll', { ...body, ...more })
    assert.equal(status, 404)
    if (method === 'POST') assert.equal(json.error.type, 'search_context_missing_exception')
  }
  await t.send('POST', '/s/_search?scroll=1m', {})
  assert.ok((await t.send('DELETE', '/_search/scroll/_all')).json.num_freed >= 1)
  assert.equal((await t.send('DELETE', '/_search/scroll/_all')).json.num_freed, 0)
})

test('one that nobody asks for any more goes by itself', async () => {
  const first = await t.send('POST', '/s/_search?scroll=1ms', { size: 1 })
  const ask = () => t.send('POST', '/_search/scroll', { scroll_id: first.json._scroll_id })
  // Each page that comes in time is the last but for the time that it was first kept for.
  while ((await ask()).status === 200) continue
  assert.equal((await ask()).json.error.type, 'search_context_missing_exception')
})

const REFUSED: readonly (readonly [path: string, body: object, status: number, words: RegExp])[] = [
  ['/s/_search?scroll=soon', {}, 400, /failed to parse setting \[scroll\]/],
  ['/s/_search?scroll=2h', {}, 400, /too large/],
  ['/s/_search?scroll=1m', { size: 0 }, 400, /\[size\] cannot be \[0\]/],
  ['/s/_search?scroll=1m', { from: 5 }, 400, /using \[from\] is not allowed/],
  ['/s/_search?scroll=1m', { aggs: { a: { max: { field: 'n' } } } }, 400, /aggregations of a scroll/],
  ['/_search/scroll', {}, 400, /scrollId is missing/],
  ['/_search/scroll', { scroll_id: 'x', size: 3 }, 400, /Unknown parameter \[size\]/],
  ['/nothing/_search?scroll=1m', {}, 404, /no such index/],
]

for (const [path, body, expected, words] of REFUSED) {
  test(`${path} with ${JSON.stringify(body)} is refused`, async () => {
    const { status, text } = await t.send('POST', path, body)
    assert.equal(status, expected, text)
    assert.match(text, words)
  })
}

test('there are at most twenty at once', async () => {
  await t.send('DELETE', '/_search/scroll/_all')
  const answers: TestAnswer[] = []
  for (let i = 0; i < 21; i++) answers.push(await t.send('POST', '/s/_search?scroll=1m', {}))
  assert.deepEqual(
    answers.map(({ status }) => status),
    [...Array<number>(20).fill(200), 429],
  )
  assert.equal((await t.send('DELETE', '/_search/scroll/_all')).json.num_freed, 20)
})
