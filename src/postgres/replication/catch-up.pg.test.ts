import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { startPostgres } from '../../../test/servers/postgres.ts'
import { waitFor } from '../../../test/wait-for.ts'
import { plain, TaskDriver, type OffsetStore, type SeenChange } from '../testing/task-driver.ts'
import { changesOf, TaskScene } from '../testing/task-scene.ts'

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

  it('gives the same records and offsets as a walsender does', async () => {
    const place = await scene()
    const ways = [
      {
        threshold: '0',
        slot: `${place.database}_w`,
        store: { offset: null } as OffsetStore,
        isBySql: false,
      },
      {
        threshold: '1',
        slot: `${place.database}_s`,
        store: { offset: null } as OffsetStore,
        isBySql: true,
      },
    ]
    const start = ({ threshold, slot, store }: (typeof ways)[number]): Promise<TaskDriver> =>
      TaskDriver.start({
        config: { ...place.config, 'slot.name': slot, 'catch.up.threshold.bytes': threshold },
        store,
      })
    for (const way of ways) {
      await using driver = await start(way)
      await waitFor('the slot', () => driver.logs.includes('streaming started'))
    }
    for (const statement of WORK) await place.sql(statement)
    const seen: string[][] = []
    for (const way of ways) {
      await using driver = await start(way)
      await waitFor('the last row', () => {
        if (driver.failure !== null) throw driver.failure
        return driver.changes.some(
          ({ op, after: row }) => op === 'c' && row?.['id'] === 2 && !('name' in row),
        )
      })
      // A heartbeat of the server may come with the last record or after it.
      await waitFor('its end', () => driver.changes.at(-1)!.record.topic.endsWith('.transaction'))
      assert.equal(driver.logs.includes('catching up by SQL'), way.isBySql)
      seen.push(driver.changes.map(withoutTime))
    }
    assert.ok(seen[0]!.length > 3500)
    for (const [i, record] of seen[0]!.entries()) assert.equal(seen[1]![i], record)
    assert.equal(seen[1]!.length, seen[0]!.length)
  })

  it('goes on with a walsender, without a gap and without a repetition', async () => {
    const place = await scene({ 'catch.up.threshold.bytes': '1', 'provide.transaction.metadata': 'false' })
    await (await streamingOnce(place)).stop()
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

  it('takes up a transaction in whose middle it was killed', async () => {
    const place = await scene({ 'catch.up.threshold.bytes': '1', 'provide.transaction.metadata': 'false' })
    await (await streamingOnce(place)).stop()
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
    await (await streamingOnce(place)).stop()
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

  it('does not pass over what somebody else has taken from the slot', async () => {
    const place = await scene({ 'catch.up.threshold.bytes': '1' })
    await (await streamingOnce(place)).stop()
    await place.released()
    await place.sql('insert into t select generate_series(1, 1000)')
    await place.sql(
      `select count(*) from pg_logical_slot_get_binary_changes('${place.database}', null, null, 'proto_version', '1', 'publication_names', 'dbz_publication')`,
    )
    await place.sql('insert into t select generate_series(1001, 2000)')
    await assert.rejects(place.start(), { code: 'postgres.position-lost' })
  })
})

async function streamingOnce(place: TaskScene): Promise<TaskDriver> {
  const driver = await place.start()
  await place.streaming()
  await place.sql('insert into t values (0); delete from t where id = 0')
  await waitFor('a first change', () => driver.changes.length >= 2)
  return driver
}

/** All of a record but when it was processed. */
function withoutTime({ record: { topic, key, value } }: SeenChange): string {
  const all = plain(value) as Record<string, unknown> | null
  const { ts_ms: _ms, ts_us: _us, ts_ns: _ns, source, ...rest } = all ?? {}
  const text = (part: unknown): string =>
    JSON.stringify(part, (_name, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner))
  return `${topic} ${text(plain(key))} ${text(rest)} ${text(sourceOf(source))}`
}

/** A message outside of transactions has no time of its own. */
function sourceOf(source: unknown): unknown {
  const { ts_ms: ms, ts_us: _us, ts_ns: _ns, ...rest } = (source ?? {}) as Record<string, unknown>
  return rest['txId'] === null ? rest : { ms, ...rest }
}
