import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { changesOf, TaskScene } from '../../src/postgres/testing/task-scene.ts'
import { TaskDriver } from '../../src/postgres/testing/task-driver.ts'
import { startPostgres } from '../servers/postgres.ts'
import { waitFor } from '../wait-for.ts'

describe('a slot that the server has invalidated', async () => {
  const postgres = await startPostgres()
  after(() => postgres.stop())

  const causes = [
    {
      cause: 'max_slot_wal_keep_size',
      settings: { max_slot_wal_keep_size: '1MB', max_wal_size: '32MB' },
      // A segment more of WAL each time, which the server may then remove.
      provoke: "select pg_logical_emit_message(false, 'none', repeat('x', 8000000)), pg_switch_wal()",
    },
    {
      cause: 'idle_replication_slot_timeout',
      settings: { max_slot_wal_keep_size: '-1', idle_replication_slot_timeout: '1s' },
      provoke: 'select 1',
    },
  ]

  for (const { cause, settings, provoke } of causes) {
    it(`for ${cause}: the task fails with that name, and with when_needed recovers by itself`, async () => {
      await postgres.restart(settings)
      const scene = await TaskScene.create(postgres, ['create table t (id int primary key)'])
      const first = await scene.start()
      await scene.streaming()
      await scene.sql('insert into t values (1)')
      await changesOf(first, 1)
      await first.stop()
      await scene.sql('insert into t values (2)')
      await waitFor('the slot to be invalidated', async () => {
        await scene.sql(provoke)
        await scene.sql('checkpoint')
        const rows = await scene.sql(
          `select 1 from pg_replication_slots where slot_name = '${scene.database}' and invalidation_reason is not null`,
        )
        return rows.length === 1
      })
      await assert.rejects(scene.start(), {
        code: 'postgres.position-lost',
        message: new RegExp(`snapshot mode when needed.*slot "${scene.database}" is lost: .*${cause}`),
      })
      const config = { ...scene.config, 'snapshot.mode': 'when_needed' }
      await using second = await TaskDriver.start({ config, store: scene.store })
      await changesOf(second, 2)
      await scene.streaming()
      await scene.sql('insert into t values (3)')
      const changes = await changesOf(second, 3)
      assert.deepEqual(
        changes.map(({ op, after: row }) => [op, row!['id']]),
        [
          ['r', 1],
          ['r', 2],
          ['c', 3],
        ],
      )
    })
  }
})
