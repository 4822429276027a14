import type { Client } from 'pg'
import { slotName } from './mirror-connectors.ts'
import type { MirrorPosition } from './mirror-position.ts'

/** What has to be in the index before a mirror is filled: all that was committed before. */
export class MirrorGoal {
  readonly #client: Client
  readonly #slot: string
  readonly #lsn: string
  readonly #topics: readonly string[]

  private constructor(client: Client, goal: { slot: string; lsn: string; topics: readonly string[] }) {
    this.#client = client
    this.#slot = goal.slot
    this.#lsn = goal.lsn
    this.#topics = goal.topics
  }

  /** @param topics those of the tables that have rows: each of them gets records */
  static async of(client: Client, name: string, topics: readonly string[]): Promise<MirrorGoal> {
    // A transaction without changes: where nothing is written, the position would not move on and be confirmed.
    await client.query('SELECT pg_current_xact_id()')
    const { rows } = await client.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn() AS lsn')
    return new MirrorGoal(client, { slot: slotName(name), lsn: rows[0]!.lsn, topics })
  }

  async isReached({ isSnapshotDone, captured, indexed, records }: MirrorPosition): Promise<boolean> {
    if (!isSnapshotDone || indexed < captured) return false
    if (this.#topics.some((topic) => (records.get(topic) ?? 0) === 0)) return false
    const { rowCount } = await this.#client.query(
      'SELECT FROM pg_replication_slots WHERE slot_name = $1 AND confirmed_flush_lsn >= $2::pg_lsn',
      [this.#slot, this.#lsn],
    )
    return rowCount === 1
  }
}
