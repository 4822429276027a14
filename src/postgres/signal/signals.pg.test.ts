import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../../test/servers/postgres.ts'
import { waitFor } from '../../../test/wait-for.ts'
import type { Struct } from '../../api/struct.ts'
import { changesOf, TaskScene } from '../testing/task-scene.ts'
import { TaskDriver } from '../testing/task-driver.ts'

let server: PostgresServer
let folder: string

before(async () => {
  server = await startPostgres({ settings: { max_replication_slots: '50', max_wal_senders: '50' } })
  folder = await mkdtemp(join(tmpdir(), 'tailrace-signals-'))
})

after(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

const SIGNALS = 'create table signals(id varchar(64) primary key, type varchar(64) not null, data text)'
const TABLE = ['create table t(id int primary key, v int)', 'insert into t values (1, 1), (2, 2), (3, 3)']

test('a blocking snapshot reads tables with the statement of its condition, and the stream goes on', async () => {
  const scene = await TaskScene.create(server, [SIGNALS, ...TABLE], {
    'snapshot.mode': 'no_data',
    'signal.data.collection': 'public.signals',
    'table.include.list': 'public\\.t',
  })
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(`insert into signals values ('1', 'execute-snapshot', '{"type": "BLOCKING", "data-collections": ["public.t", "public.none"],
    "additional-conditions": [{"data-collection": "public.t", "filter": "select * from t where id > 1"}]}')`)
  await waitFor('the rows', () => driver.changes.length >= 3)
  await scene.sql('insert into t values (4, 4)')
  const changes = await changesOf(driver, 4)
  assert.deepEqual(
    changes.map(({ topic, op, after, snapshot }) => [topic, op, after!['id'], snapshot]),
    [
      ['p.public.signals', 'c', '1', null],
      ['p.public.t', 'r', 2, 'first'],
      ['p.public.t', 'r', 3, 'last'],
      ['p.public.t', 'c', 4, null],
    ],
  )
  const states = driver.offsets.map(
    (offset) => `${JSON.stringify(offset['snapshot'])} ${'tailrace_blocking_snapshots' in offset}`,
  )
  // Before it, positions may have come that stand for nothing.
  const requested = states.indexOf('undefined true')
  assert.deepEqual(
    [...new Set(states.slice(requested))],
    ['undefined true', '"BLOCKING" false', 'undefined false'],
  )
})

test('a blocking snapshot that was interrupted is read after the restart', async () => {
  const scene = await TaskScene.create(server, [SIGNALS, ...TABLE], {
    'snapshot.mode': 'no_data',
    'signal.data.collection': 'public.signals',
  })
  let isRequested = false
  const killed = await TaskDriver.start({
    config: scene.config,
    store: scene.store,
    accept: ({ offset }) => {
      const isKilled = isRequested
      isRequested ||= 'tailrace_blocking_snapshots' in offset
      return !isKilled
    },
  })
  await scene.streaming()
  await scene.sql(
    `insert into signals values ('1', 'execute-snapshot', '{"type": "blocking", "data-collections": ["public.t"]}')`,
  )
  await waitFor('its request', () => isRequested)
  await killed.stop()
  assert.equal(reads(killed).length, 0)
  await using driver = await scene.start()
  await waitFor('the rows', () => reads(driver).length === 3)
})

test('a statement that is wrong ends the blocking snapshot, not the connector', async () => {
  const scene = await TaskScene.create(server, [SIGNALS, ...TABLE], {
    'snapshot.mode': 'no_data',
    'signal.data.collection': 'public.signals',
  })
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql(`insert into signals values ('1', 'execute-snapshot', '{"type": "blocking", "data-collections": ["public.t"],
    "additional-conditions": [{"data-collection": "public.t", "filter": "selct"}]}')`)
  await waitFor('the warning', () =>
    driver.logs.includes('a blocking snapshot failed: it is skipped, streaming goes on'),
  )
  await scene.sql('insert into t values (4, 4)')
  await waitFor('the change', () => driver.changes.some(({ key }) => key?.['id'] === 4))
})

test('signals in a file are obeyed once, lines that are none are skipped', async () => {
  const file = join(folder, 'signals.txt')
  const scene = await TaskScene.create(server, TABLE, {
    'snapshot.mode': 'no_data',
    'read.only': 'true',
    'signal.enabled.channels': 'file',
    'signal.file': file,
    'signal.poll.interval.ms': '50',
  })
  const signal = { id: '1', type: 'execute-snapshot', data: { 'data-collections': ['public.t'] } }
  await writeFile(file, 'no json\n')
  await using driver = await scene.start()
  await waitFor('the end of the file', () => !existsSync(file) && !existsSync(`${file}.taken`))
  await writeFile(file, `{"type": 1}\n${JSON.stringify(signal)}\n`)
  await waitFor('the rows', () => reads(driver).length === 3)
  await waitFor('the end of the file', () => !existsSync(file) && !existsSync(`${file}.taken`))
  assert.ok(driver.logs.includes('a line of the signal file is no signal: it is skipped'))
})

test('the initial snapshot is told in the words of the reference, between its rows', async () => {
  const scene = await TaskScene.create(server, TABLE, {
    'notification.enabled.channels': 'sink,log',
    'notification.sink.topic.name': 'notes',
  })
  {
    await using driver = await scene.start()
    await waitFor('the end', () => driver.offsets.some((offset) => offset['snapshot_completed'] === true))
    const notes = driver.changes.filter(({ topic }) => topic === 'notes')
    assert.deepEqual(
      notes.map(({ record }) => {
        const value = record.value as Struct
        const data = value.get('additional_data') as Map<string, string>
        return [value.get('type') as string, ...data.values()].join(' ')
      }),
      [
        'STARTED p',
        'DATA_COLLECTIONS_RESOLVED p public.t',
        'IN_PROGRESS public.t p public.t',
        'TABLE_SCAN_COMPLETED public.t p 3 public.t SUCCEEDED',
        'COMPLETED p',
      ],
    )
    assert.ok(driver.logs.includes('notification'))
  }
  await using driver = await scene.start()
  await scene.streaming()
  await scene.sql('insert into t values (4, 4)')
  await waitFor('the change', () => driver.changes.length >= 2)
  assert.equal((driver.changes[0]!.record.value as Struct).get('type'), 'SKIPPED')
})

function reads(driver: TaskDriver) {
  return driver.changes.filter(({ op }) => op === 'r')
}
