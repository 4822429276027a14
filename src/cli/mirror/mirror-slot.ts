import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '../../api/errors.ts'
import { connectPostgres } from '../postgres-client.ts'

const DEADLINE_MS = 10_000
const ASK_EVERY_MS = 100

/**
 * Drops the replication slot and the publication of a source that has stopped; what is not there is no error. Throws
 * `cli.postgres-unreachable`, and `cli.mirror-incomplete` while somebody still reads from the slot.
 */
export async function dropSlot(postgresUrl: string, slot: string, publication: string): Promise<void> {
  const client = await connectPostgres(new URL(postgresUrl))
  try {
    const deadlineMs = performance.now() + DEADLINE_MS
    for (;;) {
      const { rows } = await client.query<{ active: boolean }>(
        'SELECT active FROM pg_replication_slots WHERE slot_name = $1',
        [slot],
      )
      if (rows[0]?.active !== true) break
      if (performance.now() > deadlineMs) {
        throw new ConnectError(
          'cli.mirror-incomplete',
          `Somebody reads from the slot ${slot}: SELECT pg_drop_replication_slot('${slot}') when it is free`,
        )
      }
      // The server notices the end of a connection a moment after it.
      await delay(ASK_EVERY_MS)
    }
    await client.query(
      'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1',
      [slot],
    )
    await client.query(`DROP PUBLICATION IF EXISTS ${client.escapeIdentifier(publication)}`)
  } finally {
    await client.end()
  }
}
