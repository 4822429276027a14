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
export async function readBacklog(connection: PostgresConnection, slotName: string): Promise<Backlog | null> {
  const [row] = await connection.query(
    `select restart_lsn, confirmed_flush_lsn, case when pg_catalog.pg_is_in_recovery()
            then pg_catalog.pg_last_wal_replay_lsn() else pg_catalog.pg_current_wal_flush_lsn() end as wal_end
     from pg_catalog.pg_replication_slots where slot_name = ${quoteLiteral(slotName)}`,
    'Reading the replication slot',
  )
  const { restart_lsn: restart, confirmed_flush_lsn: confirmed, wal_end: end } = row ?? {}
  if (restart == null || confirmed == null || end == null) return null
  return { restartLsn: parseLsn(restart), confirmedFlushLsn: parseLsn(confirmed), walEnd: parseLsn(end) }
}

/** A part of the WAL to be read by one statement: what commits in `[from, upTo)`. */
export interface WalChunk {
  readonly from: bigint
  readonly upTo: bigint
}

const MB = 1024n * 1024n
/** The server has decoded the first one soon, and the next one, three times as large, by the time that this one is read. */
const FIRST_CHUNK_BYTES = 48n * MB
/** Each statement decodes again from `restartLsn`, and is spooled before its first row. */
const MOST_CHUNK_BYTES = 256n * MB
/** Beyond this there is a huge transaction: it would be spooled whole. */
const MOST_DECODED_BYTES = 6n * MOST_CHUNK_BYTES

/**
 * Null: the rest is for a walsender.
 * @param from all that commits before it is read
 * @param leastBytes a backlog that is worth it
 * @param number how many chunks were planned before
 */
export function planChunk(
  { restartLsn, walEnd }: Backlog,
  from: bigint,
  { leastBytes, number }: { readonly leastBytes: bigint; readonly number: number },
): WalChunk | null {
  if (walEnd - from < leastBytes) return null
  const bytes = chunkBytes(number)
  const upTo = walEnd - from > bytes ? from + bytes : walEnd
  if (upTo - restartLsn > MOST_DECODED_BYTES) return null
  return { from, upTo }
}

function chunkBytes(number: number): bigint {
  let bytes = FIRST_CHUNK_BYTES
  for (let i = 0; i < number && bytes < MOST_CHUNK_BYTES; i++) bytes *= 3n
  return bytes < MOST_CHUNK_BYTES ? bytes : MOST_CHUNK_BYTES
}
