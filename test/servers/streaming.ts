import { waitFor } from '../wait-for.ts'
import type { PostgresServer } from './postgres.ts'

/**
 * Resolves once a walsender streams from the slot: a snapshot is over, and what is written now is a change. A slot is
 * `active` earlier, too, while it is created: what is written then is a part of the snapshot, or of nothing.
 */
export async function untilStreamed(postgres: Pick<PostgresServer, 'query'>, slot: string): Promise<void> {
  await waitFor(`slot ${slot} to be streamed`, async () => {
    const rows = await postgres.query(
      `select from pg_stat_replication r join pg_replication_slots s on s.active_pid = r.pid
       where s.slot_name = '${slot}' and r.state in ('catchup', 'streaming')`,
    )
    return rows.length > 0
  })
}
