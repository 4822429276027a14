import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { runCli } from '../servers/cli.ts'
import { startElasticsearch, type ElasticsearchServer } from '../servers/elasticsearch.ts'
import { startKafka, workersOnKafka } from '../servers/kafka.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { sinkConfig, sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

// By hand: REINDEX_ROWS=500000 REINDEX_KILLS=10 REINDEX_LOG=kafka REINDEX_SEARCH=URL (of another server)
const ROWS = Number(process.env['REINDEX_ROWS'] ?? 2000)
const KILLS = Number(process.env['REINDEX_KILLS'] ?? 1)
const JSON_CONVERTERS = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'false',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
}

let postgres: PostgresServer
let es: Pick<ElasticsearchServer, 'url'>
let worker: WorkerProcess
const servers = new AsyncDisposableStack()
before(async () => {
  const given = process.env['REINDEX_SEARCH']
  const [database, search, kafka] = await Promise.all([
    startPostgres(),
    given === undefined ? startElasticsearch({ version: '8.7.1' }) : null,
    process.env['REINDEX_LOG'] === 'kafka' ? startKafka() : null,
  ])
  servers.defer(() => database.stop())
  servers.use(search)
  servers.use(kafka)
  postgres = database
  es = search ?? { url: given! }
  worker = servers.use(await startWorker(kafka === null ? {} : { env: workersOnKafka(kafka) }))
})
after(() => servers.disposeAsync())

test('a mirror is filled from the log while changes flow, through a kill -9, and swapped without a gap', async () => {
  const name = 'log.public.items'
  await mirror('log', 'items')
  await waitFor('all rows to be documents', async () => (await count(name)) === ROWS, { deadlineMs: 300_000 })
  await using searching = searchAllTheTime(name, 'index')
  await using changing = changeAllTheTime('items')
  const refused = await runCli(['reindex', 'log-sink', '--url', worker.url])
  assert.match(
    refused.stderr,
    /log\.public\.items is an index\. Its name becomes an alias of the new index.*say --delete-old/,
  )
  assert.equal(refused.status, 2)
  await begin('log-sink', 'delete_old=true')
  for (let kill = 0; kill < KILLS; kill++) {
    // In the middle of whatever it is about.
    await delay(kill === 0 ? 150 : Math.random() * 1500)
    await worker.kill()
    await worker.start()
  }
  await waitFor('the new index', async () => (await indexOf(name)) !== name, {
    deadlineMs: 300_000,
    show: whyNot,
  })
  await waitFor('the sink to run', async () => (await worker.states('log-sink')).tasks.join() === 'RUNNING')
  await changing.end()
  assert.match(await indexOf(name), /^log\.public\.items-r\d{14}$/)
  await sameAsTable('items', name)
  await searching.end()
  // Once more: now the name is an alias, and the old index may stay.
  const old = await indexOf(name)
  const { status, stdout } = await runCli(['reindex', 'log-sink', '--json', '--url', worker.url])
  assert.equal(status, 0)
  const { indices } = JSON.parse(stdout) as { indices: { name: string; index: string; old: unknown }[] }
  const documents = await count(name)
  assert.deepEqual(indices, [
    { name, index: await indexOf(name), documents, old: { index: old, documents, deleted: false } },
  ])
  assert.equal(await count(old), documents)
  await postgres.query(`INSERT INTO items (id, name) VALUES (-1, 'after it')`)
  await waitFor('later rows to arrive', async () => (await count(name)) === documents + 1)
})

test('a mirror is filled from a snapshot where the topic has lost its beginning', async () => {
  const name = 'snap.public.goods'
  await mirror('snap', 'goods')
  await waitFor('all rows to be documents', async () => (await count(name)) === ROWS, { deadlineMs: 300_000 })
  await worker.rest('PUT', '/connectors/snap-sink/stop')
  await worker.rest('PUT', '/connectors/snap-source/stop')
  await waitFor('the connectors to stop', async () => {
    const [a, b] = await Promise.all([worker.states('snap-sink'), worker.states('snap-source')])
    return a.connector === 'STOPPED' && b.connector === 'STOPPED'
  })
  // A topic that was made again does not have the rows.
  await worker.rest('DELETE', '/topics/snap.public.goods')
  await worker.rest('PUT', '/connectors/snap-source/topics/reset')
  await worker.rest('PUT', '/connectors/snap-source/resume')
  await worker.rest('PUT', '/connectors/snap-sink/resume')
  await using changing = changeAllTheTime('goods')
  await waitFor('records', async () => (await worker.records('snap.public.goods')) > 0)
  await using searching = searchAllTheTime(name, 'index')
  const few = await runCli(['reindex', 'snap-sink', '--delete-old', '--url', worker.url])
  assert.match(few.stderr, /Nothing was swapped/)
  const other = await runCli(['reindex', 'snap-sink', '--from', 'snapshot', '--url', worker.url])
  assert.match(other.stderr, /from log is half done/)
  assert.equal((await runCli(['reindex', 'snap-sink', '--abort', '--url', worker.url])).status, 0)
  assert.deepEqual(await indicesLike('snap.public.goods-r*'), [])
  const done = await runCli([
    'reindex',
    'snap-sink',
    '--from',
    'snapshot',
    '--delete-old',
    '--url',
    worker.url,
  ])
  assert.equal(done.status, 0, done.stderr)
  await changing.end()
  await sameAsTable('goods', name)
  await searching.end()
})

test('documents of keys without mode=mirror are filled from log and snapshot', async () => {
  const name = 'plain.public.things'
  await table('things')
  await worker.create('plain-source', source('plain', 'things', { transforms: 'unwrap' }))
  await worker.create('plain-sink', {
    ...sinkConfig(es.url, name, {
      'key.ignore': 'false',
      'behavior.on.null.values': 'delete',
      transforms: 'key',
      'transforms.key.type': 'org.apache.kafka.connect.transforms.ExtractField$Key',
      'transforms.key.field': 'id',
    }),
    ...JSON_CONVERTERS,
  })
  await waitFor('all rows to be documents', async () => (await count(name)) === ROWS, { deadlineMs: 300_000 })
  for (const from of ['log', 'snapshot']) {
    await using searching = searchAllTheTime(name, from === 'log' ? 'index' : 'alias')
    await using changing = changeAllTheTime('things')
    const done = await runCli(['reindex', 'plain-sink', '--from', from, '--delete-old', '--url', worker.url])
    assert.equal(done.status, 0, done.stderr)
    await changing.end()
    await sameAsTable('things', name)
    await searching.end()
  }
})

test('what cannot be made anew is refused with the reason', async () => {
  await worker.create('stream-sink', {
    ...sinkConfig(es.url, 'log.public.items', { 'data.stream.type': 'LOGS', 'data.stream.dataset': 'x' }),
    ...JSON_CONVERTERS,
  })
  const stream = await runCli(['reindex', 'stream-sink', '--url', worker.url])
  assert.match(stream.stderr, /The sink writes data streams/)
  const unknown = await runCli(['reindex', 'nobody', '--url', worker.url])
  assert.deepEqual([unknown.status, unknown.stderr], [2, 'tailrace: Connector nobody not found\n'])
  const wrong = await runCli(['reindex', 'log-source', '--url', worker.url])
  assert.match(wrong.stderr, /log-source is not a sink whose indices can be made anew/)
  const never = await runCli(['reindex', 'stream-sink', '--abort', '--url', worker.url])
  assert.equal(never.status, 0)
})

async function mirror(prefix: string, name: string): Promise<void> {
  await table(name)
  await worker.create(`${prefix}-source`, source(prefix, name, { transforms: '' }))
  await worker.create(`${prefix}-sink`, {
    ...sinkConfig(es.url, `${prefix}.public.${name}`, { mode: 'mirror', 'key.ignore': 'false' }),
    ...JSON_CONVERTERS,
  })
}

async function table(name: string): Promise<void> {
  await postgres.query(`CREATE TABLE ${name} (id bigint PRIMARY KEY, name text)`)
  await postgres.query(`INSERT INTO ${name} SELECT i, 'row ' || i FROM generate_series(1, ${ROWS}) i`)
}

function source(prefix: string, name: string, more: Record<string, string>): Record<string, string> {
  return {
    ...sourceConfig(postgres, {
      'topic.prefix': prefix,
      'table.include.list': `public.${name}`,
      'slot.name': `${prefix}_slot`,
      'publication.name': `${prefix}_publication`,
      ...more,
    }),
    ...JSON_CONVERTERS,
  }
}

/** All that can be known of a reindexing that does not come to its end. */
async function whyNot(): Promise<unknown> {
  const paths = ['reindexing', 'status', 'offsets'].map((path) => `/connectors/log-sink/${path}`)
  const answers = await Promise.all(paths.map(async (path) => (await worker.rest('GET', path)).body))
  return [...answers, worker.output.slice(-5000)]
}

async function begin(sink: string, parameters: string): Promise<void> {
  const { status, body } = await worker.rest('POST', `/connectors/${sink}/reindexing?${parameters}`)
  assert.equal(status, 202, JSON.stringify(body))
}

/** Searches all the time: there are never fewer documents than rows that nobody deletes, and no search fails. */
function searchAllTheTime(
  name: string,
  kind: 'index' | 'alias',
): { end(): Promise<void>; [Symbol.asyncDispose](): Promise<void> } {
  const over = new AbortController()
  const least = ROWS - CHANGED
  const loop = (async () => {
    while (!over.signal.aborted) {
      const answer = await fetch(`${es.url}/${name}/_count?q=name:row`)
      const text = await answer.text()
      // The index itself goes, and what was under way in it is to be asked again.
      if (answer.status === 503 && kind === 'index') continue
      assert.equal(answer.status, 200, text)
      assert.ok((JSON.parse(text) as { count: number }).count >= least, text)
    }
  })()
  loop.catch(() => {})
  const end = async (): Promise<void> => {
    over.abort()
    await loop
  }
  return { end, [Symbol.asyncDispose]: () => end().catch(() => {}) }
}

/** Rows that change; their documents may be gone. */
const CHANGED = 200

function changeAllTheTime(table: string): { end(): Promise<void>; [Symbol.asyncDispose](): Promise<void> } {
  const over = new AbortController()
  let seed = 11
  const random = (below: number): number => (seed = (seed * 48_271) % 0x7fffffff) % below
  const loop = (async () => {
    while (!over.signal.aborted) {
      const id = 1 + random(CHANGED)
      const change = [
        `DELETE FROM ${table} WHERE id = ${id}`,
        `INSERT INTO ${table} (id, name) VALUES (${id}, 'row new ${seed}') ON CONFLICT (id) DO UPDATE SET name = 'row again ${seed}'`,
        `UPDATE ${table} SET name = 'row changed ${seed}' WHERE id BETWEEN ${id} AND ${Math.min(CHANGED, id + 3)}`,
      ][random(3)]!
      await postgres.query(change)
    }
  })()
  loop.catch(() => {})
  const end = async (): Promise<void> => {
    over.abort()
    await loop
  }
  return { end, [Symbol.asyncDispose]: () => end().catch(() => {}) }
}

async function sameAsTable(table: string, name: string): Promise<void> {
  const rows = await postgres.query(
    `SELECT id::text, name FROM ${table} ORDER BY ${table}.id LIMIT ${2 * CHANGED}`,
  )
  const [{ sum } = { sum: '' }] = await postgres.query(`SELECT count(*)::text AS sum FROM ${table}`)
  const wanted = rows.map(({ id, name }) => `${String(id)} ${String(name)}`)
  let last: readonly string[] = []
  await waitFor(`${name} to be as ${table}`, async () => {
    await fetch(`${es.url}/${name}/_refresh`, { method: 'POST' })
    const answer = await fetch(`${es.url}/${name}/_search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ size: 2 * CHANGED, sort: ['id'], track_total_hits: true }),
    })
    const { hits } = (await answer.json()) as {
      hits: { total: { value: number }; hits: { _source: { id: number; name: string } }[] }
    }
    last = hits.hits.map(({ _source: { id, name } }) => `${id} ${name}`)
    return hits.total.value === Number(sum) && last.join() === wanted.join()
  }).catch((error: unknown) => {
    assert.deepEqual(last, wanted)
    throw error
  })
}

async function count(name: string): Promise<number> {
  await fetch(`${es.url}/${name}/_refresh`, { method: 'POST' })
  const answer = await fetch(`${es.url}/${name}/_count`)
  return ((await answer.json()) as { count?: number }).count ?? 0
}

/** What a name stands for. */
async function indexOf(name: string): Promise<string> {
  const answer = await fetch(`${es.url}/${name}/_alias`)
  return Object.keys((await answer.json()) as object).join()
}

async function indicesLike(pattern: string): Promise<readonly string[]> {
  const answer = await fetch(`${es.url}/_cat/indices/${pattern}?h=index&format=json`)
  return ((await answer.json()) as { index: string }[]).map(({ index }) => index)
}
