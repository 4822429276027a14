import type { TaskLogger } from '../../api/source-task.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { pause } from './pause.ts'

const WAIT_MS = 200

/**
 * Waits for the transactions that are writing now. What they wrote before a table was published does not come with the
 * stream, and a snapshot from before their end does not see it.
 */
export async function settledTransactions(
  connection: PostgresConnection,
  { log, signal }: { readonly log: TaskLogger; readonly signal: AbortSignal },
): Promise<void> {
  const { xmin, xmax } = await runningTransactions(connection)
  if (xmin === xmax) return
  log.info({ xmin, xmax }, 'waiting for the transactions that are writing to end')
  while ((await runningTransactions(connection)).xmin < xmax) await pause(WAIT_MS, signal)
}

async function runningTransactions(
  connection: PostgresConnection,
): Promise<{ readonly xmin: bigint; readonly xmax: bigint }> {
  const [row] = await connection.query(
    'select pg_catalog.pg_snapshot_xmin(s)::text as xmin, pg_catalog.pg_snapshot_xmax(s)::text as xmax from pg_catalog.pg_current_snapshot() s',
    'Looking for running transactions',
  )
  return { xmin: BigInt(row!['xmin']!), xmax: BigInt(row!['xmax']!) }
}
