import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { startTestNode, type TestNode } from '../testing/test-node.ts'

let t: TestNode
before(async () => {
  t = await startTestNode()
})
after(async () => {
  await t[Symbol.asyncDispose]()
})

test('gzip is unpacked, and filter_path keeps the answer small', async () => {
  const body = gzipSync('{"index":{"_id":"1"}}\n{"a":1}\n')
  const { json } = await t.send('POST', '/zipped/_bulk?filter_path=errors,items.*.error', body, {
    'content-encoding': 'gzip',
  })
  assert.deepEqual(json, { errors: false })
  const { json: withError } = await t.send('POST', '/zipped/_bulk?filter_path=errors,items.*.error.type', [
    { create: { _id: '1' } },
    {},
  ])
  assert.deepEqual(withError, {
    errors: true,
    items: [{ create: { error: { type: 'version_conflict_engine_exception' } } }],
  })
})

test('a body that is not gzip, or unpacks beyond the bound, is refused', async () => {
  const broken = await t.send('POST', '/zipped/_bulk', Buffer.from('no gzip'), { 'content-encoding': 'gzip' })
  assert.equal(broken.status, 400)
  const bomb = gzipSync(Buffer.alloc(101 * 1024 * 1024, 10))
  assert.equal((await t.send('POST', '/zipped/_bulk', bomb, { 'content-encoding': 'gzip' })).status, 413)
})

const MEDIA_TYPES: readonly (readonly [string, string, number, string])[] = [
  ['application/x-ndjson', '', 200, 'application/json'],
  ['application/json; charset=UTF-8', 'text/html', 200, 'application/json'],
  ['text/plain', '', 406, 'application/json'],
  [
    'application/vnd.elasticsearch+x-ndjson; compatible-with=8',
    'application/vnd.elasticsearch+json; compatible-with=8',
    200,
    'application/vnd.elasticsearch+json;compatible-with=8',
  ],
  ['application/vnd.elasticsearch+json; compatible-with=8', '*/*', 400, 'application/json'],
]

for (const [contentType, accept, status, answered] of MEDIA_TYPES) {
  test(`a body of ${contentType} with accept "${accept}" is answered ${status} as ${answered}`, async () => {
    const headers = { 'content-type': contentType, accept }
    const answer = await t.send('POST', '/media/_bulk', [{ index: { _id: '1' } }, { a: 1 }], headers)
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [status, answered])
  })
}
