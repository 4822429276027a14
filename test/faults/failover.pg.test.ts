import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { after, describe, it } from 'node:test'
import { changesOf, TaskScene } from '../../src/postgres/testing/task-scene.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { waitFor } from '../wait-for.ts'

const TABLE = ['create table t (id int primary key)']

/** Stops the server without warning, and has its data copied. */
async function copyOf(server: PostgresServer): Promise<string> {
  await server.kill()
  const copy = `${server.dataDir}-copy`
  run('cp', '-a', server.dataDir, copy)
  await server.restart()
  return copy
}

/** The server goes on with data of its own as a standby does that is promoted: on a new timeline. */
async function promote(server: PostgresServer, data: string | null): Promise<void> {
  await server.kill()
  if (data !== null) {
    run('rm', '-rf', server.dataDir)
    run('mv', data, server.dataDir)
  }
  run('rm', '-f', `${server.dataDir}/postmaster.pid`)
  run('touch', `${server.dataDir}/recovery.signal`)
  await server.restart({ restore_command: 'false' })
  // It answers as a standby before it is promoted.
  await waitFor('the promotion', async () => {
    const [row] = await server.query('select pg_is_in_recovery() as waits')
    return row!['waits'] === false
  })
  const [row] = await server.query('select pg_walfile_name(pg_current_wal_lsn()) as file')
  assert.match(String(row!['file']), /^00000002/)
}

function run(command: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

describe('a failover', async () => {
  const servers = await Promise.all([startPostgres(), startPostgres()])
  after(() => Promise.all(servers.map((server) => server.stop())))

  it('to a standby that has all of it goes on without a gap', async () => {
    const server = servers[0]
    const scene = await TaskScene.create(server, TABLE)
    const first = await scene.start()
    await scene.streaming()
    await scene.sql('insert into t values (1)')
    await changesOf(first, 1)
    await first.stop()
    await scene.sql('insert into t values (2)')
    await promote(server, null)
    await scene.sql('insert into t values (3)')
    await using second = await scene.start()
    const changes = await changesOf(second, 2)
    assert.deepEqual(
      changes.map((change) => change.after!['id']),
      [2, 3],
    )
  })

  it('to a standby that lacks what was read already fails, however much it has written since', async () => {
    const server = servers[1]
    const scene = await TaskScene.create(server, TABLE)
    const first = await scene.start()
    await scene.streaming()
    await scene.sql('insert into t values (1)')
    await changesOf(first, 1)
    await first.stop()
    const copy = await copyOf(server)
    const second = await scene.start()
    await scene.streaming()
    await scene.sql('insert into t values (2)')
    await changesOf(second, 1)
    await second.stop()
    await promote(server, copy)
    await scene.sql('insert into t select generate_series(10, 5000)')
    await assert.rejects(scene.start(), { code: 'postgres.position-lost', message: /a standby was promoted/ })
  })
})
