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

const WRONG_NAMES: readonly (readonly [name: string, reason: RegExp])[] = [
  ['A', /must be lowercase/],
  ['a b', /must not contain the following characters \['"',' ',/],
  ['a/b', /must not contain the following characters/],
  ['a*', /must not contain the following characters/],
  ['a,b', /must not contain the following characters/],
  ['a|b', /must not contain the following characters/],
  ['a#', /must not contain '#'/],
  ['a:b', /must not contain ':'/],
  ['-a', /must not start with '_', '-', or '\+'/],
  ['_a', /must not start with '_', '-', or '\+'/],
  ['+a', /must not start with '_', '-', or '\+'/],
  ['가'.repeat(86), /index name is too long, \(258 > 255\)/],
]

for (const [name, reason] of WRONG_NAMES) {
  test(`an index cannot be called ${name.slice(0, 8)}, neither by PUT nor by a document`, async () => {
    const { status, json } = await t.send('PUT', `/${encodeURIComponent(name)}`)
    assert.deepEqual([status, json.error.type], [400, 'invalid_index_name_exception'])
    assert.match(json.error.reason, reason)
    const { json: bulk } = await t.send('POST', '/_bulk', [{ index: { _index: name } }, {}])
    assert.deepEqual([bulk.items[0].index.status, bulk.items[0].index.error.reason], [400, json.error.reason])
  })
}

test('an index is made with settings, mappings and aliases, shown, and deleted', async () => {
  const body = {
    settings: { number_of_shards: 2, index: { refresh_interval: '1s' } },
    mappings: { properties: { s: { type: 'text' } } },
    aliases: { first: {} },
  }
  assert.deepEqual((await t.send('PUT', '/made', body)).json, {
    acknowledged: true,
    shards_acknowledged: true,
    index: 'made',
  })
  assert.equal((await t.send('PUT', '/made', body)).json.error.type, 'resource_already_exists_exception')
  assert.equal((await t.send('HEAD', '/made')).status, 200)
  assert.equal((await t.send('HEAD', '/first')).status, 200)
  const { json } = await t.send('GET', '/made')
  assert.deepEqual(json.made.aliases, { first: {} })
  assert.deepEqual(
    [json.made.settings.index.number_of_shards, json.made.settings.index.refresh_interval],
    ['2', '1s'],
  )
  assert.equal((await t.send('DELETE', '/first')).status, 400, 'an alias is not what DELETE deletes')
  assert.equal((await t.send('DELETE', '/made')).status, 200)
  assert.equal((await t.send('HEAD', '/made')).status, 404)
  assert.equal((await t.send('DELETE', '/made')).json.error.type, 'index_not_found_exception')
})

test('patterns delete, everything at once does not', async () => {
  for (const name of ['del-1', 'del-2', 'stays']) await t.send('PUT', `/${name}`)
  for (const path of ['/*', '/_all', '/del-1,*']) assert.equal((await t.send('DELETE', path)).status, 400)
  assert.equal((await t.send('DELETE', '/del-*')).status, 200)
  assert.deepEqual(
    [(await t.send('HEAD', '/del-1')).status, (await t.send('HEAD', '/stays')).status],
    [404, 200],
  )
})

test('an index made again after its deletion is empty', async () => {
  await t.send('PUT', '/again/_doc/1', { a: 'x' })
  await t.send('DELETE', '/again')
  await t.send('PUT', '/again')
  assert.equal((await t.send('GET', '/again/_count?q=x')).json.count, 0)
  assert.deepEqual((await t.send('GET', '/again/_mapping')).json.again.mappings, {})
})

test('settings change, but not what is fixed, nor what nobody knows', async () => {
  await t.send('PUT', '/set')
  assert.equal((await t.send('PUT', '/set/_settings', { 'index.refresh_interval': '5s' })).status, 200)
  const { json } = await t.send('GET', '/set/_settings')
  assert.equal(json.set.settings.index.refresh_interval, '5s')
  assert.match(
    (await t.send('PUT', '/set/_settings', { number_of_shards: 3 })).json.error.reason,
    /Can't update non dynamic/,
  )
  assert.match(
    (await t.send('PUT', '/set/_settings', { foo: 1 })).json.error.reason,
    /unknown setting \[index.foo\]/,
  )
})

test('aliases are added and removed, several at once or none', async () => {
  await t.send('PUT', '/al-1')
  await t.send('PUT', '/al-2')
  const add = (index: string, alias: string) => ({ add: { index, alias } })
  assert.equal(
    (await t.send('POST', '/_aliases', { actions: [add('al-*', 'both'), add('al-1', 'one')] })).status,
    200,
  )
  assert.deepEqual((await t.send('GET', '/_alias/both')).json, {
    'al-1': { aliases: { both: {} } },
    'al-2': { aliases: { both: {} } },
  })
  const half = {
    actions: [{ remove: { index: 'al-1', alias: 'one' } }, { remove: { index: 'al-1', alias: 'none' } }],
  }
  assert.equal((await t.send('POST', '/_aliases', half)).json.error.type, 'aliases_not_found_exception')
  assert.equal((await t.send('HEAD', '/_alias/one')).status, 200, 'nothing of it happened')
  assert.equal(
    (await t.send('PUT', '/both/_doc/1', {})).status,
    400,
    'an alias of two indices cannot be written to',
  )
  assert.equal((await t.send('PUT', '/one/_doc/1', {})).json._index, 'al-1')
  assert.equal((await t.send('PUT', '/both')).json.error.type, 'invalid_index_name_exception')
  assert.equal((await t.send('DELETE', '/al-1/_alias/one')).status, 200)
  assert.deepEqual((await t.send('GET', '/_alias/one')).json, { error: 'alias [one] missing', status: 404 })
})

test('_cat shows tables for people and for programs', async () => {
  await t.send('PUT', '/cat-b/_doc/1', { a: 1 })
  await t.send('PUT', '/cat-a')
  const { text, headers } = await t.send('GET', '/_cat/indices/cat-*?v&h=index,docs.count&s=index:desc')
  assert.equal(text, 'index docs.count\ncat-b          1\ncat-a          0\n')
  assert.equal(headers.get('content-type'), 'text/plain; charset=UTF-8')
  const { json } = await t.send('GET', '/_cat/indices/cat-b?format=json')
  assert.deepEqual([json[0].index, json[0]['docs.count'], json[0].health], ['cat-b', '1', 'green'])
  assert.match((await t.send('GET', '/_cat/health')).text, / tailrace green /)
  assert.equal((await t.send('GET', '/_cat/indices/none')).status, 404)
})

test('health is green, refreshing is allowed and changes nothing', async () => {
  await t.send('PUT', '/green')
  const { json } = await t.send('GET', '/_cluster/health/green?wait_for_status=yellow&timeout=5s')
  assert.deepEqual([json.status, json.timed_out, json.active_primary_shards], ['green', false, 1])
  assert.equal((await t.send('GET', '/_cluster/health/none')).status, 408)
  for (const path of ['/green/_refresh', '/_flush', '/green/_forcemerge']) {
    assert.equal((await t.send('POST', path)).status, 200)
  }
  assert.equal((await t.send('POST', '/none/_refresh')).status, 404)
})
