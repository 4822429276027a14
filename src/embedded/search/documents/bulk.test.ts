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

interface ItemResult {
  readonly status: number
  readonly result?: string
  readonly _version?: number
  readonly error?: { readonly type: string }
}

/** `index 201 created v1`, or `create 409 version_conflict_engine_exception`. */
async function bulk(index: string, lines: readonly unknown[]): Promise<string[]> {
  const { status, json } = await t.send('POST', `/${index}/_bulk`, lines)
  assert.equal(status, 200, JSON.stringify(json))
  return json.items.map((item: Readonly<Record<string, ItemResult>>) => {
    const [[action, result] = []] = Object.entries(item)
    const { status: code, error, result: done, _version: version } = result!
    return error === undefined ? `${action} ${code} ${done} v${version}` : `${action} ${code} ${error.type}`
  })
}

test('each item of a bulk is answered for itself, in order', async () => {
  const results = await bulk('mixed', [
    { index: { _id: '1' } },
    { n: 1, s: 'x' },
    { create: { _id: '1' } },
    { n: 2 },
    { update: { _id: '1' } },
    { doc: { n: 3 } },
    { update: { _id: '1' } },
    { doc: { n: 3 } },
    { update: { _id: 'none' } },
    { doc: { n: 3 } },
    { update: { _id: 'up' } },
    { doc: { n: 3 }, doc_as_upsert: true },
    { update: { _id: 'ins' } },
    { doc: { n: 3 }, upsert: { n: 4 } },
    { update: { _id: '1' } },
    { script: { source: 'ctx._source.n = 1' } },
    { delete: { _id: 'none' } },
    { delete: { _id: 'up' } },
    { index: { _id: 'bad' } },
    { n: 'abc' },
    { index: { _index: 'BAD', _id: 'x' } },
    { n: 1 },
    { index: { _id: 'broken' } },
    '{"n":',
    { index: { _id: 'list' } },
    '[1]',
    { index: {} },
    { n: 5 },
  ])
  assert.deepEqual(results, [
    'index 201 created v1',
    'create 409 version_conflict_engine_exception',
    'update 200 updated v2',
    'update 200 noop v2',
    'update 404 document_missing_exception',
    'update 201 created v1',
    'update 201 created v1',
    'update 400 illegal_argument_exception',
    'delete 404 not_found v1',
    'delete 200 deleted v2',
    'index 400 document_parsing_exception',
    'index 400 invalid_index_name_exception',
    'index 400 document_parsing_exception',
    'index 400 document_parsing_exception',
    'index 201 created v1',
  ])
  assert.equal((await t.send('GET', '/mixed/_doc/ins')).json._source.n, 4)
})

test('the answer has the fields of Elasticsearch', async () => {
  const { json } = await t.send('POST', '/shape/_bulk?refresh=true', [
    { create: { _id: 'a' } },
    { n: 1 },
    { create: { _id: 'a' } },
    { n: 1 },
    { index: { _id: 'b' } },
    { n: 'x' },
  ])
  const [created, conflict, unfit] = json.items
  const { index_uuid: uuid } = conflict.create.error
  assert.deepEqual(created.create, {
    _index: 'shape',
    _id: 'a',
    _version: 1,
    result: 'created',
    forced_refresh: true,
    _shards: { total: 2, successful: 1, failed: 0 },
    _seq_no: 0,
    _primary_term: 1,
    status: 201,
  })
  assert.deepEqual(conflict.create, {
    _index: 'shape',
    _id: 'a',
    status: 409,
    error: {
      type: 'version_conflict_engine_exception',
      reason: '[a]: version conflict, document already exists (current version [1])',
      index_uuid: uuid,
      shard: '0',
      index: 'shape',
    },
  })
  assert.deepEqual(unfit.index.error, {
    type: 'document_parsing_exception',
    reason:
      "[1:6] failed to parse field [n] of type [long] in document with id 'b'. Preview of field's value: 'x'",
    caused_by: { type: 'illegal_argument_exception', reason: 'For input string: "x"' },
  })
})

test('external versions only move forward, over deletions too', async () => {
  const put = (version: number, type = 'external') => [
    { index: { _id: 'v', version, version_type: type } },
    { version },
  ]
  const results = await bulk('versions', [
    ...put(5),
    ...put(5),
    ...put(5, 'external_gte'),
    ...put(4, 'external_gte'),
    { delete: { _id: 'v', version: 4, version_type: 'external' } },
    { delete: { _id: 'v', version: 9, version_type: 'external' } },
    ...put(8),
    ...put(10),
    { delete: { _id: 'never', version: 3, version_type: 'external' } },
  ])
  const conflict = 'version_conflict_engine_exception'
  assert.deepEqual(results, [
    'index 201 created v5',
    `index 409 ${conflict}`,
    'index 200 updated v5',
    `index 409 ${conflict}`,
    `delete 409 ${conflict}`,
    'delete 200 deleted v9',
    `index 409 ${conflict}`,
    'index 201 created v10',
    'delete 404 not_found v3',
  ])
})

test('a version beyond 2^53 stays exact', async () => {
  const line = (version: string) => [
    `{"index":{"_id":"big","version":${version},"version_type":"external"}}`,
    '{}',
  ]
  const { text } = await t.send('POST', '/versions/_bulk', [
    ...line('9223372036854775806'),
    ...line('9223372036854775807'),
  ])
  assert.match(text, /"_version":9223372036854775806/)
  assert.match(text, /"_version":9223372036854775807,"result":"updated"/)
  assert.match((await t.send('GET', '/versions/_doc/big')).text, /"_version":9223372036854775807/)
})

test('a sequence number as a condition must be the present one', async () => {
  const { json } = await t.send('PUT', '/conditions/_doc/1', { a: 1 })
  const path = (seqNo: number) => `/conditions/_doc/1?if_seq_no=${seqNo}&if_primary_term=1`
  assert.equal((await t.send('PUT', path(json._seq_no), { a: 2 })).status, 200)
  const stale = await t.send('PUT', path(json._seq_no), { a: 3 })
  assert.equal(stale.status, 409)
  assert.match(
    stale.json.error.reason,
    /required seqNo \[0\], primary term \[1\]. current document has seqNo \[1\]/,
  )
})

const REFUSED: readonly (readonly [string, unknown, string, RegExp])[] = [
  [
    'no newline at the end',
    '{"index":{}}\n{}',
    'illegal_argument_exception',
    /must be terminated by a newline/,
  ],
  ['no operation', '\n', 'action_request_validation_exception', /no requests added/],
  [
    'an unknown action',
    [{ upsert: {} }, {}],
    'illegal_argument_exception',
    /line \[1\], expected field \[create\].* found \[upsert\]/,
  ],
  [
    'an unknown parameter',
    [{ index: { _type: '_doc' } }, {}],
    'illegal_argument_exception',
    /unknown parameter \[_type\]/,
  ],
  [
    'an action that is a list',
    ['[]', {}],
    'illegal_argument_exception',
    /expected START_OBJECT but found \[START_ARRAY\]/,
  ],
  [
    'an internal version',
    [{ index: { _id: '1', version: 3 } }, {}],
    'action_request_validation_exception',
    /internal versioning can not be used/,
  ],
  [
    'a create with a version',
    [{ create: { _id: '1', version: 3, version_type: 'external' } }, {}],
    'action_request_validation_exception',
    /use index instead/,
  ],
  [
    'an update with a version',
    [{ update: { _id: '1', version: 3, version_type: 'external' } }, { doc: {} }],
    'illegal_argument_exception',
    /do not support versioning/,
  ],
  [
    'an update of nothing',
    [{ update: { _id: '1' } }, {}],
    'action_request_validation_exception',
    /script or doc is missing/,
  ],
  [
    'an update without an id',
    [{ update: {} }, { doc: {} }],
    'action_request_validation_exception',
    /id is missing/,
  ],
  [
    'an id of 513 bytes',
    [{ index: { _id: 'x'.repeat(513) } }, {}],
    'action_request_validation_exception',
    /no longer than 512 bytes but was: 513/,
  ],
]

for (const [what, body, type, reason] of REFUSED) {
  test(`${what} refuses the whole bulk`, async () => {
    const { status, json } = await t.send('POST', '/refused/_bulk', body)
    assert.deepEqual([status, json.error.type], [400, type])
    assert.match(json.error.reason, reason)
    assert.equal((await t.send('HEAD', '/refused')).status, 404)
  })
}

test('without an index in action or path a bulk is refused', async () => {
  const { json } = await t.send('POST', '/_bulk', [{ index: { _id: '1' } }, {}])
  assert.match(json.error.reason, /index is missing/)
})

test('an unknown parameter is refused before anything is written', async () => {
  const { status, json } = await t.send('POST', '/unknown/_bulk?refesh=true', [{ index: {} }, {}])
  assert.equal(status, 400)
  assert.equal(json.error.reason, 'request [/unknown/_bulk] contains unrecognized parameter: [refesh]')
  assert.equal((await t.send('HEAD', '/unknown')).status, 404)
})

test('the count of index operations is exact', async () => {
  const lines = Array.from({ length: 300 }, (_, i) => [{ index: { _id: String(i % 200) } }, { i }]).flat()
  await t.send('POST', '/counted/_bulk', [
    ...lines,
    { index: {} },
    { i: 'no number' },
    { delete: { _id: '0' } },
  ])
  const { json } = await t.send('GET', '/counted/_stats/indexing')
  const { index_total: total, index_failed: failed, delete_total: deleted } = json._all.primaries.indexing
  assert.deepEqual([total, failed, deleted], [300, 1, 1])
  assert.equal((await t.send('GET', '/counted/_count')).json.count, 199)
})
