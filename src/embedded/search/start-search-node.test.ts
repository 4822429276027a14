import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { startSearchNode } from './start-search-node.ts'
import { sender, startTestNode } from './testing/test-node.ts'

test('the root says that this is not Elasticsearch, in the form that clients of Elasticsearch expect', async () => {
  await using t = await startTestNode()
  const { status, json, headers } = await t.send('GET', '/')
  assert.equal(status, 200)
  assert.equal(headers.get('x-elastic-product'), 'Elasticsearch')
  assert.equal(json.version.number, '8.10.2')
  assert.equal(json.tagline, 'You Know, for Search')
  assert.match(json.note, /embedded search node.*not for production/)
  const head = await t.send('HEAD', '/')
  assert.deepEqual([head.status, head.text], [200, ''])
})

test('documents, versions, mappings, counters and aliases outlive a restart', async () => {
  await using t = await startTestNode()
  await t.send('PUT', '/people', { settings: { number_of_replicas: 0 }, aliases: { everyone: {} } })
  await t.send('PUT', '/people/_doc/a', { name: 'Ada', born: '1815-12-10' })
  await t.send('PUT', '/people/_doc/a', { name: 'Ada Lovelace', born: '1815-12-10' })
  await t.send('DELETE', '/people/_doc/gone?version=7&version_type=external')
  await t.restart()
  const { json } = await t.send('GET', '/everyone/_doc/a')
  assert.deepEqual([json._version, json._seq_no, json._source.name], [2, 1, 'Ada Lovelace'])
  const { json: index } = await t.send('GET', '/people')
  assert.equal(index.people.mappings.properties.born.type, 'date')
  assert.equal(index.people.settings.index.number_of_replicas, '0')
  const { json: stats } = await t.send('GET', '/people/_stats/indexing')
  assert.equal(stats._all.primaries.indexing.index_total, 2)
  const { json: found } = await t.send('POST', '/people/_search', { query: { match: { name: 'lovelace' } } })
  assert.equal(found.hits.total.value, 1)
  const late = await t.send('PUT', '/people/_doc/gone?version=6&version_type=external', { name: 'late' })
  assert.equal(late.status, 409, 'a deletion is remembered, too')
})

test('a port that is taken rejects with EADDRINUSE and leaves the directory free', async () => {
  await using t = await startTestNode()
  await using other = await startTestNode()
  await other.node.close()
  const options = { dataDir: other.dataDir, port: t.node.port }
  await assert.rejects(startSearchNode(options), { code: 'EADDRINUSE' })
  await other.restart()
})

test('a second node on the same directory is refused', async () => {
  await using t = await startTestNode()
  await assert.rejects(startSearchNode({ dataDir: t.dataDir, port: 0 }), /in use by another search node/)
})

test('closing twice is closing once', async () => {
  await using t = await startTestNode()
  await Promise.all([t.node.close(), t.node.close()])
  await assert.rejects(fetch(t.node.url))
})

const module = new URL('start-search-node.ts', import.meta.url).href

test('the node works in a worker thread', async () => {
  await using t = await startTestNode()
  await t.node.close()
  const code = `
    import { parentPort } from 'node:worker_threads'
    import { startSearchNode } from ${JSON.stringify(module)}
    const node = await startSearchNode({ dataDir: ${JSON.stringify(t.dataDir)}, port: 0 })
    parentPort.postMessage(node.url)
    parentPort.once('message', () => node.close().then(() => parentPort.close()))`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`))
  const [url] = (await once(worker, 'message')) as [string]
  const send = sender(() => url)
  await send('PUT', '/t/_doc/1', { a: 1 })
  assert.equal((await send('GET', '/t/_count')).json.count, 1)
  worker.postMessage('close', [])
  assert.deepEqual(await once(worker, 'exit'), [0])
})

test('kill -9 loses nothing that was acknowledged', async () => {
  await using t = await startTestNode()
  await t.node.close()
  const code = `
    import { startSearchNode } from ${JSON.stringify(module)}
    const node = await startSearchNode({ dataDir: ${JSON.stringify(t.dataDir)}, port: 0 })
    process.stdout.write(node.url + '\\n')`
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const send = sender(() => line.toString().trim())
  let acknowledged = 0
  const bulks = Array.from({ length: 100 }, (_, bulk) => bulk).map(async (bulk) => {
    const lines = Array.from({ length: 50 }, (_, i) => [
      { index: { _id: `${bulk}-${i}` } },
      { bulk, i },
    ]).flat()
    const { json } = await send('POST', '/t/_bulk', lines)
    assert.equal(json.errors, false)
    acknowledged += 50
    if (acknowledged >= 1_000) child.kill('SIGKILL')
  })
  await Promise.allSettled(bulks)
  await t.restart()
  const { json } = await t.send('GET', '/t/_count')
  assert.ok(json.count >= acknowledged && acknowledged >= 1_000, `${json.count} of ${acknowledged}`)
  assert.equal(json.count % 50, 0, 'a bulk is there as a whole or not at all')
  const { json: found } = await t.send('POST', '/t/_count', { query: { term: { i: 49 } } })
  assert.equal(found.count, json.count / 50, 'and the full-text index agrees')
})
