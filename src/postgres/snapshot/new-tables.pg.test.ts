import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { startPostgres, type PostgresServer } from '../../../test/servers/postgres.ts'
import { waitFor } from '../../../test/wait-for.ts'
import { TaskDriver } from '../testing/task-driver.ts'
import { TaskScene } from '../testing/task-scene.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres({ settings: { max_replication_slots: '40' } })
})

after(() => server.stop())

async function streams(driver: TaskDriver): Promise<void> {
  await waitFor('streaming', () => {
    if (driver.failure !== null) throw driver.failure as Error
    return driver.logs.includes('streaming started')
  })
}

/** The ids of the rows that were read of a table, in order. */
function read(driver: TaskDriver, table: string): unknown[] {
  return idsOf(driver, table, 'r')
}

/** The ids of the rows whose inserts were streamed. */
function inserted(driver: TaskDriver, table: string): unknown[] {
  return idsOf(driver, table, 'c')
}

function idsOf(driver: TaskDriver, table: string, wanted: string): unknown[] {
  return driver.changes
    .filter(({ op, topic }) => op === wanted && topic === `p.public.${table}`)
    .map(({ after }) => after!['id'])
    .sort((a, b) => Number(a) - Number(b))
}

async function untilRead(driver: TaskDriver, table: string, rows: number): Promise<unknown[]> {
  await waitFor(`the rows of ${table}`, () => {
    if (driver.failure !== null) throw driver.failure as Error
    return read(driver, table).length >= rows
  })
  return read(driver, table)
}

/** As a worker has it after the configuration was changed. */
function startWith(scene: TaskScene, tables: string): Promise<TaskDriver> {
  return TaskDriver.start({ config: { ...scene.config, 'table.include.list': tables }, store: scene.store })
}

/** Stops when what is known of the tables is stored. */
async function stopStored(scene: TaskScene, driver: TaskDriver): Promise<void> {
  await waitFor('the offset', () => typeof scene.store.offset?.['tailrace_tables'] === 'string')
  await driver.stop()
}

const TABLES = [
  'create table t(id int primary key)',
  'create table u(id int primary key, v text)',
  'create table k(id int)',
  "insert into t values (1); insert into u values (1, 'a'), (2, 'b'); insert into k values (1), (2)",
]

test('tables that were added to the include list are read by themselves, once', async () => {
  for (const mode of ['all_tables', 'filtered']) {
    const scene = await TaskScene.create(server, TABLES, {
      'snapshot.new.tables': 'auto',
      'publication.autocreate.mode': mode,
    })
    const first = await startWith(scene, 'public.t')
    assert.deepEqual(await untilRead(first, 't', 1), [1])
    await streams(first)
    await stopStored(scene, first)
    await scene.sql("insert into u values (3, 'c'); insert into k values (3)")

    const second = await startWith(scene, 'public.t,public.u,public.k')
    // The third row is in the stream of a publication for all tables, too: while a chunk is read, that one counts.
    await waitFor('the rows of u', () => {
      if (second.failure !== null) throw second.failure as Error
      return new Set([...read(second, 'u'), ...inserted(second, 'u')]).size === 3
    })
    const readOfU = read(second, 'u')
    assert.deepEqual(readOfU, [1, 2, 3].slice(0, Math.max(2, readOfU.length)))
    assert.deepEqual(await untilRead(second, 'k', 3), [1, 2, 3])
    await scene.sql("update u set v = 'A' where id = 1; insert into k values (4)")
    await waitFor('the changes', () =>
      ['u', 'k'].every((table) =>
        second.changes.some(
          ({ op, topic, after }) =>
            topic === `p.public.${table}` &&
            (table === 'u' ? op === 'u' && after!['v'] === 'A' : after!['id'] === 4),
        ),
      ),
    )
    assert.deepEqual(read(second, 't'), [])
    await waitFor('the end of it', () => scene.store.offset!['tailrace_blocking_snapshots'] === undefined)
    await second.stop()

    await using third = await startWith(scene, 'public.t,public.u,public.k')
    await streams(third)
    await scene.sql('insert into t values (2)')
    await waitFor('the change', () => third.changes.some(({ topic }) => topic === 'p.public.t'))
    assert.deepEqual([...read(third, 'u'), ...read(third, 'k')], [])
  }
})

test('a transaction that was running when a table was published is not left out', async () => {
  const scene = await TaskScene.create(server, TABLES, {
    'snapshot.new.tables': 'auto',
    'publication.autocreate.mode': 'filtered',
  })
  const first = await startWith(scene, 'public.t')
  await untilRead(first, 't', 1)
  await streams(first)
  await stopStored(scene, first)
  const running = new pg.Client({ connectionString: server.url(scene.database) })
  await running.connect()
  await running.query("begin; insert into u values (3, 'running')")
  await using second = await startWith(scene, 'public.t,public.u')
  await waitFor('the new table to be found', () =>
    second.logs.includes('new tables are captured: a snapshot of them is read'),
  )
  assert.deepEqual(read(second, 'u'), [])
  await running.query('commit')
  await running.end()
  assert.deepEqual(await untilRead(second, 'u', 3), [1, 2, 3])
})

test('a table that is created while the task runs is published and read, without a restart', async () => {
  const scene = await TaskScene.create(server, TABLES, {
    'snapshot.new.tables': 'auto',
    'publication.autocreate.mode': 'filtered',
    'table.include.list': 'public.(t|n.*)',
  })
  await using driver = await scene.start()
  await untilRead(driver, 't', 1)
  await streams(driver)
  await scene.sql('create table n1(id int primary key); insert into n1 values (1), (2)')
  assert.deepEqual(await untilRead(driver, 'n1', 2), [1, 2])
  await scene.sql('insert into n1 values (3)')
  await waitFor('the change', () => driver.changes.some(({ op, after }) => op === 'c' && after!['id'] === 3))
})

test('without it, only changes come of a table that was added to the include list', async () => {
  const scene = await TaskScene.create(server, TABLES)
  const first = await startWith(scene, 'public.t')
  await untilRead(first, 't', 1)
  await streams(first)
  await first.stop()
  await using second = await startWith(scene, 'public.t,public.u')
  await streams(second)
  await scene.sql("insert into u values (3, 'c')")
  await waitFor('the change', () => second.changes.some(({ op }) => op === 'c'))
  assert.deepEqual(read(second, 'u'), [])
  assert.equal(scene.store.offset!['tailrace_tables'], undefined)
})

test('a table that was created after the snapshot is read, though the task before stored nothing later', async () => {
  const scene = await TaskScene.create(server, TABLES, {
    'snapshot.new.tables': 'auto',
    'publication.autocreate.mode': 'filtered',
    'table.include.list': 'public.(t|n)',
  })
  let isOver = false
  const first = await TaskDriver.start({
    config: scene.config,
    store: scene.store,
    accept: ({ offset }) => offset['snapshot'] === 'INITIAL' || !(isOver = true),
  })
  await waitFor('the end of the snapshot', () => isOver || first.logs.includes('streaming started'))
  await first.stop()
  assert.equal(scene.store.offset!['snapshot_completed'], true)
  await scene.sql('create table n(id int primary key); insert into n values (1), (2)')

  await using second = await scene.start()
  assert.deepEqual(await untilRead(second, 'n', 2), [1, 2])
  assert.deepEqual(read(second, 't'), [])
})

test('without a snapshot, a table that was created after the slot is read, though nothing was stored before', async () => {
  const scene = await TaskScene.create(server, TABLES, {
    'snapshot.mode': 'no_data',
    'snapshot.new.tables': 'auto',
    'publication.autocreate.mode': 'filtered',
    'table.include.list': 'public.(t|n)',
  })
  const first = await TaskDriver.start({ config: scene.config, store: scene.store, accept: () => false })
  await streams(first)
  await first.stop()
  assert.equal(scene.store.offset, null)
  await scene.sql('create table n(id int primary key); insert into n values (1), (2)')

  await using second = await scene.start()
  assert.deepEqual(await untilRead(second, 'n', 2), [1, 2])
  assert.deepEqual(read(second, 't'), [])
})

test('which tables are known is stored as soon as streaming begins, though nothing changes', async () => {
  const scene = await TaskScene.create(server, TABLES, {
    'snapshot.mode': 'no_data',
    'snapshot.new.tables': 'auto',
    'publication.autocreate.mode': 'disabled',
    'status.update.interval.ms': '600000',
  })
  await scene.sql('create publication dbz_publication for table t')
  const first = await scene.start()
  await stopStored(scene, first)
  await scene.sql('alter publication dbz_publication add table u')

  await using second = await scene.start()
  assert.deepEqual(await untilRead(second, 'u', 2), [1, 2])
  assert.deepEqual(read(second, 't'), [])
})

test('a snapshot beside a slot waits for who was writing into a table when it was published', async () => {
  const scene = await TaskScene.create(server, TABLES, {
    'snapshot.mode': 'always',
    'publication.autocreate.mode': 'filtered',
  })
  const first = await startWith(scene, 'public.t')
  await streams(first)
  await first.stop()
  await scene.released()
  const running = new pg.Client({ connectionString: server.url(scene.database) })
  await running.connect()
  await running.query("begin; insert into u values (3, 'running')")
  let second: TaskDriver | null = null
  const starting = startWith(scene, 'public.t,public.u').then((driver) => (second = driver))
  await waitFor('the start to wait for it, or the snapshot to be over', async () => {
    if (second !== null) return read(second, 'u').length === 2
    const rows = await scene.sql(
      "select 1 from pg_stat_activity where query like '%pg_snapshot_xmin%' and application_name = 'tailrace test'",
    )
    return rows.length > 0
  })
  await running.query('commit')
  await running.end()
  await using driver = await starting
  assert.deepEqual(await untilRead(driver, 'u', 3), [1, 2, 3])
})
