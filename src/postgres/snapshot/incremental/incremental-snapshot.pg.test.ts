import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../../../test/servers/postgres.ts'
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

test('a signal has a table read in chunks', async () => {
  const scene = await TaskScene.create(
    server,
    [SIGNALS, 'create table t(id int primary key)', 'insert into t select generate_series(1, 5)'],
    CONFIG,
  )
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(execute(['public.t']))
  await changesOf(driver, 12)
  const rows = driver.changes.filter(({ topic }) => topic === 'p.public.t')
  assert.deepEqual(
    rows.map(({ op, after, snapshot }) => [op, after!['id'], snapshot]),
    [1, 2, 3, 4, 5].map((id) => ['r', id, 'incremental']),
  )
})
