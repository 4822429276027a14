import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../test/servers/postgres.ts'
import { waitFor } from '../../test/wait-for.ts'
import { changesOf, TaskScene } from './testing/task-scene.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres()
})

after(() => server.stop())

const SCHEMA = 'sch"; drop table public.victim; --'
const TABLE = `t\\'"; drop table public.victim; --`
const KEY = `k'") cascade; drop table public.victim; --`
const COLUMN = `c"'; $$ \\`
const PUBLICATION = 'pub"; drop table public.victim; --'
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
const id = `${quoted(SCHEMA)}.${quoted(TABLE)}`

test('names that end a statement and begin another are names, wherever they come into SQL', async () => {
  const scene = await TaskScene.create(
    server,
    [
      // As old databases have it: a backslash then means something in every literal.
      `do $$ begin execute format('alter database %I set standard_conforming_strings = off', current_database()); end $$`,
      'create table victim (id int primary key)',
      'create table signals (id varchar(64) primary key, type varchar(64) not null, data text)',
      `create schema ${quoted(SCHEMA)}`,
      `create table ${id} (${quoted(KEY)} int primary key, ${quoted(COLUMN)} text)`,
      `insert into ${id} select i, 'v' || i from generate_series(1, 5) i`,
    ],
    {
      'publication.name': PUBLICATION,
      'publication.autocreate.mode': 'filtered',
      'table.include.list': '.*\\.t.*,public.signals',
      'signal.data.collection': 'public.signals',
      'incremental.snapshot.chunk.size': '2',
      'replica.identity.autoset.values': '.*\\.t.*:FULL',
    },
  )
  await using driver = await scene.start()
  await changesOf(driver, 5)
  await scene.streaming()
  await scene.sql(`update ${id} set ${quoted(COLUMN)} = 'w' where ${quoted(KEY)} = 1`)
  const [, , , , , update] = await changesOf(driver, 6)
  assert.deepEqual(update!.before, { [KEY]: 1, [COLUMN]: 'v1' })
  assert.deepEqual(update!.after, { [KEY]: 1, [COLUMN]: 'w' })

  const data = JSON.stringify({ 'data-collections': ['.*\\.t.*'], 'surrogate-key': KEY })
  await scene.sql(`insert into signals values ('s', 'execute-snapshot', $data$${data}$data$)`)
  await waitFor('the rows of the incremental snapshot', () => {
    if (driver.failure !== null) throw driver.failure
    return driver.changes.filter(({ snapshot }) => snapshot === 'incremental').length === 5
  })
  const [publication] = await scene.sql('select pubname from pg_publication')
  assert.equal(publication!['pubname'], PUBLICATION)
  assert.deepEqual(await scene.sql('select count(*)::int as n from victim'), [{ n: 0 }])
})
