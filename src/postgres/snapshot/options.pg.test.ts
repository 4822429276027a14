import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { startPostgres, type PostgresServer } from '../../../test/servers/postgres.ts'
import { waitFor } from '../../../test/wait-for.ts'
import { RetriableError } from '../../api/errors.ts'
import type { TaskDriver } from '../testing/task-driver.ts'
import { TaskScene } from '../testing/task-scene.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres({ settings: { max_replication_slots: '40' } })
})

after(() => server.stop())

async function snapshotOf(driver: TaskDriver): Promise<void> {
  await waitFor('the snapshot', () => {
    if (driver.failure !== null) throw driver.failure as Error
    return driver.logs.includes('snapshot completed')
  })
}

const TABLE = ['create table t(id int primary key)', 'insert into t values (1), (2)']

test('initial_only leaves no slot and no publication behind, which would keep WAL for nobody', async () => {
  const scene = await TaskScene.create(server, TABLE, { 'snapshot.mode': 'initial_only' })
  for (let run = 1; run <= 2; run++) {
    await using driver = await scene.start()
    if (run === 1) await snapshotOf(driver)
    assert.equal(driver.failure, null)
    assert.deepEqual(
      await scene.sql(`select 1 from pg_replication_slots where slot_name = '${scene.database}'`),
      [],
    )
    assert.deepEqual(await scene.sql('select 1 from pg_publication'), [])
  }
  assert.equal(scene.store.offset!['snapshot_completed'], true)
})

test('with shared locks, a table that somebody else holds fails the snapshot for now, and says which', async () => {
  const scene = await TaskScene.create(server, TABLE, {
    'snapshot.locking.mode': 'shared',
    'snapshot.lock.timeout.ms': '100',
    'snapshot.delay.ms': '3000',
  })
  const other = new pg.Client({ connectionString: server.url(scene.database) })
  await other.connect()
  // A new slot would wait for the other transaction.
  await scene.sql(`select pg_create_logical_replication_slot('${scene.database}', 'pgoutput')`)
  const driver = await scene.start()
  await other.query('begin')
  await other.query('lock table t in access exclusive mode')
  await waitFor('the failure', () => driver.failure !== null)
  assert.ok(driver.failure instanceof RetriableError, String(driver.failure))
  assert.match(
    driver.failure.message,
    /^The snapshot of "public"."t" failed at .*: canceling statement due to lock timeout/,
  )
  await driver.stop()
  await other.query('rollback')
  await other.end()
  await using again = await scene.start()
  await snapshotOf(again)
  assert.equal(again.changes.length, 2)
})

test("a statement timeout of the user's own is a failure that passes", async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table t(id int primary key)',
      'insert into t values (1)',
      'create function slow() returns int language sql as $$ select 1 from pg_sleep(60) $$',
    ],
    {
      'database.initial.statements': "set statement_timeout = '3s'",
      'snapshot.select.statement.overrides': 'public.t',
      'snapshot.select.statement.overrides.public.t': 'select slow() as id',
    },
  )
  const driver = await scene.start()
  await waitFor('the failure', () => driver.failure !== null)
  assert.ok(driver.failure instanceof RetriableError, String(driver.failure))
  assert.match(
    driver.failure.message,
    /The snapshot of "public"."t" failed at .*: canceling statement due to statement timeout/,
  )
  await driver.stop()
})

test('beside a slot that is there, the snapshot has the isolation that is asked for', async () => {
  for (const [mode, level] of [
    ['serializable', 'serializable'],
    ['repeatable_read', 'repeatable read'],
    ['read_committed', 'repeatable read'],
    ['read_uncommitted', 'repeatable read'],
  ] as const) {
    const scene = await TaskScene.create(server, ['create table seen(id text primary key)'], {
      'snapshot.isolation.mode': mode,
      'snapshot.max.threads': '2',
      'snapshot.select.statement.overrides': 'public.seen',
      'snapshot.select.statement.overrides.public.seen':
        "select current_setting('transaction_isolation') as id",
    })
    await scene.sql(`select pg_create_logical_replication_slot('${scene.database}', 'pgoutput')`)
    await using driver = await scene.start()
    await snapshotOf(driver)
    assert.deepEqual(
      driver.changes.map(({ key }) => key!['id']),
      [level],
    )
  }
})

test('partitions of one table are read in chunks over several connections', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table p(id int primary key, filler text) partition by range (id)',
      'create table p1 partition of p for values from (0) to (5000)',
      'create table p2 partition of p for values from (5000) to (20000)',
      "insert into p select i, repeat('x', 450) from generate_series(1, 9000) i",
      'create table nothing(id int) partition by list (id)',
    ],
    {
      'publish.via.partition.root': 'true',
      'snapshot.max.threads': '2',
      'snapshot.max.threads.multiplier': '4',
    },
  )
  await using driver = await scene.start()
  await snapshotOf(driver)
  await waitFor('all rows', () => driver.changes.length === 9000)
  assert.equal(new Set(driver.changes.map(({ key }) => key!['id'])).size, 9000)
  assert.deepEqual(new Set(driver.changes.map(({ topic }) => topic)), new Set(['p.public.p']))
})
