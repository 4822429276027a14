import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { parseLsn } from '../wire/lsn.ts'
import { quoteLiteral } from '../wire/sql-text.ts'

/** How far a slot is behind its server. */
export interface Backlog {
  /** Decoding begins here, whatever was acknowledged: where the oldest transaction of that time began. */
  readonly restartLsn: bigint
  readonly confirmedFlushLsn: bigint
  /** Where the WAL that can be decoded ends. */
  readonly walEnd: bigint
}

/** Null: there is no such slot, or it cannot be read from. */
export async function readBacklog(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<Backlog | null> {
  const [row] = await connection.query(
    `select restart_lsn, confirmed_flush_lsn, case when pg_catalog.pg_is_in_recovery()
            then pg_catalog.pg_last_wal_replay_lsn() else pg_catalog.pg_current_wal_flush_lsn() end as wal_end
     from pg_catalog.pg_replication_slots where slot_name = ${quoteLiteral(options.slotName)}`,
    'Reading the replication slot',
  )
  const { restart_lsn: restart, confirmed_flush_lsn: confirmed, wal_end: end } = row ?? {}
  if (restart == null || confirmed == null || end == null) return null
  return { restartLsn: parseLsn(restart), confirmedFlushLsn: parseLsn(confirmed), walEnd: parseLsn(end) }
}

/** A part of the WAL to be read by one statement. */
export interface WalChunk {
  /** It ends with the first commit after so many changes, or with the last one before `upTo`. */
  readonly changes: number
  readonly upTo: bigint
}

/** Each statement decodes again from `restartLsn`: few large chunks, then. */
const CHUNK_CHANGES = 1_000_000
const CHUNK_WAL_BYTES = 512n * 1024n * 1024n
/** The server spools a chunk before its first row. Beyond this there is a huge transaction: it would be spooled whole. */
const MOST_DECODED_BYTES = 3n * CHUNK_WAL_BYTES

/** Null: the rest is for a walsender. @param from all before it is done @param leastBytes a backlog that is worth it */
export function planChunk(
  { restartLsn, walEnd }: Backlog,
  from: bigint,
  leastBytes: bigint,
): WalChunk | null {
  if (walEnd - from < leastBytes) return null
  const upTo = walEnd - from > CHUNK_WAL_BYTES ? from + CHUNK_WAL_BYTES : walEnd
  if (upTo - restartLsn > MOST_DECODED_BYTES) return null
  return { changes: CHUNK_CHANGES, upTo }
}
