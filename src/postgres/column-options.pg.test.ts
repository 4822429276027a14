import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../test/servers/postgres.ts'
import { changesOf, TaskScene } from './testing/task-scene.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres()
})

after(() => server.stop())

test('columns are masked, truncated and hashed in the snapshot and in the stream, and never in the key', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table t (id text primary key, a text, b text, c varchar(8))',
      "insert into t values ('k', 'abcdef', 'b', 'c')",
    ],
    {
      'column.mask.with.3.chars': String.raw`public\.t\.(id|b)`,
      'column.truncate.to.2.chars': 'public.t.a',
      'column.mask.hash.v2.SHA-256.with.salt.s': 'public.t.c',
    },
  )
  await using driver = await scene.start()
  await changesOf(driver, 1)
  await scene.streaming()
  await scene.sql("insert into t values ('l', 'xyz', null, null)")
  const changes = await changesOf(driver, 2)
  assert.deepEqual(
    changes.map(({ key, after }) => [key, after]),
    [
      [{ id: 'k' }, { id: '***', a: 'ab', b: '***', c: 'e0b9a879' }],
      [{ id: 'l' }, { id: '***', a: 'xy', b: '***', c: null }],
    ],
  )
})

test('message.key.columns gives tables another key, and what moves between keys is told by the replica identity', async () => {
  const scene = await TaskScene.create(
    server,
    [
      'create table t (id int primary key, grp text, v int)',
      'create table f (id int primary key, grp text)',
      'alter table f replica identity full',
    ],
    { 'message.key.columns': 'public.t:grp,id;public.f:grp' },
  )
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql("insert into t values (1, 'g', 1)")
  await scene.sql("update t set grp = 'h'")
  await scene.sql('delete from t')
  await scene.sql("insert into f values (1, 'g')")
  await scene.sql("update f set grp = 'h'")
  const changes = await changesOf(driver, 8)
  assert.deepEqual(
    changes.map(({ op, key }) => [op, key]),
    [
      ['c', { grp: 'g', id: 1 }],
      ['u', { grp: 'h', id: 1 }],
      ['d', { grp: null, id: 1 }],
      [null, { grp: null, id: 1 }],
      ['c', { grp: 'g' }],
      ['d', { grp: 'g' }],
      [null, { grp: 'g' }],
      ['c', { grp: 'h' }],
    ],
  )
})

test('the last row of a snapshot is marked even where empty tables follow', async () => {
  const scene = await TaskScene.create(server, [
    'create table a (id int primary key)',
    'create table b (id int primary key)',
    'create table c (id int primary key)',
    'create table d (id int primary key)',
    'insert into a values (1), (2)',
    'insert into c values (3)',
  ])
  await using driver = await scene.start()
  const changes = await changesOf(driver, 3)
  assert.deepEqual(
    changes.map(({ key, snapshot }) => [key!['id'], snapshot]),
    [
      [1, 'first'],
      [2, 'last_in_data_collection'],
      [3, 'last'],
    ],
  )
})
