import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { parseLsn } from '../wire/lsn.ts'
import { quoteLiteral } from '../wire/sql-text.ts'

/** What a slot costs its server, and how far it is behind. */
export interface SlotHealth {
  /** WAL that the server keeps for the slot. */
  readonly retainedBytes: number
  /** WAL that was not acknowledged yet. */
  readonly lagBytes: number
  /** How much more may be written before the server removes what the slot needs; null: it never does. */
  readonly safeBytes: number | null
  readonly walEnd: bigint
  readonly catalogXmin: bigint | null
}

/** Null: there is no such slot, or it holds nothing. */
export async function readSlotHealth(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<SlotHealth | null> {
  const [row] = await connection.query(
    `select restart_lsn, confirmed_flush_lsn, safe_wal_size, catalog_xmin, case when pg_catalog.pg_is_in_recovery()
            then pg_catalog.pg_last_wal_replay_lsn() else pg_catalog.pg_current_wal_lsn() end as wal_end
     from pg_catalog.pg_replication_slots where slot_name = ${quoteLiteral(options.slotName)}`,
    'Reading the replication slot',
  )
  const { restart_lsn: restart, confirmed_flush_lsn: confirmed, wal_end: end } = row ?? {}
  if (restart == null || confirmed == null || end == null) return null
  const walEnd = parseLsn(end)
  const safe = row!['safe_wal_size'] ?? null
  const xmin = row!['catalog_xmin'] ?? null
  return {
    retainedBytes: Number(walEnd - parseLsn(restart)),
    lagBytes: Number(walEnd - parseLsn(confirmed)),
    safeBytes: safe === null ? null : Number(safe),
    walEnd,
    catalogXmin: xmin === null ? null : BigInt(xmin),
  }
}
