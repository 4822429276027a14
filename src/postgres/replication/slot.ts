import { ConnectError, RetriableError } from '../../api/errors.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import type { SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { postgresFailure, sqlState } from '../wire/failure.ts'
import { parseLsn } from '../wire/lsn.ts'
import { quoteIdentifier, quoteLiteral } from '../wire/sql-text.ts'

export interface SlotState {
  /** All before it was acknowledged: the server streams transactions that committed after it. */
  readonly confirmedFlushLsn: bigint
  /** The server process that streams from it now. */
  readonly activePid: number | null
  /** The server has removed WAL that the slot needs. */
  readonly isLost: boolean
  /** `invalidation_reason`; null where the server does not tell, before version 17. */
  readonly lostReason: string | null
}

/** The slot, or null where there is none. Throws `postgres.slot-unusable` for one that is not a pgoutput slot of this database. */
export async function readSlot(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<SlotState | null> {
  const { slotName } = options
  const [row] = await connection.query(
    `select slot_type, plugin, database, active_pid, confirmed_flush_lsn, wal_status, current_database() as here,
            pg_catalog.to_jsonb(slot) ->> 'invalidation_reason' as lost_reason
     from pg_catalog.pg_replication_slots slot where slot_name = ${quoteLiteral(slotName)}`,
    'Reading the replication slot',
  )
  if (row === undefined) return null
  if (row['slot_type'] !== 'logical' || row['plugin'] !== 'pgoutput' || row['database'] !== row['here']) {
    throw new ConnectError(
      'postgres.slot-unusable',
      `The replication slot "${slotName}" exists, but is not a pgoutput slot of the database "${row['here']}" ` +
        `(type ${row['slot_type']}, plugin ${row['plugin'] ?? 'none'}, database ${row['database'] ?? 'none'}). ` +
        'Choose another slot.name, or drop the slot.',
    )
  }
  const pid = row['active_pid'] ?? null
  return {
    confirmedFlushLsn: row['confirmed_flush_lsn'] ? parseLsn(row['confirmed_flush_lsn']) : 0n,
    activePid: pid === null ? null : Number(pid),
    isLost: row['wal_status'] === 'lost' || row['lost_reason'] != null,
    lostReason: row['lost_reason'] ?? null,
  }
}

/**
 * The slot, if a snapshot can be followed by what it streams. One that lost its WAL is dropped: it would only stand in
 * the way of its successor.
 */
export async function usableSlot(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<SlotState | null> {
  const slot = await readSlot(connection, options)
  if (slot?.isLost === true) {
    await dropSlot(connection, options.slotName)
    return null
  }
  // A former run that was stopped while it created the slot may still be at it.
  if (slot?.confirmedFlushLsn === 0n) {
    throw new RetriableError(
      'postgres.slot-in-use',
      `The replication slot "${options.slotName}" is being created by the server process ${slot.activePid}, which waits for running transactions to end.`,
    )
  }
  return slot
}

/** Where the server's WAL ends now. */
export async function readWalLsn(connection: PostgresConnection): Promise<bigint> {
  const [row] = await connection.query(
    `select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
            else pg_catalog.pg_current_wal_insert_lsn() end::text as lsn`,
    'Reading the WAL position',
  )
  return parseLsn(row!['lsn']!)
}

export interface CreatedSlot {
  /** The stream begins with the first transaction that commits after it. */
  readonly consistentPoint: bigint
  /** The snapshot that holds all before it; importable until the walsender gets its next command. */
  readonly snapshotName: string
}

/** Creates the slot on a walsender. Waits for transactions that are running, so it may take long. */
export async function createSlot(
  walsender: PostgresConnection,
  { options, signal, context }: SourceSession,
): Promise<CreatedSlot> {
  const { slotName } = options
  // While it waits for transactions, the server does not notice that its client is gone.
  const cancel = () => walsender.cancel()
  signal.addEventListener('abort', cancel)
  try {
    const isFailover = options.slotFailover && (await hasFailover(walsender))
    if (options.slotFailover && !isFailover)
      context.log.warn({ slot: slotName }, 'slot.failover needs PostgreSQL 17: the slot is an ordinary one')
    const [row] = await walsender.rawQuery(
      `CREATE_REPLICATION_SLOT ${quoteIdentifier(slotName)} LOGICAL pgoutput ${isFailover ? "(SNAPSHOT 'export', FAILOVER)" : 'EXPORT_SNAPSHOT'}`,
    )
    return { consistentPoint: parseLsn(row!['consistent_point']!), snapshotName: row!['snapshot_name']! }
  } catch (error) {
    const failure = postgresFailure(error, walsender.server, `Creating the replication slot "${slotName}"`)
    if (sqlState(error) === null || failure.retriable) throw failure
    throw new ConnectError(
      'postgres.slot-unusable',
      'Creation of replication slot failed; when setting up multiple connectors for the same database host, ' +
        `please make sure to use a distinct replication slot name for each. (${failure.message})`,
    )
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

async function hasFailover(walsender: PostgresConnection): Promise<boolean> {
  const [row] = await walsender.rawQuery('SHOW server_version_num')
  return Number(row!['server_version_num']) >= 170_000
}

export async function dropSlot(connection: PostgresConnection, slotName: string): Promise<void> {
  await connection.query(
    `select pg_catalog.pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots where slot_name = ${quoteLiteral(slotName)}`,
    `Dropping the replication slot "${slotName}"`,
  )
}
