import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../test/servers/postgres.ts'
import { waitFor } from '../../test/wait-for.ts'
import { ConfigError, RetriableError } from '../api/errors.ts'
import { openConnection } from './testing/connections.ts'
import { TaskDriver, type SeenChange } from './testing/task-driver.ts'
import { changesOf, TaskScene } from './testing/task-scene.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres()
})

after(() => server.stop())

function short({ topic, op, key, snapshot }: SeenChange): string {
  return `${op ?? '-'} ${topic} ${String(key?.['id'])} ${String(snapshot)}`
}

test('a table is read in the snapshot with a statement of its own', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table t (id int primary key, v text)',
      'create table u (id int primary key)',
      "insert into t select i, 'v' || i from generate_series(1, 5) i",
      'insert into u values (1)',
    ],
    {
      'snapshot.select.statement.overrides': 'public.t',
      'snapshot.select.statement.overrides.public.t':
        'select v, id from t where id > 3 order by id desc -- the last ones',
    },
  )
  await using driver = await scene.start()
  const changes = await changesOf(driver, 3)
  assert.deepEqual(changes.map(short), [
    'r p.public.t 5 first',
    'r p.public.t 4 last_in_data_collection',
    'r p.public.u 1 last',
  ])
  assert.deepEqual(changes[0]!.after, { id: 5, v: 'v5' })
})

test("a snapshot's own statement that cannot be read fails for good, and says which option it is", async () => {
  const tables = ['create table t (id int primary key, v text)', "insert into t values (1, 'v')"]
  for (const [statement, said] of [
    ['select id from t', /: column "v" does not exist \(SQLSTATE 42703\)\./],
    ['select id, v frm t', /: syntax error at or near "t" \(SQLSTATE 42601\)\./],
    ["select 'one' as id, v from t", /: invalid input syntax for type integer: "one" \(SQLSTATE 22P02\)\./],
  ] as const) {
    const scene = await TaskScene.create(server, tables, {
      'snapshot.select.statement.overrides': 'public.t',
      'snapshot.select.statement.overrides.public.t': statement,
    })
    const driver = await scene.start()
    await waitFor('the failure', () => driver.failure !== null)
    assert.ok(driver.failure instanceof ConfigError, String(driver.failure))
    assert.match(
      driver.failure.message,
      /^The statement of snapshot\.select\.statement\.overrides\.public\.t /,
    )
    assert.match(driver.failure.message, said)
    assert.match(driver.failure.message, /all columns of the table, .*: id, v\.$/)
    assert.deepEqual(driver.changes, [])
    await driver.stop()
  }
})

test('values of a statement of its own are of the types that the table has, with nothing cut off', async () => {
  const scene = await TaskScene.create(
    server,
    ['create table t (id int primary key, c char(2), v varchar(2), b bit(2), n numeric(4,1))'],
    {
      'snapshot.select.statement.overrides': 'public.t',
      'snapshot.select.statement.overrides.public.t':
        "select '7'::text as id, 'abc'::text as c, 'def' as v, B'1010' as b, 1.25 as n",
      'decimal.handling.mode': 'string',
    },
  )
  await using driver = await scene.start()
  const [change] = await changesOf(driver, 1)
  assert.deepEqual(change!.after, { id: 7, c: 'abc', v: 'def', b: Buffer.of(10), n: '1.25' })
})

test('a query that takes longer than it may is cancelled, also at the server', async () => {
  const connection = await openConnection(server, { 'database.query.timeout.ms': '500' })
  try {
    await assert.rejects(connection.query('select pg_sleep(600)', 'Sleeping'), (error) => {
      assert.ok(error instanceof RetriableError)
      assert.match(
        error.message,
        /^Sleeping took longer than database\.query\.timeout\.ms \(500\) at .*, and was cancelled\.$/,
      )
      return true
    })
    await waitFor('the server to give the query up', async () => {
      const running = `select 1 from pg_stat_activity where query = 'select pg_sleep(600)' and state = 'active'`
      return (await server.query(running)).length === 0
    })
  } finally {
    connection.close()
  }
})

test('a slot in use is asked for as often as it should be, and streamed from once it is free', async () => {
  const scene = await TaskScene.create(server, ['create table t (id int primary key)'])
  const holder = await scene.start()
  await scene.streaming()
  const store = { offset: holder.offsets.at(-1)! }
  const start = (retries: string): Promise<TaskDriver> =>
    TaskDriver.start({
      config: { ...scene.config, 'slot.max.retries': retries, 'slot.retry.delay.ms': '50' },
      store,
    })
  const attempts = ({ logs }: TaskDriver): number =>
    logs.filter((line) => line === 'replication slot in use, trying again').length

  const impatient = await start('2')
  await waitFor('the failure', () => impatient.failure !== null)
  assert.ok(impatient.failure instanceof RetriableError)
  assert.equal(impatient.failure.code, 'postgres.slot-in-use')
  assert.equal(attempts(impatient), 2)
  await impatient.stop()

  await using patient = await start('100000')
  await waitFor('an attempt', () => attempts(patient) > 3)
  await holder.stop()
  await scene.sql('insert into t values (1)')
  assert.deepEqual((await changesOf(patient, 1)).map(short), ['c p.public.t 1 null'])
})

test('changes and rows of partitions come under their root where it is published so', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table p (id int primary key) partition by range (id)',
      'create table p_1 partition of p for values from (0) to (10)',
      'create table p_2 partition of p for values from (10) to (20)',
      'insert into p values (1), (11)',
    ],
    { 'publish.via.partition.root': 'true', 'publication.autocreate.mode': 'filtered' },
  )
  await using driver = await scene.start()
  await changesOf(driver, 2)
  await scene.streaming()
  await scene.sql('insert into p values (12)')
  assert.deepEqual((await changesOf(driver, 3)).map(short), [
    'r p.public.p 1 first',
    'r p.public.p 11 last',
    'c p.public.p 12 null',
  ])
})

test('replica identities are set at the start, only where they differ', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table a (id int primary key, v int)',
      'create table b (id int primary key, v int not null unique)',
      'create table c (id int primary key)',
    ],
    { 'replica.identity.autoset.values': 'public.a:FULL,public.b:INDEX b_v_key' },
  )
  await using driver = await scene.start()
  const rows = await scene.sql(
    "select string_agg(relreplident::text, '' order by relname) as all from pg_class where relname in ('a', 'b', 'c')",
  )
  assert.equal(rows[0]!['all'], 'fid')
  assert.equal(driver.logs.filter((message) => message === 'replica identity set').length, 2)
  await driver.stop()
  await using again = await scene.start()
  assert.equal(again.logs.filter((message) => message === 'replica identity set').length, 0)
})

test('a failover slot is created where the server knows them', async () => {
  const scene = await TaskScene.create(server, ['create table t (id int primary key)'], {
    'slot.failover': 'true',
  })
  await using driver = await scene.start()
  await scene.streaming()
  assert.equal(driver.failure, null)
  const [slot] = await scene.sql(
    `select failover from pg_replication_slots where slot_name = '${scene.database}'`,
  )
  assert.equal(slot!['failover'], true)
})

test('updates that change nothing are left out when asked for, under REPLICA IDENTITY FULL', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table t (id int primary key, a int, hidden int)',
      'alter table t replica identity full',
      'create table d (id int primary key, a int)',
    ],
    {
      'skip.messages.without.change': 'true',
      'column.exclude.list': 'public.t.hidden',
      'statistics.metrics.enabled': 'false',
    },
  )
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql('insert into t values (1, 1, 1)')
  await scene.sql('insert into d values (1, 1)')
  await scene.sql('update t set a = 1')
  await scene.sql('update t set hidden = 2')
  await scene.sql('update d set a = 1')
  await scene.sql('update t set a = null')
  await scene.sql('update t set a = null')
  await scene.sql('update t set id = 2')
  const lines = (await changesOf(driver, 7)).map(short)
  assert.deepEqual(lines, [
    'c p.public.t 1 null',
    'c p.public.d 1 null',
    'u p.public.d 1 null',
    'u p.public.t 1 null',
    'd p.public.t 1 null',
    '- p.public.t 1 null',
    'c p.public.t 2 null',
  ])
  assert.equal(driver.metrics.get('streaming NumberOfUnchangedEventsSkipped'), 3)
  assert.ok(driver.metrics.has('streaming MilliSecondsBehindSource'))
  assert.ok(!driver.metrics.has('streaming MilliSecondsBehindSourceMaxValue'), 'statistics are not wanted')
})

test('batches are no larger than max.queue.size.in.bytes, but for their last row', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table t (id int primary key, a text)',
      "insert into t select g, repeat('x', 100) from generate_series(1, 50) g",
    ],
    { 'max.queue.size.in.bytes': '5000' },
  )
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql("insert into t select g, repeat('x', 100) from generate_series(51, 100) g")
  await changesOf(driver, 100)
  assert.ok(driver.offsets.length >= 10, `${driver.offsets.length} batches`)
  for (const phase of ['snapshot', 'streaming']) {
    assert.equal(driver.metrics.get(`${phase} MaxQueueSizeInBytes`), 5000)
    assert.ok(driver.metrics.get(`${phase} CurrentQueueSizeInBytes`)! < 6000)
  }
})

test('with configuration_based the conditions say what is done', async () => {
  const based = 'snapshot.mode.configuration.based'
  const scene = await TaskScene.create(
    server,
    ['create table t (id int primary key)', 'insert into t values (1)'],
    { 'snapshot.mode': 'configuration_based', [`${based}.snapshot.data`]: 'true' },
  )
  await using driver = await scene.start()
  assert.deepEqual((await changesOf(driver, 1)).map(short), ['r p.public.t 1 last'])
  await waitFor('the end of the snapshot', () => driver.logs.includes('snapshot completed'))
  assert.ok(!driver.logs.includes('streaming started'))
})

test('tables come in the order of their sizes when asked for', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table a (id int primary key)',
      'create table b (id int primary key)',
      'insert into a select generate_series(1, 2)',
      'insert into b values (1)',
      'analyze',
    ],
    { 'snapshot.tables.order.by.row.count': 'ascending' },
  )
  await using driver = await scene.start()
  const topics = (await changesOf(driver, 3)).map(({ topic }) => topic)
  assert.deepEqual(topics, ['p.public.b', 'p.public.a', 'p.public.a'])
})

test('more tables than guardrail.collections.max are warned of, or refused', async () => {
  const tables = ['create table a (id int primary key)', 'create table b (id int primary key)']
  const limit = { 'guardrail.collections.max': '1', 'table.include.list': 'public.*' }
  const warned = await TaskScene.create(server, tables, limit)
  await using driver = await warned.start()
  const words =
    /Guardrail limit exceeded: 2 tables\/collections configured for capture, but maximum allowed is 1\./
  assert.ok(driver.logs.some((message) => words.test(message)))
  const refused = await TaskScene.create(server, tables, {
    ...limit,
    'guardrail.collections.limit.action': 'fail',
  })
  await assert.rejects(() => refused.start(), words)
})
