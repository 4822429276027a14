import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../../../test/servers/postgres.ts'
import { waitFor } from '../../../../test/wait-for.ts'
import type { Struct } from '../../../api/struct.ts'
import { type SeenChange, TaskDriver } from '../../testing/task-driver.ts'
import { changesOf, TaskScene } from '../../testing/task-scene.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres({ settings: { max_replication_slots: '50', max_wal_senders: '50' } })
})

after(() => server.stop())

const SIGNALS = 'create table signals(id varchar(64) primary key, type varchar(64) not null, data text)'
const CONFIG = {
  'snapshot.mode': 'no_data',
  'signal.data.collection': 'public.signals',
  'incremental.snapshot.chunk.size': '2',
}

function execute(tables: readonly string[], more: object = {}): string {
  const data = JSON.stringify({ 'data-collections': tables, ...more })
  return `insert into signals values (gen_random_uuid(), 'execute-snapshot', '${data.replaceAll("'", "''")}')`
}

interface Row {
  readonly id: number
  readonly v: number
}

/** The table as its topic tells it. */
function rebuilt(changes: readonly SeenChange[]): readonly Row[] {
  const rows = new Map<number, Row>()
  for (const { topic, key, after } of changes) {
    if (topic !== 'p.public.t') continue
    const id = key!['id'] as number
    if (after === null) rows.delete(id)
    else rows.set(id, { id, v: after['v'] as number })
  }
  return [...rows.values()].toSorted((a, b) => a.id - b.id)
}

async function tableOf(scene: TaskScene): Promise<unknown> {
  return scene.sql('select id, v from t order by id')
}

/** Waits for the end of every incremental snapshot of a run. */
async function ended(driver: TaskDriver): Promise<void> {
  await waitFor('the end of the incremental snapshot', () => {
    if (driver.failure !== null) throw driver.failure
    const last = driver.offsets.at(-1)
    return (
      ['incremental snapshot completed', 'incremental snapshot stopped'].some((line) =>
        driver.logs.includes(line),
      ) &&
      last !== undefined &&
      !('incremental_snapshot_collections' in last)
    )
  })
}

/** Waits until a row that is written now has come. */
async function caughtUp(scene: TaskScene, driver: TaskDriver): Promise<void> {
  const id = 1_000_000 + driver.changes.length
  await scene.sql(`insert into t values (${id}, 0)`)
  await waitFor('the last row', () => {
    if (driver.failure !== null) throw driver.failure
    return driver.changes.some(({ key }) => key?.['id'] === id)
  })
}

test('a signal has a table read in chunks', async () => {
  const scene = await TaskScene.create(
    server,
    [SIGNALS, 'create table t(id int primary key)', 'insert into t select generate_series(1, 5)'],
    CONFIG,
  )
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(execute(['public.t']))
  // The signal, three chunks with two watermarks each, and the rows.
  await changesOf(driver, 12)
  const rows = driver.changes.filter(({ topic }) => topic === 'p.public.t')
  assert.deepEqual(
    rows.map(({ op, after, snapshot }) => [op, after!['id'], snapshot]),
    [1, 2, 3, 4, 5].map((id) => ['r', id, 'incremental']),
  )
  await waitFor('the end', () => driver.metrics.get('snapshot SnapshotCompleted') === 1)
  const told = (names: readonly string[]) => names.map((name) => driver.metrics.get(`snapshot ${name}`))
  assert.deepEqual(told(['ChunkId', 'ChunkFrom', 'ChunkTo', 'TableFrom', 'TableTo']), [3, 4, 5, 0, 5])
  assert.deepEqual(told(['TotalTableCount', 'RemainingTableCount', 'SnapshotRunning']), [1, 0, 0])
})

const RANDOM_RUNS = Number(process.env['TAILRACE_INCREMENTAL_RUNS'] ?? 2)

for (const [name, more] of [
  ['watermarks that are inserted', {}],
  ['watermarks that are deleted', { 'incremental.snapshot.watermarking.strategy': 'insert_delete' }],
  ['watermarks that are positions', { 'read.only': 'true' }],
] as const) {
  test(`rows that are written meanwhile end as the table has them, with ${name}`, async () => {
    for (let run = 0; run < RANDOM_RUNS; run++) {
      const scene = await TaskScene.create(server, [SIGNALS, 'create table t(id int primary key, v int)'], {
        ...CONFIG,
        ...more,
        'incremental.snapshot.chunk.size': '7',
      })
      await scene.sql('insert into t select i, 0 from generate_series(1, 600) i')
      await using driver = await scene.start()
      await scene.streaming()
      await scene.sql(execute(['public.t']))
      const over = new AbortController()
      const write = async (seed: number): Promise<void> => {
        for (let i = 0; !over.signal.aborted; i++) await scene.sql(randomChange(seed + i * 7919))
      }
      const writers = [1, 2, 3].map((writer) => write(run * 1000 + writer))
      try {
        await ended(driver)
      } finally {
        over.abort()
        await Promise.all(writers)
      }
      await caughtUp(scene, driver)
      assert.deepEqual(rebuilt(driver.changes), await tableOf(scene))
    }
  })
}

function randomChange(seed: number): string {
  const random = (limit: number, salt: number): number => {
    const mixed = Math.imul(seed ^ (salt * 0x9e3779b1), 0x85ebca6b)
    return ((mixed ^ (mixed >>> 13)) >>> 0) % limit
  }
  const id = 1 + random(800, 1)
  const v = 1 + random(100_000, 2)
  switch (random(5, 3)) {
    case 0:
      return `delete from t where id = ${id}`
    case 1:
      return `insert into t values (${id}, ${v}) on conflict (id) do update set v = excluded.v`
    case 2:
      return `update t set id = ${1000 + id} where id = ${id} and not exists (select from t where id = ${1000 + id})`
    default:
      return `update t set v = ${v} where id between ${id} and ${id + random(5, 4)}`
  }
}

test('large values of rows that are written meanwhile are in the records of the snapshot', async () => {
  const rows = 200
  const scene = await TaskScene.create(
    server,
    [
      SIGNALS,
      'create table t(id int primary key, v int, body text)',
      'alter table t alter body set storage external',
    ],
    { ...CONFIG, 'incremental.snapshot.chunk.size': '7' },
  )
  await scene.sql(`insert into t select i, 0, repeat('x', 3000) from generate_series(1, ${rows}) i`)
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(execute(['public.t']))
  // Each row twice, all over the table: a chunk is written to while it is read, and rests in the end.
  for (let i = 0; i < 2 * rows; i++) {
    await scene.sql(`update t set v = v + 1 where id = ${((i * 79) % rows) + 1}`)
  }
  await ended(driver)
  await caughtUp(scene, driver)
  const bodies = new Map<unknown, unknown>()
  for (const { topic, after: row } of driver.changes) {
    if (topic === 'p.public.t' && row!['body'] !== '__debezium_unavailable_value')
      bodies.set(row!['id'], row!['body'])
  }
  const without = Array.from({ length: rows }, (_, i) => i + 1).filter(
    (id) => bodies.get(id) !== 'x'.repeat(3000),
  )
  assert.deepEqual(without, [])
})

test('a snapshot that was interrupted goes on behind the last row that is durable', async () => {
  const scene = await TaskScene.create(
    server,
    [
      SIGNALS,
      'create table t(id int primary key, v int)',
      'insert into t select i, 0 from generate_series(1, 400) i',
    ],
    CONFIG,
  )
  const seen: SeenChange[] = []
  for (let run = 0; ; run++) {
    let batches = 0
    const driver = await TaskDriver.start({
      config: scene.config,
      store: scene.store,
      // Killed: what was handed over after this is lost.
      accept: () => ++batches <= 6 || run >= 5,
    })
    await scene.streaming()
    if (run === 0) await scene.sql(execute(['public.t']))
    await scene.sql(`update t set v = v + 1 where id % 50 = ${run}`)
    if (run >= 5) {
      await caughtUp(scene, driver)
      await waitFor('the end', () => !('incremental_snapshot_collections' in (scene.store.offset ?? {})))
      await caughtUp(scene, driver)
    } else await waitFor('the kill', () => batches > 6)
    await driver.stop()
    seen.push(...driver.changes)
    if (run >= 5) break
  }
  assert.deepEqual(rebuilt(seen), await tableOf(scene))
  const reads = seen.filter(({ topic, op }) => topic === 'p.public.t' && op === 'r')
  assert.ok(reads.length < 400 + 5 * 16, `${reads.length} rows were read for 400`)
})

test('tables that cannot be read are skipped, the others are read', async () => {
  const scene = await TaskScene.create(
    server,
    [
      SIGNALS,
      'create table keyless(a int)',
      'insert into keyless values (1)',
      'create table empty(id int primary key)',
      'create table t(id int primary key, v int)',
      'insert into t values (1, 1)',
    ],
    { ...CONFIG, 'notification.enabled.channels': 'sink', 'notification.sink.topic.name': 'notes' },
  )
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(execute(['public.keyless', 'public.missing', String.raw`public\.(empty|t)`]))
  await ended(driver)
  const notes = driver.changes.filter(({ topic }) => topic === 'notes').map(({ record }) => plainNote(record))
  assert.deepEqual(
    notes.map(({ type, data }) => [type, data.get('scanned_collection') ?? null, data.get('status') ?? null]),
    [
      ['SKIPPED', null, null],
      ['STARTED', null, null],
      ['DATA_COLLECTIONS_RESOLVED', null, null],
      ['TABLE_SCAN_COMPLETED', 'public.keyless', 'NO_PRIMARY_KEY'],
      ['TABLE_SCAN_COMPLETED', 'public.missing', 'UNKNOWN_SCHEMA'],
      ['TABLE_SCAN_COMPLETED', 'public.empty', 'EMPTY'],
      ['IN_PROGRESS', null, null],
      ['TABLE_SCAN_COMPLETED', 'public.t', 'SUCCEEDED'],
      ['COMPLETED', null, null],
    ],
  )
  const progress = notes.find(({ type }) => type === 'IN_PROGRESS')!
  assert.deepEqual(
    [...progress.data],
    [
      ['chunk_index', '1'],
      ['last_processed_key', '1'],
      ['total_rows', '1'],
      ['current_collection_in_progress', 'public.t'],
      ['connector_name', 'p'],
      ['total_chunks', '1'],
      ['maximum_key', '1'],
      ['data_collections', 'public.t'],
    ],
  )
})

function plainNote({ value }: SeenChange['record']): { type: unknown; data: Map<string, string> } {
  const struct = value as Struct
  return { type: struct.get('type'), data: struct.get('additional_data') as Map<string, string> }
}

test('definitions may change under way: each row has the columns of its moment', async () => {
  const scene = await TaskScene.create(
    server,
    [
      SIGNALS,
      'create table t(id int primary key, v int)',
      'insert into t select i, 0 from generate_series(1, 300) i',
    ],
    CONFIG,
  )
  let isAltered = false
  const driver = await TaskDriver.start({
    config: scene.config,
    store: scene.store,
    accept: async () => {
      if (isAltered || driver.changes.length < 40) return true
      isAltered = true
      await scene.sql("alter table t add column added text default 'x', alter column v type text")
      return true
    },
  })
  try {
    await scene.streaming()
    await scene.sql(execute(['public.t']))
    await ended(driver)
  } finally {
    await driver.stop()
  }
  const rows = driver.changes.filter(({ topic, op }) => topic === 'p.public.t' && op === 'r')
  assert.deepEqual(
    rows.map(({ key }) => key!['id']),
    Array.from({ length: 300 }, (_, i) => i + 1),
  )
  assert.deepEqual(rows.at(-1)!.after, { id: 300, v: '0', added: 'x' })
  assert.deepEqual(rows[0]!.after, { id: 1, v: 0 })
})

test('a table that is dropped under way is left, and streaming goes on', async () => {
  const scene = await TaskScene.create(
    server,
    [
      SIGNALS,
      'create table doomed(id int primary key)',
      'insert into doomed select generate_series(1, 2000)',
      'create table t(id int primary key, v int)',
      'insert into t values (1, 1)',
    ],
    CONFIG,
  )
  let isDropped = false
  const driver = await TaskDriver.start({
    config: scene.config,
    store: scene.store,
    accept: async () => {
      if (isDropped || driver.changes.length < 20) return true
      isDropped = true
      await scene.sql('drop table doomed')
      return true
    },
  })
  try {
    await scene.streaming()
    await scene.sql(execute(['public.doomed', 'public.t']))
    await ended(driver)
    await caughtUp(scene, driver)
  } finally {
    await driver.stop()
  }
  assert.equal(rebuilt(driver.changes)[0]!.id, 1)
})

test('a snapshot is paused, goes on, and is stopped', async () => {
  const scene = await TaskScene.create(
    server,
    [
      SIGNALS,
      'create table t(id int primary key, v int)',
      'insert into t select i, 0 from generate_series(1, 3000) i',
    ],
    CONFIG,
  )
  await using driver = await scene.start()
  await scene.streaming()
  const signal = (type: string) =>
    scene.sql(`insert into signals values (gen_random_uuid(), '${type}', '{}')`)
  await scene.sql(execute(['public.t']))
  await changesOf(driver, 10)
  await signal('pause-snapshot')
  await waitFor('the pause', () => driver.logs.includes('incremental snapshot paused'))
  assert.equal(driver.metrics.get('snapshot SnapshotPaused'), 1)
  await caughtUp(scene, driver)
  const reads = () => driver.changes.filter(({ op }) => op === 'r').length
  const paused = reads()
  await caughtUp(scene, driver)
  await caughtUp(scene, driver)
  assert.ok(reads() - paused <= 16, 'only chunks that were read before the pause came')
  await signal('resume-snapshot')
  await waitFor('more rows', () => reads() > paused + 16)
  await signal('stop-snapshot')
  await ended(driver)
  await caughtUp(scene, driver)
  assert.ok(reads() < 3000)
})

test('a surrogate key gives the order, also where its values are not unique', async () => {
  const scene = await TaskScene.create(
    server,
    [
      SIGNALS,
      'create table t(id int primary key, v int, s int)',
      'insert into t select i, 0, nullif(i % 4, 3) from generate_series(1, 50) i',
    ],
    { ...CONFIG, 'incremental.snapshot.chunk.size': '3' },
  )
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(execute(['public.t'], { 'surrogate-key': 's' }))
  await ended(driver)
  assert.deepEqual(rebuilt(driver.changes), await tableOf(scene))
})

test('a condition can select and nothing else', async () => {
  const scene = await TaskScene.create(
    server,
    [
      SIGNALS,
      'create table t(id int primary key, v int)',
      'create table u(id int primary key, v int)',
      'create table w(id int primary key, v int)',
      'insert into t values (1, 1), (2, 2)',
      'insert into u values (1, 1), (2, 2)',
      'insert into w values (1, 1), (2, 2)',
      `create function writes() returns boolean language plpgsql as 'begin delete from u; return true; end'`,
    ],
    CONFIG,
  )
  await using driver = await scene.start()
  await scene.streaming()
  const conditions = [
    { 'data-collection': 'public.t', filter: 'true)) to stdout; drop table t; --' },
    { 'data-collection': 'public.u', filter: 'writes()' },
    { 'data-collection': 'public.w', filter: 'true)); commit; delete from w; select 1 as id where ((true' },
  ]
  await scene.sql(execute(['public.t', 'public.u', 'public.w'], { 'additional-conditions': conditions }))
  await ended(driver)
  await caughtUp(scene, driver)
  assert.equal((await scene.sql('select 1 from t')).length, 3)
  assert.equal((await scene.sql('select 1 from u')).length, 2)
  assert.equal((await scene.sql('select 1 from w')).length, 2)
  const skipped = 'the incremental snapshot of a table failed: it is skipped, streaming goes on'
  assert.equal(driver.logs.filter((line) => line === skipped).length, 3)
})

test('signals that cannot be understood are skipped with a warning', async () => {
  const scene = await TaskScene.create(server, [SIGNALS, 'create table t(id int primary key, v int)'], CONFIG)
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(`insert into signals values ('1', 'no-such-type', null), ('2', 'execute-snapshot', '{]'),
    ('3', 'execute-snapshot', '{"data-collections": ["["]}'), ('4', 'execute-snapshot', '{"type": "x", "data-collections": ["t"]}'),
    ('5', 'execute-snapshot', '{}'), ('6', 'log', '{"message": "hello"}')`)
  await caughtUp(scene, driver)
  const skipped = driver.logs.filter((line) => line === 'a signal cannot be understood: it is skipped')
  assert.equal(skipped.length, 5)
  assert.ok(driver.logs.includes('log signal'))
})
