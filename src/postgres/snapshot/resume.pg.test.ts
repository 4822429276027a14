import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../../../test/servers/postgres.ts'
import { startTcpProxy } from '../../../test/servers/tcp-proxy.ts'
import { waitFor } from '../../../test/wait-for.ts'
import type { ConnectorConfig } from '../../api/config-def.ts'
import { RetriableError } from '../../api/errors.ts'
import { TaskDriver, type SeenChange } from '../testing/task-driver.ts'
import { TaskScene } from '../testing/task-scene.ts'

let server: PostgresServer

before(async () => {
  server = await startPostgres({ settings: { max_replication_slots: '40' } })
})

after(() => server.stop())

const ROWS = 12_000
/** 1 MB each: 128 blocks, of 16 rows each. */
const SMALL_CHUNKS = { 'snapshot.max.threads.multiplier': '100' }

/** A table of 6 MB with a value that is stored apart, and a small one. */
function scene(more: ConnectorConfig = {}): Promise<TaskScene> {
  return TaskScene.create(
    server,
    [
      'create table a(id int primary key)',
      'insert into a values (1), (2)',
      'create table t(id int primary key, n int, filler text, big text)',
      'alter table t alter column big set storage external',
      `insert into t select i, 0, repeat('x', 450), null from generate_series(1, ${ROWS}) i`,
      "update t set big = repeat('b', 3000) where id in (11990, 11991)",
      'vacuum full t',
      'create table z(id int primary key)',
      'insert into z values (1), (2)',
    ],
    { ...SMALL_CHUNKS, ...more },
  )
}

/** Runs until so many batches are stored, and stops as if killed. */
async function interrupted(
  scene: TaskScene,
  batches: number,
  config = scene.config,
): Promise<readonly SeenChange[]> {
  let accepted = 0
  const driver = await TaskDriver.start({
    config,
    store: scene.store,
    accept: () => ++accepted <= batches,
  })
  await waitFor('the batches', () => {
    if (driver.failure !== null) throw driver.failure as Error
    return accepted > batches
  })
  await driver.stop()
  assert.equal(scene.store.offset!['snapshot_completed'], false)
  assert.match(scene.store.offset!['tailrace_snapshot_progress'] as string, /\/\w+:\d+-/)
  return driver.changes
}

/** Goes on, and streams until a last row is there. */
async function finished(
  scene: TaskScene,
): Promise<{ changes: readonly SeenChange[]; logs: readonly string[] }> {
  await using driver = await scene.start()
  await streams(driver)
  await scene.sql('insert into a values (99)')
  await waitFor('the last row', () => {
    if (driver.failure !== null) throw driver.failure as Error
    return driver.changes.some(({ topic, key }) => topic === 'p.public.a' && key?.['id'] === 99)
  })
  return driver
}

/** Not `TaskScene.streaming`: the server's view of it can be as late as its next WAL record. */
async function streams(driver: TaskDriver): Promise<void> {
  await waitFor('streaming', () => {
    if (driver.failure !== null) throw driver.failure as Error
    return driver.logs.includes('streaming started')
  })
}

/** What a sink has that leaves values alone which were not sent. */
function replay(...parts: readonly (readonly SeenChange[])[]): Map<string, Record<string, unknown>> {
  const state = new Map<string, Record<string, unknown>>()
  for (const { topic, op, key, after } of parts.flat()) {
    const id = `${topic.split('.').at(-1)} ${String(key!['id'])}`
    if (op === 'd') state.delete(id)
    if (after === null) continue
    const known = Object.entries(after).filter(([, value]) => value !== '__debezium_unavailable_value')
    state.set(id, { ...state.get(id), ...Object.fromEntries(known) })
  }
  return state
}

async function requireSame(scene: TaskScene, state: Map<string, Record<string, unknown>>): Promise<void> {
  const rows = await scene.sql("select 't ' || id as at, n, filler, big from t")
  assert.equal(state.size, rows.length + 5)
  for (const { at, ...columns } of rows) {
    const { id, ...found } = state.get(at as string) ?? {}
    assert.deepEqual(found, columns, `${String(at)} (${String(id)})`)
  }
}

const reads = (changes: readonly SeenChange[]) =>
  changes.filter(({ op, topic }) => op === 'r' && topic === 'p.public.t').length

test('an interrupted snapshot goes on where it was, and ends in the state of the tables', async () => {
  const given = await scene()
  const first = await interrupted(given, 4)
  const done = reads(first)
  assert.ok(done > ROWS / 4, `${done} rows before the interruption`)
  // Room in blocks that were read, for rows of blocks that were not: only here their large values can be seen.
  await given.sql('delete from t where id <= 400')
  await given.sql('vacuum t')
  await given.sql('update t set n = n + 1 where id between 11980 and 11999')
  await given.sql('update t set id = 100001 where id = 11991')
  await given.sql("insert into t values (100002, 7, 'new', repeat('c', 3000))")
  await given.sql('alter table t add column more int default 5')
  await given.sql('update t set n = 2 where id = 11990')
  const { changes, logs } = await finished(given)
  assert.ok(logs.includes('going on with an interrupted snapshot'))
  const again = done + reads(changes) - ROWS
  assert.ok(again < 5000, `${again} rows were read twice`)
  const state = replay(first, changes)
  await given.sql('alter table t drop column more')
  for (const row of state.values()) delete row['more']
  await requireSame(given, state)
})

test('a table that was written anew meanwhile is read anew, the others are not', async () => {
  for (const how of ['vacuum full t', 'truncate t', 'alter table t alter column n type bigint']) {
    const given = await scene()
    const first = await interrupted(given, 4)
    await given.sql(how)
    const { changes } = await finished(given)
    const [count] = await given.sql('select count(*)::int as n from t')
    assert.equal(reads(changes), count!['n'], how)
    assert.equal(changes.filter(({ op, topic }) => op === 'r' && topic === 'p.public.a').length, 0, how)
    if (how !== 'truncate t') assert.equal(replay(first, changes).size, ROWS + 5)
  }
})

test('a table that was dropped meanwhile is let be', async () => {
  const given = await scene()
  await interrupted(given, 4)
  await given.sql('drop table t')
  const { changes } = await finished(given)
  assert.equal(reads(changes), 0)
  assert.equal(changes.filter(({ op }) => op === 'r').length, 2)
})

test('with snapshot.resume=false an interrupted snapshot begins again', async () => {
  const given = await scene({ 'snapshot.resume': 'false' })
  await interrupted(given, 4)
  const { changes } = await finished(given)
  assert.equal(reads(changes), ROWS)
})

test('several connections read every row once, and the marks hold', async () => {
  const given = await scene({ 'snapshot.max.threads': '3', 'snapshot.max.threads.multiplier': '4' })
  const { changes } = await finished(given)
  const rows = changes.filter(({ op }) => op === 'r')
  assert.equal(new Set(rows.map(({ topic, key }) => `${topic} ${String(key!['id'])}`)).size, ROWS + 4)
  assert.equal(rows.length, ROWS + 4)
  assert.equal(rows[0]!.snapshot, 'first')
  assert.equal(rows.at(-1)!.snapshot, 'last')
  const marks = (mark: string) => rows.filter(({ snapshot }) => snapshot === mark).length
  assert.equal(marks('first'), 1)
  assert.equal(marks('last'), 1)
  assert.equal(marks('first_in_data_collection') + marks('last_in_data_collection'), 4)
})

test('several connections, interrupted', async () => {
  const given = await scene({ 'snapshot.max.threads': '2' })
  const first = await interrupted(given, 5)
  await given.sql('update t set n = n + 1 where id % 100 = 0')
  const { changes } = await finished(given)
  assert.ok(reads(first) + reads(changes) < ROWS + 6000)
  await requireSame(given, replay(first, changes))
})

test('a connection that breaks in the middle of a COPY is a failure that passes, and the next run goes on', async () => {
  const given = await scene()
  await using proxy = await startTcpProxy(server)
  const config = { ...given.config, 'database.hostname': proxy.host, 'database.port': String(proxy.port) }
  proxy.cutAfter(4_000_000)
  const broken = await TaskDriver.start({ config, store: given.store })
  await waitFor('the failure', () => broken.failure !== null)
  assert.ok(broken.failure instanceof RetriableError, String(broken.failure))
  assert.match(broken.failure.message, /The snapshot of "public"."t" failed/)
  await broken.stop()
  assert.equal(broken.metrics.get('snapshot SnapshotAborted'), 1)
  const { changes } = await finished(given)
  assert.ok(reads(changes) < ROWS, 'it did not begin again')
  await requireSame(given, replay(broken.changes, changes))
})

test('progress is told by metrics', async () => {
  const given = await scene()
  await interrupted(given, 4)
  await using driver = await given.start()
  await streams(driver)
  const metric = (name: string) => driver.metrics.get(`snapshot ${name}`)
  assert.deepEqual(
    ['TotalTableCount', 'RemainingTableCount', 'SnapshotRunning', 'SnapshotCompleted', 'SnapshotAborted'].map(
      metric,
    ),
    [3, 0, 0, 1, 0],
  )
  assert.equal(metric('public.z RowsScanned'), 2)
  assert.ok(metric('public.t TableChunkCounts')! > 1)
  assert.equal(metric('public.t TableChunksCompletedCounts'), metric('public.t TableChunkCounts'))
  assert.equal(metric('TotalNumberOfEventsSeen'), reads(driver.changes) + 2)
  assert.equal(metric('TotalNumberOfReadEventsSeen'), metric('TotalNumberOfEventsSeen'))
})
