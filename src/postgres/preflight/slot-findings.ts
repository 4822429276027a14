import { fail, ok, warn, type Finding } from '../../api/preflight.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection, TextRow } from '../wire/connection.ts'
import { quoteLiteral } from '../wire/sql-text.ts'

/** WAL that other slots keep while nobody reads them: from here on somebody should know. */
const MUCH_WAL = 1024 * 1024 * 1024

/** The connector's slot where it exists, what others keep, and what a failover would do. */
export async function lookAtSlot(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<Finding[]> {
  const rows = await connection.query(
    `select slot_name, plugin, slot_type, database, active, wal_status, to_jsonb(s) ->> 'failover' as failover,
       coalesce(pg_catalog.pg_wal_lsn_diff(case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
         else pg_catalog.pg_current_wal_lsn() end, restart_lsn), 0)::int8 as retained
     from pg_catalog.pg_replication_slots s order by slot_name`,
    'Reading the replication slots',
  )
  const own = rows.find((row) => row['slot_name'] === options.slotName)
  return [
    ...(own === undefined
      ? [ok('slot', `the connector creates the slot ${options.slotName}`)]
      : ownSlot(own, options)),
    ...otherSlots(rows.filter((row) => row !== own)),
    ...(await failoverFindings(connection, own, options)),
  ]
}

function ownSlot(row: TextRow, { slotName, database }: PostgresOptions): Finding[] {
  const drop = { where: 'sql', apply: `SELECT pg_drop_replication_slot(${quoteLiteral(slotName)});` } as const
  if (row['slot_type'] !== 'logical' || row['plugin'] !== 'pgoutput') {
    const kind = row['plugin'] ?? 'physical replication'
    return [fail('slot', `the slot ${slotName} is for ${kind}, not for pgoutput`, drop)]
  }
  if (row['database'] !== database) {
    return [
      fail('slot', `the slot ${slotName} belongs to the database ${row['database']}`, {
        where: 'connector',
        apply: `Choose another slot.name: slot.name=${slotName}_${database.toLowerCase().replace(/[^a-z0-9_]/g, '_')}`,
      }),
    ]
  }
  if (row['wal_status'] === 'lost') {
    return [
      fail(
        'slot',
        `the slot ${slotName} is lost: the server removed WAL that it needs; snapshot.mode=when_needed begins again by itself`,
        drop,
      ),
    ]
  }
  if (row['wal_status'] === 'unreserved') {
    return [
      warn('slot', `the slot ${slotName} is about to be lost: it keeps ${size(row)} of WAL`, {
        where: 'sql',
        apply: "ALTER SYSTEM SET max_slot_wal_keep_size = '100GB'; SELECT pg_reload_conf();",
      }),
    ]
  }
  const reader = row['active'] === 't' ? ', and is being read' : ''
  return [ok('slot', `the slot ${slotName} is there${reader}; it keeps ${size(row)} of WAL`)]
}

function otherSlots(rows: readonly TextRow[]): Finding[] {
  return rows
    .filter((row) => row['active'] === 'f' && Number(row['retained']) > MUCH_WAL)
    .map((row) =>
      warn('WAL disk use', `the slot ${row['slot_name']} is read by nobody and keeps ${size(row)} of WAL`, {
        where: 'sql',
        apply: `SELECT pg_drop_replication_slot(${quoteLiteral(row['slot_name']!)});`,
      }),
    )
}

function size(row: TextRow): string {
  return `${Math.ceil(Number(row['retained']) / 1024 / 1024)} MB`
}

/** A server with a standby fails over some day; the slot comes along only where it was asked to (PostgreSQL 17). */
async function failoverFindings(
  connection: PostgresConnection,
  own: TextRow | undefined,
  options: PostgresOptions,
): Promise<Finding[]> {
  const [row] = await connection.query(
    `select current_setting('server_version_num')::int >= 170000 as can,
       (select count(*) from pg_catalog.pg_stat_replication r join pg_catalog.pg_stat_activity a using (pid)
        -- Others only begin, or take a backup.
        where a.backend_type = 'walsender' and r.state in ('catchup', 'streaming') and not exists
          (select from pg_catalog.pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')) as standbys,
       pg_catalog.pg_is_in_recovery() as is_standby`,
    'Looking for standbys',
  )
  if (Number(row!['standbys']) === 0 || row!['is_standby'] === 't') return []
  const isReady = own === undefined ? options.slotFailover : own['failover'] === 'true'
  if (row!['can'] === 't' && isReady)
    return [ok('failover', 'the slot comes along to a standby that synchronises slots')]
  return [
    row!['can'] === 't'
      ? warn('failover', 'the server has a standby, and the slot would not come along in a failover', {
          where: 'connector',
          apply: 'slot.failover=true (on the standby: ALTER SYSTEM SET sync_replication_slots = on)',
        })
      : warn(
          'failover',
          'the server has a standby, and before PostgreSQL 17 slots do not come along in a failover',
          {
            where: 'by hand',
            apply:
              'Upgrade to PostgreSQL 17, or plan a new snapshot after a failover (snapshot.mode=when_needed)',
          },
        ),
  ]
}
