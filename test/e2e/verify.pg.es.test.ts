import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startElasticsearch, type ElasticsearchServer } from '../servers/elasticsearch.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { runCli } from '../servers/cli.ts'
import { sinkConfig, sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

// By hand: VERIFY_ROWS=1000000 VERIFY_DIFFERENCES=1000
const ROWS = Number(process.env['VERIFY_ROWS'] ?? 6_000)
const DIFFERENCES = Number(process.env['VERIFY_DIFFERENCES'] ?? 60)
const PREFIX = 'shop'
const INDEX = `${PREFIX}.public.items`
const JSON_CONVERTERS = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'key.converter.schemas.enable': 'false',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
}

let postgres: PostgresServer
let es: ElasticsearchServer
let worker: WorkerProcess
before(async () => {
  ;[postgres, es] = await Promise.all([startPostgres(), startElasticsearch({ version: '8.7.1' })])
  worker = await startWorker()
  await postgres.query(
    'CREATE TABLE items (id bigint PRIMARY KEY, name text, price numeric(10,2), at timestamptz)',
  )
  await postgres.query(
    `INSERT INTO items SELECT i, 'item ' || i || ' "quoted" ' || md5(i::text), i / 7.0, now() FROM generate_series(1, ${ROWS}) i`,
  )
  await worker.create('items', {
    ...sourceConfig(postgres, {
      'topic.prefix': PREFIX,
      'table.include.list': 'public.items',
      transforms: '',
    }),
    ...JSON_CONVERTERS,
  })
  await worker.create('mirror', {
    ...sinkConfig(es.url, INDEX, { mode: 'mirror', 'key.ignore': 'false' }),
    ...JSON_CONVERTERS,
  })
  await waitFor('all rows to be documents', async () => (await count()) === ROWS, { deadlineMs: 300_000 })
})
after(async () => {
  await worker?.[Symbol.asyncDispose]()
  await es?.stop()
  await postgres?.stop()
})

async function count(): Promise<number> {
  await fetch(`${es.url}/${INDEX}/_refresh`, { method: 'POST' })
  const answer = await fetch(`${es.url}/${INDEX}/_count`)
  return ((await answer.json()) as { count?: number }).count ?? 0
}

async function bulk(lines: readonly object[]): Promise<void> {
  const answer = await fetch(`${es.url}/${INDEX}/_bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  })
  assert.equal(((await answer.json()) as { errors: boolean }).errors, false)
}

interface Verified {
  readonly state: string
  readonly seconds: number
  readonly result: {
    readonly rows: number
    readonly documents: number
    readonly missing: number
    readonly stale: number
    readonly extra: number
    readonly repaired: number
    readonly unsettled: number
    readonly complete: boolean
    readonly differences: readonly { kind: string; index: string; id: string; repaired: boolean }[]
  }
}

async function verify(...[first, ...more]: string[]): Promise<{ status: number | null; verified: Verified }> {
  const flags =
    first === undefined || first.startsWith('-')
      ? ['mirror', ...(first === undefined ? [] : [first])]
      : [first]
  const { status, stdout, stderr } = await runCli([
    'verify',
    ...flags,
    '--json',
    '--url',
    worker.url,
    ...more,
  ])
  assert.ok(stdout !== '', stderr)
  return { status, verified: JSON.parse(stdout) as Verified }
}

/** Counts alone: `[missing, stale, extra, repaired, unsettled]`. */
function counts({ result }: Verified): readonly number[] {
  return [result.missing, result.stale, result.extra, result.repaired, result.unsettled]
}

test('an index that is as its table has no differences', async () => {
  const { status, verified } = await verify()
  assert.deepEqual(counts(verified), [0, 0, 0, 0, 0])
  assert.deepEqual([status, verified.result.rows, verified.result.documents], [0, ROWS, ROWS])
})

test('missing, stale and extra documents are found, and repaired with versions that later changes are above', async () => {
  const each = Math.floor(DIFFERENCES / 3)
  const step = Math.floor(ROWS / (2 * each))
  const ids = Array.from({ length: each }, (_, i) => 1 + 2 * i * step)
  await bulk([
    ...ids.map((id) => ({ delete: { _id: String(id) } })),
    ...ids.flatMap((id) => [{ update: { _id: String(id + 1) } }, { doc: { name: 'altered' } }]),
    ...ids.flatMap((id) => [
      { index: { _id: String(id + 10 * ROWS) } },
      { id: id + 10 * ROWS, name: 'nobody' },
    ]),
  ])
  const found = await verify()
  assert.deepEqual(counts(found.verified), [each, each, each, 0, 0])
  assert.equal(found.status, 1)
  const listed = new Set(found.verified.result.differences.map(({ kind, id }) => `${kind} ${id}`))
  for (const id of ids) {
    for (const name of [`missing ${id}`, `stale ${id + 1}`, `extra ${id + 10 * ROWS}`]) {
      assert.ok(listed.has(name) || listed.size === 1000, name)
    }
  }
  const repaired = await verify('--repair')
  assert.deepEqual([repaired.status, ...counts(repaired.verified)], [1, each, each, each, 3 * each, 0])
  if (ROWS > 100_000)
    console.log(`found in ${found.verified.seconds} s, repaired in ${repaired.verified.seconds} s`)
  const again = await verify()
  assert.deepEqual([again.status, ...counts(again.verified)], [0, 0, 0, 0, 0, 0])
  // Repaired documents follow their rows.
  await postgres.query(`UPDATE items SET name = 'later' WHERE id IN (${ids.join()})`)
  await postgres.query(
    `INSERT INTO items (id, name) SELECT id + ${10 * ROWS}, 'later' FROM items WHERE id IN (${ids.join()})`,
  )
  await waitFor('the changes to arrive', async () => {
    await fetch(`${es.url}/${INDEX}/_refresh`, { method: 'POST' })
    const answer = await fetch(`${es.url}/${INDEX}/_count?q=name:later`)
    return ((await answer.json()) as { count: number }).count === 2 * each
  })
  assert.deepEqual(counts((await verify()).verified), [0, 0, 0, 0, 0])
})

test('rows that change meanwhile are no differences, and repairs neither undo nor block their changes', async () => {
  const over = new AbortController()
  let seed = 7
  const random = (below: number) => (seed = (seed * 48_271) % 0x7fffffff) % below
  const writer = (async () => {
    while (!over.signal.aborted) {
      const id = 1 + random(200)
      const change = [
        `DELETE FROM items WHERE id = ${id}`,
        `INSERT INTO items (id, name) VALUES (${id}, 'new ${seed}') ON CONFLICT (id) DO UPDATE SET name = 'again ${seed}'`,
        `UPDATE items SET name = 'changed ${seed}' WHERE id BETWEEN ${id} AND ${id + 3}`,
        // A change with a position of before what others commit meanwhile.
        `BEGIN; UPDATE items SET name = 'slow ${seed}' WHERE id = ${id}; SELECT pg_sleep(0.05); COMMIT`,
      ][random(4)]!
      await postgres.query(change)
    }
  })()
  try {
    const seeded = Array.from({ length: 10 }, (_, i) => 1000 + i)
    for (let round = 0; round < 3; round++) {
      await bulk([
        ...seeded.map((id) => ({ delete: { _id: String(id) } })),
        ...seeded.flatMap((id) => [{ index: { _id: String(id + 20 * ROWS) } }, { name: 'nobody' }]),
      ])
      const { verified } = await verify('--repair')
      const { missing, stale, extra, differences } = verified.result
      assert.deepEqual(
        [missing, stale, extra],
        [10, 0, 10],
        JSON.stringify(differences.filter(({ id }) => Number(id) < 1000)),
      )
    }
  } finally {
    over.abort()
    await writer
  }
  const { verified } = await verify()
  assert.deepEqual(counts(verified), [0, 0, 0, 0, 0])
})

test('documents of keys without mode=mirror are compared and repaired, but for what tells of their changes', async () => {
  const index = 'keyed.public.keyed'
  const place = `${es.url}/${index}`
  await postgres.query('CREATE TABLE keyed (id bigint PRIMARY KEY, name text)')
  await postgres.query(`INSERT INTO keyed SELECT i, 'row ' || i FROM generate_series(1, 500) i`)
  await worker.create('keyed-source', {
    ...sourceConfig(postgres, {
      'topic.prefix': 'keyed',
      'table.include.list': 'public.keyed',
      'slot.name': 'keyed',
      'publication.name': 'keyed',
    }),
    ...JSON_CONVERTERS,
  })
  const sink = {
    ...sinkConfig(es.url, index, { 'key.ignore': 'false', transforms: 'key' }),
    'transforms.key.type': 'org.apache.kafka.connect.transforms.ExtractField$Key',
    'transforms.key.field': 'id',
    ...JSON_CONVERTERS,
  }
  await worker.create('keyed-sink', sink)
  const stored = (documents: number, changed: number) => async (): Promise<boolean> => {
    await fetch(`${place}/_refresh`, { method: 'POST' })
    const counts = await Promise.all(
      ['', '?q=name:changed'].map(async (query) => (await fetch(`${place}/_count${query}`)).json()),
    )
    return counts.every((each, i) => (each as { count?: number }).count === [documents, changed][i])
  }
  await waitFor('the documents of the snapshot', stored(500, 0))
  const refused = await runCli(['verify', 'keyed-sink', '--url', worker.url])
  assert.match(
    refused.stderr,
    /The sink does not have behavior\.on\.null\.values=delete, so documents of deleted rows stay/,
  )
  await worker.rest('PUT', '/connectors/keyed-sink/config', { ...sink, 'behavior.on.null.values': 'delete' })
  // Their documents say that they were updated, the snapshot that they were read.
  await postgres.query(`UPDATE keyed SET name = 'changed' WHERE id <= 10`)
  await postgres.query('DELETE FROM keyed WHERE id = 500')
  await waitFor('the documents', stored(499, 10))
  assert.deepEqual(counts((await verify('keyed-sink')).verified), [0, 0, 0, 0, 0])
  for (const [method, path, body] of [
    ['DELETE', '/_doc/1'],
    ['POST', '/_update/2', { doc: { name: 'altered' } }],
    ['PUT', '/_doc/7000', { id: 7000, name: 'nobody' }],
  ] as const) {
    const answer = await fetch(place + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    assert.ok(answer.ok)
  }
  assert.deepEqual(counts((await verify('keyed-sink')).verified), [1, 1, 1, 0, 0])
  assert.deepEqual(counts((await verify('keyed-sink', '--repair')).verified), [1, 1, 1, 3, 0])
  assert.deepEqual(counts((await verify('keyed-sink')).verified), [0, 0, 0, 0, 0])
  // Repaired documents follow their rows.
  await postgres.query(`UPDATE keyed SET name = 'later' WHERE id <= 2`)
  await postgres.query(`INSERT INTO keyed VALUES (7000, 'later')`)
  await waitFor('the changes to arrive', async () => {
    await fetch(`${place}/_refresh`, { method: 'POST' })
    return ((await (await fetch(`${place}/_count?q=name:later`)).json()) as { count: number }).count === 3
  })
})

test('rows are found again whatever their keys are like', async () => {
  await postgres.query(`
    CREATE TABLE pairs (region text, number int, name text, PRIMARY KEY (region, number));
    INSERT INTO pairs SELECT 'a|b\\c', i, 'pair ' || i FROM generate_series(1, 300) i;
    CREATE TABLE days (day date PRIMARY KEY, name text);
    INSERT INTO days SELECT date '2020-01-01' + i, 'day ' || i FROM generate_series(1, 300) i;
    CREATE TABLE texts (key text PRIMARY KEY, name text);
    INSERT INTO texts SELECT 'key ' || i, 'row ' || i FROM generate_series(1, 300) i`)
  // Ids that are not the texts of their keys: Struct{key=key 1}
  const converters = {
    ...JSON_CONVERTERS,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  }
  for (const [name, tables, own] of [
    ['keys', ['pairs', 'days'], JSON_CONVERTERS],
    ['strings', ['texts'], converters],
  ] as const) {
    await worker.create(name, {
      ...sourceConfig(postgres, {
        'topic.prefix': 'keys',
        'table.include.list': tables.map((table) => `public.${table}`).join(),
        'slot.name': name,
        'publication.name': name,
        transforms: '',
      }),
      ...own,
    })
  }
  for (const table of ['pairs', 'days', 'texts'] as const) {
    const index = `keys.public.${table}`
    const place = `${es.url}/${index}`
    const sink = `sink-of-${table}`
    await worker.create(sink, {
      ...sinkConfig(es.url, index, { mode: 'mirror', 'key.ignore': 'false' }),
      ...(table === 'texts' ? converters : JSON_CONVERTERS),
    })
    await waitFor(`the documents of ${table}`, async () => {
      await fetch(`${place}/_refresh`, { method: 'POST' })
      return ((await (await fetch(`${place}/_count`)).json()) as { count?: number }).count === 300
    })
    const found = (await (await fetch(`${place}/_search?size=2`)).json()) as {
      hits: { hits: { _id: string; _source: object }[] }
    }
    const [gone, altered] = found.hits.hits
    assert.match(
      gone!._id,
      { pairs: /^a\\\|b\\\\c\|\d+$/, days: /^\d+$/, texts: /^Struct\{key=key \d+\}$/ }[table],
    )
    for (const [method, path, body] of [
      ['DELETE', gone!._id, null],
      ['PUT', altered!._id, { ...altered!._source, name: 'altered' }],
      ['PUT', 'nobody', { name: 'nobody' }],
    ] as const) {
      const answer = await fetch(`${place}/_doc/${encodeURIComponent(path)}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body !== null && { body: JSON.stringify(body) }),
      })
      assert.ok(answer.ok)
    }
    assert.deepEqual(counts((await verify(sink, '--repair')).verified), [1, 1, 1, 3, 0], table)
    assert.deepEqual(counts((await verify(sink)).verified), [0, 0, 0, 0, 0], table)
  }
})

test('what cannot be compared is refused with the reason, and exit status 2', async () => {
  await worker.create('plain', { ...sinkConfig(es.url, INDEX), ...JSON_CONVERTERS })
  const { status, stderr } = await runCli(['verify', 'plain', '--url', worker.url])
  assert.match(
    stderr,
    /key\.ignore=true for topic .*: verify compares rows with the documents of a sink with mode=mirror/,
  )
  assert.equal(status, 2)
  const unknown = await runCli(['verify', 'nobody', '--url', worker.url])
  assert.deepEqual([unknown.status, unknown.stderr], [2, 'tailrace: Connector nobody not found\n'])
  const source = await runCli(['verify', 'items', '--url', worker.url])
  assert.match(source.stderr, /items is not a sink whose documents can be compared with rows/)
})
