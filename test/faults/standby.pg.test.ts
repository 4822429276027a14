import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { TaskDriver } from '../../src/postgres/testing/task-driver.ts'
import { changesOf, TaskScene } from '../../src/postgres/testing/task-scene.ts'
import { startPostgres } from '../servers/postgres.ts'
import { followPrimary } from '../servers/standby.ts'
import { waitFor } from '../wait-for.ts'

const TABLE = ['create table t (id int primary key)']
describe('a failover to a physical standby', async () => {
  const servers = await Promise.all([startPostgres(), startPostgres()])
  const [primary, standby] = servers
  after(() => Promise.all(servers.map((server) => server.stop())))

  it('goes on without a gap where the slot is kept in step; without, it is told, and when_needed recovers', async () => {
    await followPrimary(standby, primary)
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
