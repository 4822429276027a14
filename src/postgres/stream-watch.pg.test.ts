import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres } from '../../test/servers/postgres.ts'
import { startTcpProxy } from '../../test/servers/tcp-proxy.ts'
import { waitFor } from '../../test/wait-for.ts'
import type { SourceBatch } from '../api/source-task.ts'
import { plain, TaskDriver } from './testing/task-driver.ts'
import { changesOf, TaskScene } from './testing/task-scene.ts'

const TABLE = ['create table t (id int primary key, name text)']

describe('the watch over a stream', async () => {
  const postgres = await startPostgres()
  after(() => postgres.stop())

  const streaming = async (scene: TaskScene): Promise<TaskDriver> => {
    const driver = await scene.start()
    await scene.streaming()
    return driver
  }
  /** 200 kB of WAL. */
  const writeMuch = (scene: TaskScene): Promise<unknown> =>
    scene.sql("insert into w select repeat('x', 2000) from generate_series(1, 100)")
  const failureOf = (driver: TaskDriver): Promise<unknown> =>
    waitFor('the task to fail', () => driver.failure ?? false)

  it('notices a server that nothing is heard from any more', async () => {
    await using proxy = await startTcpProxy(postgres)
    const scene = await TaskScene.create(postgres, TABLE, {
      'database.port': String(proxy.port),
      'connection.silence.timeout.ms': '1200',
      // Not before the walsender is missed.
      'status.update.interval.ms': '60000',
    })
    await using driver = await streaming(scene)
    await scene.sql('insert into t values (1)')
    await changesOf(driver, 1)
    proxy.blackhole(true)
    const failure = (await failureOf(driver)) as Error
    assert.equal((failure as unknown as { code: string }).code, 'postgres.connection-lost')
    assert.match(failure.message, /has not answered for 1200 ms/)
    proxy.blackhole(false)
  })

  it('leaves a quiet server alone', async () => {
    const scene = await TaskScene.create(postgres, TABLE, { 'connection.silence.timeout.ms': '2000' })
    await using driver = await streaming(scene)
    // Longer than may be kept silent.
    await delay(3500)
    await scene.sql('insert into t values (1)')
    await changesOf(driver, 1)
    assert.equal(driver.failure, null)
  })

  it('tells of a backlog, and of a position that stands still, while nothing becomes durable', async () => {
    const opened = Promise.withResolvers<undefined>()
    const scene = await TaskScene.create(postgres, TABLE, { 'status.update.interval.ms': '50' })
    const { config, store } = scene
    const accept = async ({ parts }: SourceBatch): Promise<boolean> => {
      if (parts.length > 0) await opened.promise
      return true
    }
    await using driver = await TaskDriver.start({ config, store, accept })
    await scene.streaming()
    const metric = (name: string): number => driver.metrics.get(name) ?? 0
    await waitFor('nothing to do', () => metric('position') > 0 && metric('backlog') === 0)
    await scene.sql("insert into t values (1, repeat('x', 500))")
    await waitFor('a backlog', () => metric('backlog') > 500)
    const position = metric('position')
    const backlog = metric('backlog')
    await scene.sql("insert into t select i, repeat('x', 500) from generate_series(2, 50) i")
    await waitFor('a larger one', () => metric('backlog') > backlog + 500 * 49)
    assert.equal(metric('position'), position)
    opened.resolve(undefined)
    await changesOf(driver, 50)
    await waitFor('no backlog any more', () => metric('backlog') === 0 && metric('position') > position)
  })

  for (const [what, alter, named] of [
    ['a table', 'drop table t', /"public"\."t" were taken out of the publication/],
    ['an operation', "set (publish = 'insert, delete, truncate')", /update was taken out of the publication/],
  ] as const) {
    it(`notices that ${what} was taken out of the publication, and not what was dropped or never captured`, async () => {
      const tables = [...TABLE, 'create table gone (id int primary key)', 'create table other (id int)']
      const scene = await TaskScene.create(postgres, tables, {
        'status.update.interval.ms': '50',
        'publication.autocreate.mode': 'filtered',
        'table.include.list': 'public.t,public.gone',
      })
      await using driver = await streaming(scene)
      const looked = async (): Promise<void> => {
        const [{ now }] = (await scene.sql('select clock_timestamp()::text as now')) as [{ now: string }]
        await waitFor('a whole look', async () => {
          const looks = await scene.sql(
            `select 1 from pg_stat_activity where datname = current_database() and query like '%p.pubinsert%'
             and pid <> pg_backend_pid() and state = 'idle' and query_start > '${now}'`,
          )
          return looks.length === 1
        })
      }
      const publication = (await scene.sql('select pubname from pg_publication'))[0]!['pubname'] as string
      await scene.sql(`alter publication ${publication} add table other`)
      await scene.sql(`alter publication ${publication} drop table other`)
      await scene.sql('drop table gone')
      await scene.sql('alter table t rename to renamed')
      await scene.sql('alter table renamed rename to t')
      await looked()
      await looked()
      assert.equal(driver.failure, null)
      await scene.sql(`alter publication ${publication} ${alter}`)
      const failure = (await failureOf(driver)) as Error
      assert.equal((failure as unknown as { code: string }).code, 'postgres.publication-altered')
      assert.match(failure.message, named)
    })
  }

  it('drops the slot and fails where the server would keep more WAL than it may', async () => {
    const scene = await TaskScene.create(postgres, TABLE, {
      'wal.guard.warn.bytes': '1000000',
      'wal.guard.max.bytes': '30000000',
    })
    await using driver = await streaming(scene)
    await scene.sql('create table w (x text)')
    const isWarned = (): boolean =>
      driver.logs.some((line) => line.startsWith('the server keeps much WAL for the slot'))
    // On and on: every 15 s the slot's restart_lsn moves.
    await waitFor('the warning', async () => {
      await writeMuch(scene)
      return isWarned()
    })
    for (let i = 0; i < 1000 && driver.failure === null; i++) await writeMuch(scene)
    const failure = (await failureOf(driver)) as Error
    assert.equal((failure as unknown as { code: string }).code, 'postgres.wal-guard')
    assert.match(failure.message, /snapshot\.mode=when_needed/)
    assert.deepEqual(
      await scene.sql(`select 1 from pg_replication_slots where slot_name = '${scene.database}'`),
      [],
    )
  })

  it('takes a new snapshot by itself after that, with snapshot.mode=when_needed', async () => {
    const scene = await TaskScene.create(postgres, [...TABLE, 'insert into t values (1)'], {
      'wal.guard.max.bytes': '3000000',
      'snapshot.mode': 'when_needed',
    })
    const first = await streaming(scene)
    await scene.sql('create table w (x text)')
    for (let i = 0; i < 1000 && first.failure === null; i++) await writeMuch(scene)
    assert.equal(((await failureOf(first)) as { retriable?: boolean }).retriable, true)
    await first.stop()
    await using second = await scene.start()
    assert.equal((await changesOf(second, 1))[0]!.op, 'r')
  })

  it('goes over to SQL when streaming falls behind, and back, with every change once', async () => {
    const scene = await TaskScene.create(postgres, TABLE, {
      'catch.up.threshold.bytes': '300000',
      'status.update.interval.ms': '100',
    })
    // The server is far ahead when the first is taken, and stays so for a while.
    const isWritten = Promise.withResolvers<undefined>()
    const accept = async ({ parts }: SourceBatch): Promise<boolean> => {
      if (parts.length > 0) await isWritten.promise
      await delay(50)
      return true
    }
    await using driver = await TaskDriver.start({ config: scene.config, store: scene.store, accept })
    await scene.streaming()
    let rows = 0
    while (rows < 50_000) {
      await scene.sql(
        `insert into t select g, repeat('x', 50) from generate_series(${rows + 1}, ${(rows += 5000)}) g`,
      )
    }
    isWritten.resolve(undefined)
    await waitFor('the tip', () => {
      if (driver.failure !== null) throw driver.failure
      return driver.logs.includes('caught up by SQL')
    })
    await scene.sql(`insert into t values (${++rows})`)
    await changesOf(driver, rows)
    assert.ok(driver.logs.includes('streaming falls behind'), driver.logs.join('; '))
    for (let i = 0; i < rows; i++) assert.equal(driver.changes[i]!.after!['id'], i + 1)
    assert.equal(driver.changes.length, rows)
  })

  it('counts what Debezium counts, and what the slot holds', async () => {
    const scene = await TaskScene.create(postgres, [...TABLE, 'create table not_captured (id int)'], {
      'table.include.list': 'public.t',
    })
    await using driver = await streaming(scene)
    await scene.sql("insert into t values (1), (2); update t set name = 'n'; delete from t where id = 1")
    await scene.sql('insert into not_captured values (1)')
    await scene.sql(
      "select pg_logical_emit_message(transactional, 'm', 'x') from (values (true), (false)) as v(transactional)",
    )
    await scene.sql('insert into t values (3)')
    await changesOf(driver, 9)
    const expected = {
      Connected: 1,
      TotalNumberOfEventsSeen: 8,
      TotalNumberOfCreateEventsSeen: 3,
      TotalNumberOfUpdateEventsSeen: 2,
      TotalNumberOfDeleteEventsSeen: 1,
      TotalNumberOfLogicalMessageEventsSeen: 2,
      NumberOfEventsFiltered: 1,
    }
    for (const [name, count] of Object.entries(expected))
      assert.equal(driver.metrics.get(`streaming ${name}`), count, name)
    assert.ok(driver.metrics.get('streaming SourceEventPosition')! > 0)
    await waitFor('the slot to be looked at', () => driver.metrics.get('retained_wal_bytes')! > 0)
  })

  it('source.xmin is the catalog_xmin of the slot, with xmin.fetch.interval.ms', async () => {
    const scene = await TaskScene.create(postgres, TABLE, { 'xmin.fetch.interval.ms': '50' })
    await using driver = await streaming(scene)
    await scene.sql('insert into t values (1)')
    const [change] = await changesOf(driver, 1)
    const { source } = plain(change!.record.value) as { source: Record<string, unknown> }
    assert.equal(typeof source['xmin'], 'bigint')
  })

  it('moves no slot with lsn.flush.mode=manual, and goes on after what it has', async () => {
    const scene = await TaskScene.create(postgres, TABLE, { 'lsn.flush.mode': 'manual' })
    const confirmed = async (): Promise<unknown> =>
      (
        await scene.sql(
          `select confirmed_flush_lsn::text as lsn from pg_replication_slots where slot_name = '${scene.database}'`,
        )
      )[0]!['lsn']
    const first = await streaming(scene)
    const before = await confirmed()
    await scene.sql('insert into t values (1)')
    await changesOf(first, 1)
    // Longer than two status updates are apart.
    await delay(500)
    await first.stop()
    await scene.released()
    assert.equal(await confirmed(), before)
    await using second = await streaming(scene)
    await scene.sql('insert into t values (2)')
    assert.equal((await changesOf(second, 1))[0]!.after!['id'], 2)
  })

  it('goes on where a trusted slot is, and says what that leaves out', async () => {
    const scene = await TaskScene.create(postgres, TABLE, { 'offset.mismatch.strategy': 'trust_slot' })
    const first = await streaming(scene)
    await scene.sql('insert into t values (1)')
    await changesOf(first, 1)
    await first.stop()
    await scene.sql('insert into t values (2)')
    await scene.released()
    await scene.sql(`select pg_replication_slot_advance('${scene.database}', pg_current_wal_lsn())`)
    await using second = await streaming(scene)
    await scene.sql('insert into t values (3)')
    assert.equal((await changesOf(second, 1))[0]!.after!['id'], 3)
    assert.ok(second.logs.some((line) => line.includes('changes in between are left out')))
  })
})
