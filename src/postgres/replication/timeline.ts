import type { JsonObject } from '../../api/record.ts'
import { openConnection, type SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { parseLsn } from '../wire/lsn.ts'

/** Tailrace's own field of the source offset. */
const TIMELINE = 'tailrace_timeline'

/**
 * The server's timeline: a standby that is promoted begins a new one, and so does a server that is restored to an
 * earlier moment. LSNs of different timelines cannot be compared where these part: the same LSN is another change there.
 */
export class Timeline {
  /** Null: not known, as on a standby. */
  #id: number | null = null

  /** To be stored with each offset. */
  offset(): JsonObject {
    return this.#id === null ? {} : { [TIMELINE]: BigInt(this.#id) }
  }

  /**
   * Finds out which timeline the server is on.
   * @param stored the offset from which the stream goes on
   * @returns where the server's history leaves the one that the offset was read from; null: it has all of it
   */
  async compare(
    session: SourceSession,
    connection: PostgresConnection,
    stored: JsonObject | null,
  ): Promise<bigint | null> {
    this.#id = await readTimeline(connection)
    const former = Number(stored?.[TIMELINE] ?? 0)
    if (this.#id === null || former === 0 || former === this.#id) return null
    return forkLsn(former, await readHistory(session, this.#id))
  }
}

/** WAL files are named after their timeline; a standby has no file that it writes. */
async function readTimeline(connection: PostgresConnection): Promise<number | null> {
  const [row] = await connection.query(
    `select case when not pg_catalog.pg_is_in_recovery()
            then pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()) end as file`,
    'Reading the timeline',
  )
  const file = row?.['file'] ?? null
  return file === null ? null : Number.parseInt(file.slice(0, 8), 16)
}

async function readHistory(session: SourceSession, timeline: number): Promise<string> {
  await using walsender = await openConnection(session, 'replication')
  const [row] = await walsender.rawQuery(`TIMELINE_HISTORY ${timeline}`)
  return row?.['content'] ?? ''
}

/** @param history lines of a timeline, the LSN at which it was left, and why; 0: it is not in there */
export function forkLsn(timeline: number, history: string): bigint {
  for (const line of history.split('\n')) {
    const [id, lsn] = line.trim().split(/\s+/)
    if (id === String(timeline) && lsn !== undefined) return parseLsn(lsn)
  }
  return 0n
}
