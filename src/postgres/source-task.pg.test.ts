import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { startPostgres, type PostgresServer } from '../../test/servers/postgres.ts'
import { waitFor } from '../../test/wait-for.ts'
import type { ConnectorConfig } from '../api/config-def.ts'
import { ConnectError } from '../api/errors.ts'
import type { SourceBatch } from '../api/source-task.ts'
import { connectionConfig } from './testing/connections.ts'
import { type OffsetStore, TaskDriver } from './testing/task-driver.ts'
import { parseLsn } from './wire/lsn.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres({ settings: { max_replication_slots: '40' } })
})

after(() => server.stop())

let count = 0

/** A database of its own with the given tables, and a connector configuration for it. */
async function scene(
  statements: readonly string[],
  more: ConnectorConfig = {},
): Promise<{
  sql: (text: string) => Promise<Record<string, unknown>[]>
  config: ConnectorConfig
  slot: string
  database: string
  store: OffsetStore
}> {
  const database = `task_${++count}`
  await server.query(`create database ${database}`)
  const sql = (text: string) => server.query(text, database)
  for (const statement of statements) await sql(statement)
  const config = {
    ...connectionConfig(server, database),
    'plugin.name': 'pgoutput',
    'slot.name': database,
    'slot.max.retries': '0',
    'status.update.interval.ms': '200',
    ...more,
  }
  return { sql, config, slot: database, database, store: { offset: null } }
}

/** What happened, in short: `r t 1 first`, `c t 2`. */
function short(driver: TaskDriver): string[] {
  return driver.changes.map(({ op, topic, key, before, after, snapshot }) => {
    const id = (key ?? after ?? before)?.['id'] as string
    const mark = op === 'r' ? ` ${String(snapshot)}` : ''
    return `${op ?? '-'} ${topic.split('.').at(-1)} ${id}${mark}`
  })
}

async function seen(driver: TaskDriver, changes: number): Promise<string[]> {
  await waitFor(`${changes} changes`, () => {
    if (driver.failure !== null) throw driver.failure
    return driver.changes.length >= changes
  })
  return short(driver)
}

async function streaming(
  sql: (text: string) => Promise<Record<string, unknown>[]>,
  slot: string,
): Promise<void> {
  await waitFor('a walsender on the slot', async () => {
    const rows =
      await sql(`select 1 from pg_stat_replication r join pg_replication_slots s on s.active_pid = r.pid
      where s.slot_name = '${slot}' and r.state = 'streaming'`)
    return rows.length === 1
  })
}

async function confirmedLsn(
  sql: (text: string) => Promise<Record<string, unknown>[]>,
  slot: string,
): Promise<bigint> {
  const [row] = await sql(
    `select confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = '${slot}'`,
  )
  return parseLsn(row!['lsn'] as string)
}

function failsWith(code: string, text: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ConnectError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, text)
    return true
  }
}

test('a snapshot is followed by the stream without a gap', async () => {
  const { sql, config, slot, store } = await scene([
    'create table t(id int primary key, name text)',
    "insert into t values (1, 'a'), (2, null), (3, 'c\\d')",
  ])
  await using driver = await TaskDriver.start({ config, store })
  assert.deepEqual(await seen(driver, 3), ['r t 1 first', 'r t 2 true', 'r t 3 last'])
  await streaming(sql, slot)
  await sql("insert into t values (4, 'd')")
  await sql("update t set name = 'A' where id = 1")
  await sql('update t set id = 20 where id = 2')
  await sql('delete from t where id = 3')
  assert.deepEqual((await seen(driver, 10)).slice(3), [
    'c t 4',
    'u t 1',
    'd t 2',
    '- t 2',
    'c t 20',
    'd t 3',
    '- t 3',
  ])
  assert.deepEqual(
    driver.changes.slice(0, 5).map(({ after }) => after!['name']),
    ['a', null, 'c\\d', 'd', 'A'],
  )
})

test('the marks of a snapshot tell first and last of tables and of all', async () => {
  const { config, store } = await scene([
    'create table a(id int primary key)',
    'create table b(id int primary key)',
    'create table c(id int primary key)',
    'create table d(id int primary key)',
    'insert into a select generate_series(1, 3)',
    'insert into b select generate_series(1, 2)',
    'insert into c values (1)',
    'insert into d values (1)',
  ])
  await using driver = await TaskDriver.start({ config, store })
  assert.deepEqual(await seen(driver, 7), [
    'r a 1 first',
    'r a 2 true',
    'r a 3 last_in_data_collection',
    'r b 1 first_in_data_collection',
    'r b 2 last_in_data_collection',
    'r c 1 last_in_data_collection',
    'r d 1 last',
  ])
})

test('a snapshot of nothing is complete too, and a table created later is streamed', async () => {
  const { sql, config, slot, store } = await scene([], { 'table.include.list': 'public.later' })
  await using driver = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  assert.equal(driver.offsets[0]!['snapshot_completed'], true)
  await sql('create table later(id serial primary key, name text)')
  await sql('create table other(id serial primary key)')
  await sql('insert into other default values')
  await sql("insert into later(name) values ('x')")
  assert.deepEqual(await seen(driver, 1), ['c later 1'])
})

test('a changed table is streamed in its new form, in the transaction that changes it', async () => {
  const { sql, config, slot, store } = await scene(['create table t(id int primary key)'])
  await using driver = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  await sql(
    `begin; insert into t values (1); alter table t add column name text; insert into t values (2, 'b'); commit`,
  )
  await seen(driver, 2)
  assert.deepEqual(
    driver.changes.map(({ after }) => Object.keys(after!)),
    [['id'], ['id', 'name']],
  )
})

test('changes from before a rename of the key column keep their key', async () => {
  const { sql, config, slot, store } = await scene(['create table t(id int primary key, n int)'])
  const first = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  await first.stop()
  await sql('insert into t values (1, 1)')
  await sql('update t set n = 2')
  await sql('alter table t rename column id to ident')
  await sql('insert into t values (2, 1)')
  await sql('delete from t where ident = 1')
  await using driver = await TaskDriver.start({ config, store })
  await seen(driver, 5)
  assert.deepEqual(
    driver.changes.map(({ op, key }) => [op, key]),
    [
      ['c', { id: 1 }],
      ['u', { id: 1 }],
      ['c', { ident: 2 }],
      ['d', { ident: 1 }],
      [null, { ident: 1 }],
    ],
  )
})

test('a restart continues after the last durable offset, with nothing lost or repeated', async () => {
  const { sql, config, slot, store } = await scene([
    'create table t(id int primary key)',
    'insert into t values (1)',
  ])
  const all: string[] = []
  for (let round = 0; round < 4; round++) {
    const driver = await TaskDriver.start({ config, store })
    await streaming(sql, slot)
    await sql(`insert into t values (${100 + round})`)
    all.push(...(await seen(driver, round === 0 ? 2 : 1)))
    await driver.stop()
    await sql(`insert into t values (${200 + round})`)
    const again = await TaskDriver.start({ config, store })
    all.push(...(await seen(again, 1)))
    await again.stop()
  }
  const streamed = [0, 1, 2, 3].flatMap((round) => [`c t ${100 + round}`, `c t ${200 + round}`])
  assert.deepEqual(all, ['r t 1 last', ...streamed])
})

test('a transaction that was partly delivered is continued where it was left', async () => {
  const { sql, config, slot, store, database } = await scene([
    'create table t(id int primary key, filler text)',
  ])
  const first = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  await first.stop()
  // The other transaction's change comes first, its commit last: an LSN alone would take it for done.
  await sql('create table u(id int primary key)')
  const other = new pg.Client({ connectionString: server.url(database) })
  await other.connect()
  await other.query('begin; insert into u values (1)')
  await sql("insert into t select i, repeat('x', 400) from generate_series(1, 10000) i")
  await other.query('commit')
  await other.end()
  const ids: number[] = []
  let runs = 0
  for (let isDone = false; !isDone; runs++) {
    let accepted = 0
    const driver = await TaskDriver.start({ config, store, accept: () => accepted++ < 1 })
    await waitFor('a batch', () => {
      if (driver.failure !== null) throw driver.failure
      return driver.changes.length > 0
    })
    await driver.stop()
    const tables = short(driver)
    ids.push(...tables.filter((line) => line.startsWith('c t')).map((line) => Number(line.split(' ')[2])))
    isDone = tables.includes('c u 1')
  }
  assert.ok(runs > 3, `${runs} runs`)
  assert.deepEqual(
    ids,
    Array.from({ length: 10_000 }, (_, i) => i + 1),
  )
})

test('a transaction that outlived an idle moment is continued where it was left', async () => {
  const { sql, config, slot, store, database } = await scene([
    'create table t(id int primary key, filler text)',
  ])
  const first = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  const long = new pg.Client({ connectionString: server.url(database) })
  await long.connect()
  await long.query(`begin; insert into t select i, repeat('x', 400) from generate_series(1, 10000) i`)
  // Nothing commits, so the slot moves on past the changes that are still to be streamed.
  const [row] = await sql('select pg_current_wal_insert_lsn()::text as lsn')
  await sql("select pg_logical_emit_message(false, 'test', 'some more WAL')")
  await waitFor('the slot behind its changes', async () => {
    return (await confirmedLsn(sql, slot)) >= parseLsn(row!['lsn'] as string)
  })
  await first.stop()
  await long.query('commit')
  await long.end()
  const ids: number[] = []
  let runs = 0
  for (; ids.length < 10_000; runs++) {
    let accepted = 0
    const driver = await TaskDriver.start({ config, store, accept: () => accepted++ < 1 })
    await waitFor('a batch', () => {
      if (driver.failure !== null) throw driver.failure
      return driver.changes.length > 0
    })
    await driver.stop()
    ids.push(...short(driver).map((line) => Number(line.split(' ')[2])))
  }
  assert.ok(runs > 3, `${runs} runs`)
  assert.deepEqual(
    ids,
    Array.from({ length: 10_000 }, (_, i) => i + 1),
  )
})

test('a table that is rewritten before its turn in the snapshot is read all the same', async () => {
  const { sql, config, store, database } = await scene([
    'create table a(id int primary key, filler text)',
    'create table b(id int primary key, n int)',
    "insert into a select i, repeat('x', 4000) from generate_series(1, 5000) i",
    'insert into b select i, i from generate_series(1, 3) i',
  ])
  const altered = Promise.withResolvers<undefined>()
  const began = Promise.withResolvers<undefined>()
  const altering = new pg.Client({ connectionString: server.url(database) })
  await altering.connect()
  await using driver = await TaskDriver.start({
    config,
    store,
    accept: async () => {
      began.resolve(undefined)
      await altered.promise
      return true
    },
  })
  await began.promise
  // The new rows are nothing that the snapshot can see: the table would look empty to it, and no WAL tells of them.
  const alter = altering.query('alter table b alter column n type bigint')
  await Promise.race([
    alter,
    waitFor('the change of the table to wait', async () => {
      const rows = await sql("select 1 from pg_stat_activity where wait_event_type = 'Lock'")
      return rows.length > 0
    }),
  ])
  altered.resolve(undefined)
  const lines = await seen(driver, 5003)
  assert.deepEqual(lines.slice(-3), ['r b 1 first_in_data_collection', 'r b 2 true', 'r b 3 last'])
  await alter
  await altering.end()
})

test('an interrupted snapshot begins again, beside the slot that it had, and no change is lost', async () => {
  const { sql, config, slot, store } = await scene([
    'create table t(id int primary key, filler text)',
    "insert into t select i, repeat('x', 400) from generate_series(1, 20000) i",
  ])
  let batches = 0
  const first = await TaskDriver.start({ config, store, accept: () => batches++ < 2 })
  await waitFor('a batch', () => first.changes.length > 0)
  await first.stop()
  assert.equal(store.offset!['snapshot_completed'], false)
  await waitFor('the connections to be gone', async () => {
    const rows = await sql(
      `select 1 from pg_stat_activity where application_name like 'tailrace%' and datname = current_database()`,
    )
    return rows.length === 0
  })
  // Committed between the two snapshots: the second one has it, and the slot streams it as well.
  await sql("insert into t values (20001, 'between')")
  await sql('delete from t where id = 1')
  await using second = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  await sql("insert into t values (20002, 'after')")
  await waitFor('the insert', () => second.changes.some(({ op }) => op === 'c'))
  const lines = short(second)
  assert.equal(lines.filter((line) => line.startsWith('r ')).length, 20_000)
  assert.equal(lines.filter((line) => line.startsWith('r t 1 ')).length, 0)
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('r ')),
    ['c t 20002'],
  )
})

test("a user's own slot: transactions that the snapshot has seen are left out, running ones are not", async () => {
  const { sql, config, slot, store, database } = await scene(['create table t(id int primary key)'])
  await sql(`select pg_create_logical_replication_slot('${slot}', 'pgoutput')`)
  await sql('create publication dbz_publication for all tables')
  await sql('insert into t values (1)')
  const running = new pg.Client({ connectionString: server.url(database) })
  await running.connect()
  await running.query('begin')
  await running.query('insert into t values (2)')
  await sql('insert into t values (3)')
  await using driver = await TaskDriver.start({ config, store })
  assert.deepEqual((await seen(driver, 2)).toSorted(), ['r t 1 first', 'r t 3 last'])
  await running.query('commit')
  await running.end()
  await sql('insert into t values (4)')
  assert.deepEqual((await seen(driver, 4)).slice(2), ['c t 2', 'c t 4'])
})

test('what is durable is acknowledged, and a quiet or filtered table does not hold the WAL', async () => {
  const { sql, config, slot, store } = await scene(
    ['create table t(id int primary key)', 'create table noise(id serial primary key)'],
    { 'table.include.list': 'public.t' },
  )
  await using driver = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  for (let round = 0; round < 3; round++) {
    await sql('insert into noise default values')
    const [row] = await sql('select pg_current_wal_lsn()::text as lsn')
    const written = parseLsn(row!['lsn'] as string)
    await waitFor('the slot to move on', async () => (await confirmedLsn(sql, slot)) >= written)
  }
  assert.deepEqual(driver.changes, [])
  await sql('insert into t values (1)')
  assert.deepEqual(await seen(driver, 1), ['c t 1'])
  const acknowledged = await waitFor('the slot to reach the commit', async () => {
    const lsn = await confirmedLsn(sql, slot)
    return lsn >= (store.offset!['lsn'] as bigint) && lsn
  })
  assert.ok(acknowledged > 0n)
})

test('nothing is acknowledged before it is durable', async () => {
  const { sql, config, slot, store } = await scene(['create table t(id int primary key)'])
  let isBlocked = false
  let offered = 0
  const blocked = Promise.withResolvers<boolean>()
  const accept = (batch: SourceBatch) => {
    if (batch.parts.length > 0) offered++
    return isBlocked ? blocked.promise : true
  }
  const driver = await TaskDriver.start({ config, store, accept })
  await streaming(sql, slot)
  const reached = await confirmedLsn(sql, slot)
  isBlocked = true
  await sql('insert into t values (1)')
  await waitFor('the batch', () => offered === 1)
  const [row] = await sql('select pg_current_wal_lsn()::text as lsn')
  // Two beats of the status interval.
  await waitFor('status updates', async () => {
    const [state] = await sql(
      `select reply_time from pg_stat_replication where pid = (select active_pid from pg_replication_slots where slot_name = '${slot}') and reply_time > now() - interval '1 s'`,
    )
    return state !== undefined
  })
  assert.ok((await confirmedLsn(sql, slot)) < parseLsn(row!['lsn'] as string))
  assert.ok((await confirmedLsn(sql, slot)) >= reached)
  blocked.resolve(false)
  await driver.stop()
  isBlocked = false
  await using again = await TaskDriver.start({ config, store })
  assert.deepEqual(await seen(again, 1), ['c t 1'])
})

test('a slot in use fails with its name and the process that holds it, and can be retried', async () => {
  const { sql, config, slot, store } = await scene(['create table t(id int primary key)'])
  await using first = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  const other: OffsetStore = { offset: first.offsets.at(-1)! }
  await using second = await TaskDriver.start({ config, store: other })
  await waitFor('the failure', () => second.failure !== null)
  failsWith(
    'postgres.slot-in-use',
    new RegExp(`"${slot}" is in use by the server process \\d+`),
  )(second.failure)
  assert.equal((second.failure as ConnectError).retriable, true)
})

test('the slot is free right after stop', async () => {
  const { sql, config, slot, store } = await scene(['create table t(id int primary key)'])
  for (let i = 0; i < 5; i++) {
    const driver = await TaskDriver.start({
      config: { ...config, 'slot.max.retries': '1', 'slot.retry.delay.ms': '100' },
      store,
    })
    await streaming(sql, slot)
    await driver.stop()
    assert.equal(driver.failure, null)
  }
})

test('a restart of the server is a retriable failure, and a new run goes on', async () => {
  const { sql, config, slot, store } = await scene(['create table t(id int primary key)'])
  const driver = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  await server.restart()
  await waitFor('the failure', () => driver.failure !== null)
  assert.equal((driver.failure as ConnectError).retriable, true, String(driver.failure))
  assert.equal((driver.failure as ConnectError).code, 'postgres.connection-lost')
  await driver.stop()
  await sql('insert into t values (1)')
  await using again = await TaskDriver.start({ config, store })
  assert.deepEqual(await seen(again, 1), ['c t 1'])
})

test('a slot that is gone, or was moved on, is never gone past in silence', async () => {
  const { sql, config, slot, store } = await scene([
    'create table t(id int primary key)',
    'insert into t values (1)',
  ])
  const driver = await TaskDriver.start({ config, store })
  await seen(driver, 1)
  await streaming(sql, slot)
  await driver.stop()
  await sql('insert into t values (2)')
  await waitFor('the slot to be free', async () => {
    await sql(`select pg_replication_slot_advance('${slot}', pg_current_wal_lsn())`)
    return true
  })
  await assert.rejects(
    TaskDriver.start({ config, store }),
    failsWith('postgres.position-lost', /no longer available on the server/),
  )
  await sql(`select pg_drop_replication_slot('${slot}')`)
  await assert.rejects(
    TaskDriver.start({ config, store }),
    failsWith('postgres.position-lost', /does not exist any more/),
  )
  await using again = await TaskDriver.start({ config: { ...config, 'snapshot.mode': 'when_needed' }, store })
  assert.deepEqual(await seen(again, 2), ['r t 1 first', 'r t 2 last'])
})

test('a slot that is replaced during the snapshot is found out before anything is streamed', async () => {
  const { sql, config, slot, store } = await scene([
    'create table t(id int primary key)',
    'insert into t values (1)',
  ])
  const replaced = Promise.withResolvers<undefined>()
  const began = Promise.withResolvers<undefined>()
  await using driver = await TaskDriver.start({
    config,
    store,
    accept: async () => {
      began.resolve(undefined)
      await replaced.promise
      return true
    },
  })
  await began.promise
  await sql(`select pg_drop_replication_slot('${slot}')`)
  await sql('insert into t values (2)')
  await sql(`select pg_create_logical_replication_slot('${slot}', 'pgoutput')`)
  replaced.resolve(undefined)
  await waitFor('the failure', () => driver.failure !== null)
  assert.throws(
    () => {
      throw driver.failure
    },
    failsWith('postgres.position-lost', /was moved on/),
  )
})

test('snapshot.mode=no_data streams from now on', async () => {
  const { sql, config, slot, store } = await scene(
    ['create table t(id int primary key)', 'insert into t values (1)'],
    {
      'snapshot.mode': 'no_data',
    },
  )
  await using driver = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  await sql('insert into t values (2)')
  assert.deepEqual(await seen(driver, 1), ['c t 2'])
})

test('snapshot.mode=always takes a snapshot at each start, and streams after it', async () => {
  const { sql, config, slot, store } = await scene(
    ['create table t(id int primary key)', 'insert into t values (1)'],
    {
      'snapshot.mode': 'always',
    },
  )
  const first = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  await sql('insert into t values (2)')
  assert.deepEqual(await seen(first, 2), ['r t 1 last', 'c t 2'])
  await first.stop()
  await sql('insert into t values (3)')
  await using second = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  await sql('insert into t values (4)')
  assert.deepEqual(await seen(second, 4), ['r t 1 first', 'r t 2 true', 'r t 3 last', 'c t 4'])
})

test('snapshot.mode=initial_only stops after the snapshot, and stops at once when told', async () => {
  const { config, store } = await scene(['create table t(id int primary key)', 'insert into t values (1)'], {
    'snapshot.mode': 'initial_only',
  })
  const driver = await TaskDriver.start({ config, store })
  assert.deepEqual(await seen(driver, 1), ['r t 1 last'])
  await driver.stop()
  assert.equal(driver.failure, null)
})

test('a filtered publication has the tables that match, and a failure where none does', async () => {
  const { sql, config, store } = await scene(
    ['create table "T a"(id int primary key)', 'create table other(id int primary key)'],
    { 'table.include.list': 'public\\.T a', 'publication.autocreate.mode': 'filtered' },
  )
  const first = await TaskDriver.start({ config, store })
  await first.stop()
  const tables = () =>
    sql(`select tablename from pg_publication_tables where pubname = 'dbz_publication' order by 1`)
  assert.deepEqual(
    (await tables()).map((row) => row['tablename']),
    ['T a'],
  )
  const more = { ...config, 'table.include.list': 'public\\.T a,public.other' }
  const second = await TaskDriver.start({ config: more, store })
  await second.stop()
  assert.deepEqual(
    (await tables()).map((row) => row['tablename']),
    ['T a', 'other'],
  )
  await assert.rejects(
    TaskDriver.start({
      config: { ...config, 'table.include.list': 'public.none', 'publication.name': 'p2' },
      store,
    }),
    failsWith('postgres.publication-unusable', /No table filters found for filtered publication p2/),
  )
})

test('a missing publication is named where it may not be created', async () => {
  const { config, store } = await scene([], { 'publication.autocreate.mode': 'disabled' })
  await assert.rejects(
    TaskDriver.start({ config, store }),
    failsWith(
      'postgres.publication-unusable',
      /^Publication autocreation is disabled, please create one and restart the connector\.\n.*CREATE PUBLICATION "dbz_publication"/,
    ),
  )
})

test('the replication slot of another plugin is refused', async () => {
  const { sql, config, slot, store } = await scene([])
  await sql(`select pg_create_logical_replication_slot('${slot}', 'test_decoding')`)
  await assert.rejects(
    TaskDriver.start({ config, store }),
    failsWith('postgres.slot-unusable', /plugin test_decoding/),
  )
})

test('a wrong password, an unknown database and a missing privilege are not retriable and say what to do', async () => {
  const { sql, config, store } = await scene([
    'create table t(id int primary key)',
    'insert into t values (1)',
  ])
  await assert.rejects(
    TaskDriver.start({ config: { ...config, 'database.password': 'geheim' }, store }),
    (error: ConnectError) => {
      failsWith('postgres.authentication', /password authentication failed/)(error)
      assert.equal(error.retriable, false)
      assert.doesNotMatch(error.message, /geheim/)
      return true
    },
  )
  await assert.rejects(
    TaskDriver.start({ config: { ...config, 'database.dbname': 'nowhere' }, store }),
    failsWith('postgres.database-unknown', /"nowhere" does not exist/),
  )
  await sql("create role weak login replication password 'weak'")
  await sql('create publication dbz_publication for all tables')
  await using driver = await TaskDriver.start({
    config: { ...config, 'database.user': 'weak', 'database.password': 'weak' },
    store,
  })
  await waitFor('the failure', () => driver.failure !== null)
  failsWith('postgres.permission-denied', /"public"."t".*permission denied/)(driver.failure)
})

test('a server that is not there is a retriable failure', async () => {
  const { config, store } = await scene([])
  await assert.rejects(
    TaskDriver.start({ config: { ...config, 'database.port': '1' }, store }),
    (error: ConnectError) => {
      failsWith('postgres.connection-lost', /ECONNREFUSED/)(error)
      return error.retriable
    },
  )
})

test('stop during a blocked poll, a snapshot or a start lets go at once', async () => {
  const { sql, config, store } = await scene([
    'create table t(id int primary key, filler text)',
    "insert into t select i, repeat('x', 400) from generate_series(1, 20000) i",
  ])
  const never = new Promise<boolean>(() => {})
  const inSnapshot = await TaskDriver.start({ config, store, accept: () => never })
  await waitFor('the snapshot', () => inSnapshot.logs.includes('snapshot started'))
  void inSnapshot.stop()
  const stopped = await TaskDriver.start({ config, store })
  await stopped.stop()
  await waitFor('the connections to be gone', async () => {
    const rows = await sql(
      `select 1 from pg_stat_activity where application_name like 'tailrace%' and datname = current_database()`,
    )
    return rows.length === 0
  })
  assert.equal(stopped.failure, null)
})

test('slot.drop.on.stop leaves no slot behind', async () => {
  const { sql, config, slot, store } = await scene(['create table t(id int primary key)'], {
    'slot.drop.on.stop': 'true',
  })
  const driver = await TaskDriver.start({ config, store })
  await streaming(sql, slot)
  await driver.stop()
  assert.deepEqual(await sql(`select 1 from pg_replication_slots where slot_name = '${slot}'`), [])
})

test('stop during the creation of a slot, which waits for a transaction, leaves nothing behind', async () => {
  const { sql, config, slot, store, database } = await scene([
    'create table t(id int primary key)',
    'insert into t values (1)',
  ])
  const running = new pg.Client({ connectionString: server.url(database) })
  await running.connect()
  await running.query('begin; insert into t values (2)')
  const driver = await TaskDriver.start({ config, store })
  await waitFor('the server to wait', async () => {
    const rows = await sql(
      `select 1 from pg_stat_activity where backend_type = 'walsender' and wait_event_type = 'Lock' and datname = current_database()`,
    )
    return rows.length === 1
  })
  await driver.stop()
  await waitFor('the slot to be gone', async () => {
    return (await sql(`select 1 from pg_replication_slots where slot_name = '${slot}'`)).length === 0
  })
  await running.query('commit')
  await running.end()
  await using again = await TaskDriver.start({ config, store })
  assert.deepEqual(await seen(again, 2), ['r t 1 first', 'r t 2 last'])
})

test('a row of several megabytes goes through snapshot and stream', async () => {
  const { sql, config, slot, store } = await scene([
    'create table t(id int primary key, big text)',
    "insert into t values (1, repeat('ab\\c', 1000000))",
  ])
  await using driver = await TaskDriver.start({ config, store })
  await seen(driver, 1)
  await streaming(sql, slot)
  await sql('insert into t select 2, big from t where id = 1')
  await seen(driver, 2)
  for (const { after } of driver.changes) {
    assert.equal(after!['big'], 'ab\\c'.repeat(1_000_000))
  }
})

test('a row of two hundred columns goes through snapshot and stream', async () => {
  const columns = Array.from({ length: 200 }, (_, i) => `c${i}`)
  const { sql, config, slot, store } = await scene([
    `create table t(id int primary key, ${columns.map((name) => `${name} text`).join(', ')})`,
    `insert into t values (1, ${columns.map((name) => `'1 ${name}'`).join(', ')})`,
  ])
  await using driver = await TaskDriver.start({ config, store })
  await seen(driver, 1)
  await streaming(sql, slot)
  await sql(`insert into t values (2, ${columns.map((name) => `'2 ${name}'`).join(', ')})`)
  await seen(driver, 2)
  assert.deepEqual(
    driver.changes.map(({ after }) => after),
    [1, 2].map((id) => ({ id, ...Object.fromEntries(columns.map((name) => [name, `${id} ${name}`])) })),
  )
})
