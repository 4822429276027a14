import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres } from '../../../test/servers/postgres.ts'
import { waitFor } from '../../../test/wait-for.ts'
import type { ConnectError } from '../../api/errors.ts'
import type { JsonObject } from '../../api/record.ts'
import { plain, TaskDriver, type OffsetStore, type SeenChange } from '../testing/task-driver.ts'
import { changesOf, TaskScene } from '../testing/task-scene.ts'
import { parseLsn } from '../wire/lsn.ts'

const TABLES = [
  'create table t (id int primary key, name text, at timestamptz default now(), amount numeric(10,2))',
  'create table f (id int primary key, b bytea, j jsonb)',
  'alter table f replica identity full',
  'create table other (id int)',
  'create publication dbz_publication for table t, f, other',
]

const WORK = [
  "insert into t select g, 'name ' || g, now(), g / 3.0 from generate_series(1, 3000) g",
  "begin; insert into t values (9001, 'äöü', null, null); update t set name = 'changed' where id < 50; delete from t where id = 7; commit",
  'update t set id = id + 100000 where id between 20 and 25',
  "select pg_logical_emit_message(true, 'p', 'within'), pg_logical_emit_message(false, 'p', 'without')",
  "insert into f select g, '\\x00ff', jsonb_build_object('g', g) from generate_series(1, 500) g",
  'begin; insert into t values (9002); savepoint s; insert into t values (9003); rollback to s; insert into f values (9004); commit',
  'alter table t add column more int default 5',
  'update t set more = id where id > 2900',
  'insert into other select generate_series(1, 1000)',
  'delete from f where id > 400',
  'begin; truncate t, f; insert into t (id) values (1); commit',
  'alter table t drop column name; insert into t (id) values (2)',
]

describe('catching up by SQL', async () => {
  const postgres = await startPostgres()
  after(() => postgres.stop())

  const scene = (more: Record<string, string> = {}): Promise<TaskScene> =>
    TaskScene.create(postgres, TABLES, {
      'snapshot.mode': 'no_data',
      'table.include.list': 'public.t,public.f',
      'skipped.operations': 'none',
      'provide.transaction.metadata': 'true',
      ...more,
    })

  it('gives the same records, bytes and offsets as a walsender does, and goes on where that was stopped', async () => {
    const place = await scene()
    const way = (name: string, isEncoding: boolean, thresholds: readonly string[]): Way => ({
      slot: `${place.database}_${name}`,
      isEncoding,
      thresholds,
      store: { offset: null },
    })
    const ways = [
      way('walsender', false, ['0']),
      way('sql', false, ['1']),
      way('turns', false, ['0', '1', '0', '1', '1', '0', '1', '0', '0', '1']),
      way('walsender_bytes', true, ['0']),
      way('sql_bytes', true, ['1']),
    ]
    const start = (
      { slot, store, isEncoding }: Way,
      threshold: string,
      accept: () => boolean,
    ): Promise<TaskDriver> =>
      TaskDriver.start({
        config: { ...place.config, 'slot.name': slot, 'catch.up.threshold.bytes': threshold },
        store,
        isEncoding,
        accept,
      })
    for (const one of ways) {
      await using driver = await start(one, one.thresholds[0]!, () => true)
      await waitFor('the slot', () => driver.logs.includes('streaming started'))
    }
    for (const statement of WORK) await place.sql(statement)
    const [row] = await place.sql('select pg_current_wal_lsn()::text as lsn')
    const end = parseLsn(row!['lsn'] as string)
    const hasAll = ({ store }: Way): boolean =>
      store.offset !== null && (store.offset['lsn'] as bigint) >= end

    const seen: Seen[] = []
    for (const one of ways) {
      const { thresholds, slot } = one
      const all: Seen = { records: [], bytes: [], offsets: new Map() }
      for (const [turn, threshold] of thresholds.entries()) {
        if (hasAll(one)) break
        await place.released(slot)
        const isLast = turn === thresholds.length - 1
        let left = isLast ? Infinity : 1
        let isStopped = false
        const driver = await start(one, threshold, () => {
          // One batch more than is taken: it is read again by the next one.
          isStopped = left-- <= 0
          return !isStopped
        })
        await waitFor(`${slot} to have read all`, () => {
          if (driver.failure !== null) throw driver.failure
          return isStopped || hasAll(one)
        })
        await driver.stop()
        assert.equal(driver.logs.includes('catching up by SQL'), threshold === '1')
        all.records.push(...driver.changes.map(withoutTime))
        all.bytes.push(...driver.lines.map(withoutTimeText))
        for (const offset of driver.offsets) if (offset['messageType'] === 'COMMIT') noteCommit(all, offset)
      }
      seen.push(all)
    }
    const [walsender, sql, turns, walsenderBytes, sqlBytes] = seen as [Seen, Seen, Seen, Seen, Seen]
    assert.ok(walsender.records.length > 3500)
    assertSame(sql.records, walsender.records)
    assertSame(turns.records, walsender.records)
    assert.ok(walsenderBytes.bytes.length > 3500)
    assertSame(sqlBytes.bytes, walsenderBytes.bytes)
    assertSame(sqlBytes.records, walsenderBytes.records)
    for (const { offsets } of seen) {
      assert.equal([...offsets.keys()].at(-1), [...walsender.offsets.keys()].at(-1))
      for (const [commit, rest] of offsets) assert.equal(rest, walsender.offsets.get(commit) ?? rest)
    }
  })

  it('goes on with a walsender, without a gap and without a repetition', async () => {
    const place = await scene({ 'catch.up.threshold.bytes': '1', 'provide.transaction.metadata': 'false' })
    await stoppedAfterAll(place)
    await place.sql('insert into t select generate_series(1, 20000)')
    await using driver = await place.start()
    await place.streaming()
    await place.sql('insert into t select generate_series(20001, 20010)')
    await waitFor('all rows', () => driver.changes.length >= 20_010)
    assert.deepEqual(
      driver.changes.map(({ after: row }) => row?.['id']),
      Array.from({ length: 20_010 }, (_, i) => i + 1),
    )
    assert.ok(driver.logs.includes('caught up by SQL'))
  })

  it('leaves the rest to a walsender though more is written all the time', async () => {
    const place = await scene({ 'catch.up.threshold.bytes': '1', 'provide.transaction.metadata': 'false' })
    await stoppedAfterAll(place)
    await place.sql('insert into t select generate_series(1, 20000)')
    let id = 20_000
    const over = new AbortController()
    const write = async (): Promise<void> => {
      while (!over.signal.aborted) await place.sql(`insert into t values (${++id})`)
    }
    const writing = write()
    await using driver = await place.start()
    try {
      await place.streaming()
    } finally {
      over.abort()
      await writing
    }
    const passes = driver.logs.slice(0, driver.logs.indexOf('streaming started'))
    assert.equal(passes.filter((text) => text === 'catching up by SQL').length, 1)
    await changesOf(driver, id)
    assert.deepEqual(
      driver.changes.map(({ after: row }) => row?.['id']),
      Array.from({ length: id }, (_, i) => i + 1),
    )
  })

  it('passes over nothing from while there was no publication', async () => {
    const place = await scene({ 'catch.up.threshold.bytes': '1', 'provide.transaction.metadata': 'false' })
    await stoppedAfterAll(place)
    await place.sql('drop publication dbz_publication; insert into t values (1)')
    await place.sql('create publication dbz_publication for table t, f, other; insert into t values (2)')
    await using driver = await place.start()
    await waitFor('the task to fail', () => driver.failure !== null)
    assert.equal((driver.failure as ConnectError).code, 'postgres.publication-unusable')
    assert.deepEqual(driver.changes, [])
  })

  it('takes up a transaction in whose middle it was killed', async () => {
    const place = await scene({ 'catch.up.threshold.bytes': '1', 'provide.transaction.metadata': 'false' })
    await stoppedAfterAll(place)
    await place.sql("insert into t select g, repeat('x', 100) from generate_series(1, 30000) g")
    const ids: unknown[] = []
    for (let batches = 1; ids.length < 30_000; batches++) {
      let left = batches
      const driver = await TaskDriver.start({
        config: place.config,
        store: place.store,
        accept: () => left-- > 0,
      })
      await waitFor('some batches', () => {
        if (driver.failure !== null) throw driver.failure
        return left < 0 || ids.length + driver.changes.length >= 30_000
      })
      await driver.stop()
      ids.push(...driver.changes.map(({ after: row }) => row?.['id']))
    }
    assert.deepEqual(
      ids,
      Array.from({ length: 30_000 }, (_, i) => i + 1),
    )
  })

  it('leaves to the walsender what the server does not let it do', async () => {
    const place = await scene({ 'catch.up.threshold.bytes': '1', 'provide.transaction.metadata': 'false' })
    await stoppedAfterAll(place)
    await place.sql('insert into t select generate_series(1, 20000)')
    await place.sql('alter role postgres set temp_file_limit = 500; alter role postgres set work_mem = 64')
    await using driver = await place.start()
    await changesOf(driver, 20_000)
    await place.sql('alter role postgres reset all')
    assert.ok(
      driver.logs.includes('catching up by SQL is not possible, streaming instead'),
      driver.logs.join('; '),
    )
    assert.equal(driver.changes.length, 20_000)
  })

  it('goes on after a snapshot that has seen all that the slot still has', async () => {
    const place = await scene({
      'catch.up.threshold.bytes': '1',
      'snapshot.mode': 'initial',
      'provide.transaction.metadata': 'false',
    })
    await place.sql(`select pg_create_logical_replication_slot('${place.database}', 'pgoutput')`)
    await place.sql('insert into t select generate_series(1, 1000)')
    await using driver = await place.start()
    await place.streaming()
    assert.ok(driver.logs.includes('caught up by SQL'))
    await place.sql('insert into t values (1001)')
    await changesOf(driver, 1001)
    assert.deepEqual(
      driver.changes.map(({ after: row }) => row?.['id']),
      Array.from({ length: 1001 }, (_, i) => i + 1),
    )
  })

  it('ends in any moment without an error that nobody hears of', async (t) => {
    const place = await scene({ 'catch.up.threshold.bytes': '1', 'provide.transaction.metadata': 'false' })
    await stoppedAfterAll(place)
    await place.sql('insert into t select generate_series(1, 100)')
    const unheard: unknown[] = []
    const hear = (error: unknown): void => void unheard.push(error)
    process.on('unhandledRejection', hear)
    t.after(() => process.off('unhandledRejection', hear))
    for (let turns = 0; turns < 40; turns++) {
      const driver = await TaskDriver.start({ config: place.config, store: place.store, accept: () => false })
      await waitFor(
        'it to begin',
        () => driver.logs.includes('catching up by SQL') || driver.failure !== null,
      )
      // While it connects, asks, or reads.
      await delay(turns)
      await driver.stop()
      assert.equal(driver.failure, null)
    }
    assert.deepEqual(unheard, [])
  })

  it('does not pass over what somebody else has taken from the slot', async () => {
    const place = await scene({ 'catch.up.threshold.bytes': '1' })
    await stoppedAfterAll(place)
    await place.sql('insert into t select generate_series(1, 1000)')
    await place.sql(
      `select count(*) from pg_logical_slot_get_binary_changes('${place.database}', null, null, 'proto_version', '1', 'publication_names', 'dbz_publication')`,
    )
    await place.sql('insert into t select generate_series(1001, 2000)')
    await assert.rejects(place.start(), { code: 'postgres.position-lost' })
  })
})

interface Way {
  readonly slot: string
  readonly isEncoding: boolean
  /** `catch.up.threshold.bytes` of one run after the other; each but the last one is stopped soon. */
  readonly thresholds: readonly string[]
  readonly store: OffsetStore
}

interface Seen {
  readonly records: string[]
  readonly bytes: string[]
  /** What the offset after a commit says beside where the stream was idle then, by `lsn_commit`. */
  readonly offsets: Map<bigint, string>
}

function noteCommit({ offsets }: Seen, offset: JsonObject): void {
  const { lsn: _lsn, lsn_proc: _processed, lsn_commit: commit, ...rest } = offset
  if (typeof commit === 'bigint') offsets.set(commit, exactText(rest))
}

function assertSame(actual: readonly string[], expected: readonly string[]): void {
  for (const [i, record] of expected.entries()) assert.equal(actual[i], record, `record ${i}`)
  assert.equal(actual.length, expected.length)
}

/** A task has streamed some changes and was stopped; the slot is free. */
async function stoppedAfterAll(place: TaskScene): Promise<void> {
  const driver = await place.start()
  await place.streaming()
  await place.sql('insert into t values (0); delete from t where id = 0')
  await waitFor('a first change', () => driver.changes.length >= 2)
  await driver.stop()
  await place.released()
}

/** All of a record but when it was processed. */
function withoutTime({ record: { topic, key, value } }: SeenChange): string {
  const all = plain(value) as Record<string, unknown> | null
  const { ts_ms: _ms, ts_us: _us, ts_ns: _ns, source, ...rest } = all ?? {}
  return `${topic} ${exactText(plain(key))} ${exactText(rest)} ${exactText(sourceOf(source))}`
}

/** The same of one that is JSON already. */
function withoutTimeText(line: string): string {
  return line.replace(/("op":".")(?:,"ts_[mun]s":\d+){3}/, '$1')
}

function exactText(part: unknown): string {
  return JSON.stringify(part, (_name, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner))
}

/** A message outside of transactions has no time of its own. */
function sourceOf(source: unknown): unknown {
  const { ts_ms: ms, ts_us: _us, ts_ns: _ns, ...rest } = (source ?? {}) as Record<string, unknown>
  return rest['txId'] === null ? rest : { ms, ...rest }
}
