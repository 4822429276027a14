import { spawnSync } from 'node:child_process'
import type { PostgresServer } from './postgres.ts'

const STANDBY_SLOT = 'standby'

/** `standby` becomes one of `primary`: its data as a copy, its WAL by a slot, and failover slots with it. */
export async function followPrimary(standby: PostgresServer, primary: PostgresServer): Promise<void> {
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
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}
