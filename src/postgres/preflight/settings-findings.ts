import { fail, ok, warn, type Finding } from '../../api/preflight.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection, TextRow } from '../wire/connection.ts'
import { quoteLiteral } from '../wire/sql-text.ts'

const OLDEST = 13
const NEWEST = 18
/** Decoding on a standby came with it. */
const STANDBY_DECODES = 16

/** Versions and settings of the server. */
export async function lookAtSettings(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<Finding[]> {
  const [row] = await connection.query(
    `select current_setting('server_version_num')::int / 10000 as version, current_setting('server_version') as text,
       current_setting('wal_level') as wal_level,
       current_setting('max_replication_slots')::int as slots, (select count(*) from pg_catalog.pg_replication_slots) as slots_used,
       exists (select from pg_catalog.pg_replication_slots where slot_name = ${quoteLiteral(options.slotName)}) as is_slot_there,
       current_setting('max_wal_senders')::int as senders, (select count(*) from pg_catalog.pg_stat_replication) as senders_used,
       current_setting('max_slot_wal_keep_size') as keep_size,
       coalesce(current_setting('idle_replication_slot_timeout', true), '0') as idle_timeout,
       pg_catalog.pg_is_in_recovery() as is_standby`,
    'Reading the settings',
  )
  return [
    versionFinding(row!),
    walLevelFinding(row!),
    slotsFinding(row!),
    sendersFinding(row!),
    keepSizeFinding(row!),
    ...idleTimeoutFinding(row!),
  ]
}

function versionFinding(row: TextRow): Finding {
  const version = Number(row['version'])
  const text = `PostgreSQL ${row['text']}`
  if (version < OLDEST) {
    return fail('version', `${text} is older than ${OLDEST}, the oldest that is supported`, {
      where: 'by hand',
      apply: `Upgrade PostgreSQL to ${OLDEST} or newer: pg_upgrade --old-datadir … --new-datadir …`,
    })
  }
  if (row['is_standby'] === 't' && version < STANDBY_DECODES) {
    return fail('version', `${text} is a standby: decoding on one came with ${STANDBY_DECODES}`, {
      where: 'connector',
      apply: 'Set database.hostname to the primary',
    })
  }
  if (version > NEWEST) {
    return warn('version', `${text} is newer than ${NEWEST}, the newest that this release was tested with`, {
      where: 'by hand',
      apply: 'See whether a newer release of tailrace names it',
    })
  }
  return ok('version', text)
}

function walLevelFinding(row: TextRow): Finding {
  const level = row['wal_level']!
  if (level === 'logical') return ok('wal_level', 'wal_level is logical')
  return fail('wal_level', `wal_level is ${level}, and must be logical`, {
    where: 'sql',
    apply: 'ALTER SYSTEM SET wal_level = logical;',
    thenRestart: true,
  })
}

function slotsFinding(row: TextRow): Finding {
  const [all, used] = [Number(row['slots']), Number(row['slots_used'])]
  const free = all - used
  if (free > 0 || row['is_slot_there'] === 't') {
    return ok('max_replication_slots', `${used} of ${all} replication slots are used`)
  }
  return fail('max_replication_slots', `all ${all} replication slots are used`, {
    where: 'sql',
    apply: `ALTER SYSTEM SET max_replication_slots = ${all + 10};`,
    thenRestart: true,
  })
}

function sendersFinding(row: TextRow): Finding {
  const [all, used] = [Number(row['senders']), Number(row['senders_used'])]
  if (used < all) return ok('max_wal_senders', `${used} of ${all} walsenders are used`)
  return fail('max_wal_senders', `all ${all} walsenders are used`, {
    where: 'sql',
    apply: `ALTER SYSTEM SET max_wal_senders = ${all + 10};`,
    thenRestart: true,
  })
}

/** Without a limit, a connector that is away fills the server's disk; with one, it loses its place, and can begin again. */
function keepSizeFinding(row: TextRow): Finding {
  const size = row['keep_size']!
  if (size !== '-1') return ok('max_slot_wal_keep_size', `slots keep at most ${size} of WAL`)
  return warn(
    'max_slot_wal_keep_size',
    "a slot that nobody reads keeps WAL until the server's disk is full: max_slot_wal_keep_size is -1",
    { where: 'sql', apply: "ALTER SYSTEM SET max_slot_wal_keep_size = '20GB'; SELECT pg_reload_conf();" },
  )
}

function idleTimeoutFinding(row: TextRow): Finding[] {
  const timeout = row['idle_timeout']!
  if (timeout.startsWith('0')) return []
  return [
    warn(
      'idle_replication_slot_timeout',
      `the slot is invalidated when the connector is away for ${timeout} (idle_replication_slot_timeout)`,
      { where: 'sql', apply: 'ALTER SYSTEM SET idle_replication_slot_timeout = 0; SELECT pg_reload_conf();' },
    ),
  ]
}
