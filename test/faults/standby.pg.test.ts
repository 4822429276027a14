import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, describe, it } from 'node:test'
import { TaskDriver } from '../../src/postgres/testing/task-driver.ts'
import { changesOf, TaskScene } from '../../src/postgres/testing/task-scene.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { waitFor } from '../wait-for.ts'

const TABLE = ['create table t (id int primary key)']
const STANDBY_SLOT = 'standby'

/** `standby` becomes one of `primary`: its data as a copy, its WAL by a slot, and failover slots with it. */
async function follow(standby: PostgresServer, primary: PostgresServer): Promise<void> {
  await primary.query(`select pg_create_physical_replication_slot('${STANDBY_SLOT}')`)
  await standby.kill()
  await primary.kill()
  run('rm', '-rf', standby.dataDir)
  run('cp', '-a', primary.dataDir, standby.dataDir)
  run('rm', '-rf', `${standby.dataDir}/pg_replslot/${STANDBY_SLOT}`, `${standby.dataDir}/postmaster.pid`)
  run('touch', `${standby.dataDir}/standby.signal`)
  // The stream shows nothing that the standby has not received.
  await primary.restart({ synchronized_standby_slots: STANDBY_SLOT })
  const { host, port, user, password } = primary
  await standby.restart({
    primary_conninfo: `host=${host} port=${port} user=${user} password=${password} dbname=postgres`,
    primary_slot_name: STANDBY_SLOT,
    hot_standby_feedback: 'on',
    sync_replication_slots: 'on',
    wal_receiver_status_interval: '1',
  })
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

describe('a failover to a physical standby', async () => {
  const servers = await Promise.all([startPostgres(), startPostgres()])
  const [primary, standby] = servers
  after(() => Promise.all(servers.map((server) => server.stop())))

  it('goes on without a gap where the slot is kept in step; without, it is told, and when_needed recovers', async () => {
    await follow(standby, primary)
    const kept = await TaskScene.create(primary, TABLE, { 'slot.failover': 'true' })
    const left = await TaskScene.create(primary, TABLE)
    const there = (scene: TaskScene, more: Record<string, string> = {}) =>
      TaskDriver.start({
        config: { ...scene.config, 'database.port': String(standby.port), ...more },
        store: scene.store,
      })
    const first = [await kept.start(), await left.start()] as const
    for (const [i, scene] of [kept, left].entries()) {
      await scene.streaming()
      await scene.sql('insert into t values (1)')
      await changesOf(first[i]!, 1)
    }
    await waitFor('the slot to be on the standby', async () => {
      // Slots are copied once their position is one that the standby has, too.
      await kept.sql('select pg_log_standby_snapshot()')
      const slots = await standby.query(
        `select slot_name from pg_replication_slots where synced and not temporary`,
      )
      return slots.some((slot) => slot['slot_name'] === kept.database)
    })
    await kept.sql('insert into t values (2)')
    await changesOf(first[0], 2)
    await first[0].stop()
    await first[1].stop()
    await kept.sql('insert into t values (3)')
    await left.sql('insert into t values (3)')
    await waitFor('the standby to have it', async () => {
      const rows = await standby.query('select id from t where id = 3', left.database)
      return rows.length === 1
    })
    await primary.kill()
    await standby.query('select pg_promote()')
    await standby.query('insert into t values (4)', kept.database)

    await using second = await there(kept)
    const changes = await changesOf(second, 2)
    assert.deepEqual(
      changes.map(({ op, after: row }) => [op, row!['id']]),
      [
        ['c', 3],
        ['c', 4],
      ],
    )

    await assert.rejects(there(left), {
      code: 'postgres.position-lost',
      message: /snapshot mode when needed.*slot "[^"]+" does not exist any more/,
    })
    await using third = await there(left, { 'snapshot.mode': 'when_needed' })
    const rows = await changesOf(third, 2)
    assert.deepEqual(
      rows.map(({ op, after: row }) => [op, row!['id']]),
      [
        ['r', 1],
        ['r', 3],
      ],
    )
  })
})
