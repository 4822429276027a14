import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../test/servers/postgres.ts'
import { waitFor } from '../../test/wait-for.ts'
import { postProcessorIssues } from './options/reselect-options.ts'
import { changesOf, TaskScene } from './testing/task-scene.ts'

const RESELECT = {
  'post.processors': 'r',
  'r.type': 'io.debezium.processors.reselect.ReselectColumnsPostProcessor',
}
const TABLE = [
  'create table t (id int primary key, v int, big text, other text)',
  'alter table t alter big set storage external, alter other set storage external',
]
const INSERT = "insert into t values (1, 1, repeat('a', 3000), repeat('b', 3000))"

let server: PostgresServer

before(async () => {
  server = await startPostgres()
})

after(() => server.stop())

test('values that PostgreSQL did not send are read again, those of the chosen columns', async () => {
  const scene = await TaskScene.create(server, TABLE, {
    ...RESELECT,
    'r.reselect.columns.include.list': 'public.t:big',
    'r.reselect.null.values': 'false',
  })
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(INSERT)
  for (let i = 2; i <= 20; i++) await scene.sql(`update t set v = ${i}`)
  const changes = await changesOf(driver, 20)
  assert.deepEqual(
    changes.map(({ after }) => after!['v']),
    Array.from({ length: 20 }, (_, i) => i + 1),
  )
  for (const { after } of changes) assert.equal(after!['big'], 'a'.repeat(3000))
  assert.equal(changes[19]!.after!['other'], '__debezium_unavailable_value')
})

test('masks hold for values that are read again, and rows that are gone keep the placeholder', async () => {
  const scene = await TaskScene.create(server, TABLE, {
    ...RESELECT,
    'column.mask.with.2.chars': 'public.t.other',
  })
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(`begin; ${INSERT}; update t set v = 2; delete from t; commit`)
  await scene.sql(INSERT.replace('values (1', 'values (2'))
  await scene.sql('update t set v = null')
  const changes = await changesOf(driver, 6)
  assert.equal(changes[1]!.after!['big'], '__debezium_unavailable_value')
  assert.deepEqual(
    [changes[5]!.after!['v'], changes[5]!.after!['big'], changes[5]!.after!['other']],
    [null, 'a'.repeat(3000), '**'],
  )
})

test('what cannot be read is logged, or fails the task where that is asked for', async () => {
  const role = `reader_${process.pid}`
  for (const mode of ['warn', 'fail']) {
    const scene = await TaskScene.create(
      server,
      [
        ...TABLE,
        'create publication dbz_publication for all tables',
        `drop role if exists ${role}`,
        `create role ${role} login replication password 'x'`,
      ],
      {
        ...RESELECT,
        'r.reselect.error.handling.mode': mode,
        'r.reselect.null.values': 'false',
        'snapshot.mode': 'no_data',
        'database.user': role,
        'database.password': 'x',
      },
    )
    const driver = await scene.start()
    await scene.streaming()
    await scene.sql(INSERT)
    await scene.sql('update t set v = 2')
    if (mode === 'warn') {
      assert.equal((await changesOf(driver, 2))[1]!.after!['big'], '__debezium_unavailable_value')
      assert.ok(driver.logs.includes('values could not be read again'))
    } else {
      await waitFor('the failure', () => driver.failure !== null)
      assert.match(String(driver.failure), /permission denied/)
    }
    await driver.stop()
  }
})

test('other post processors are refused', () => {
  assert.deepEqual(postProcessorIssues(RESELECT), [])
  assert.equal(postProcessorIssues({ 'post.processors': 'x', 'x.type': 'com.acme.X' }).length, 1)
  assert.equal(postProcessorIssues({ ...RESELECT, 'r.reselect.columns.include.list': '(' }).length, 1)
  assert.equal(postProcessorIssues({ ...RESELECT, 'post.processors': 'r,s' }).length, 1)
})
