import type { PostgresConnection } from '../wire/connection.ts'
import { createSlot, readWalLsn, type SlotState } from '../replication/slot.ts'
import { SnapshotVisibility } from '../replication/snapshot-visibility.ts'
import { openConnection, type SourceSession } from '../source-session.ts'
import { quoteLiteral } from '../wire/sql-text.ts'

/** A transaction that sees one moment of the database, and how the stream continues from that moment. */
export interface SnapshotTransaction {
  readonly connection: PostgresConnection
  /** The position of the snapshot: what its records carry as LSN. */
  readonly lsn: bigint
  readonly txId: bigint
  /** What the stream must leave out; null where it begins exactly at the snapshot. */
  readonly visibility: SnapshotVisibility | null
}

const BEGIN = 'begin transaction isolation level repeatable read read only'

/**
 * Begins the transaction. A slot that is created here exports its own snapshot, and the stream follows it without a gap or
 * an overlap. A slot that was there before streams from an earlier point on: what the snapshot has of that is noted.
 */
export async function beginSnapshot(
  session: SourceSession,
  slot: SlotState | null,
): Promise<SnapshotTransaction> {
  const connection = await openConnection(session, 'sql')
  try {
    return slot === null ? await beginWithNewSlot(session, connection) : await beginBesideSlot(connection)
  } catch (error) {
    connection.close()
    throw error
  }
}

async function beginWithNewSlot(
  session: SourceSession,
  connection: PostgresConnection,
): Promise<SnapshotTransaction> {
  await using walsender = await openConnection(session, 'replication')
  const { slotName } = session.options
  session.context.log.info({ slot: slotName }, 'creating the replication slot')
  const { consistentPoint, snapshotName } = await createSlot(walsender, session)
  await connection.query(BEGIN, 'Beginning the snapshot')
  await connection.query(
    `set transaction snapshot ${quoteLiteral(snapshotName)}`,
    'Importing the snapshot of the slot',
  )
  const { txId } = await readSnapshot(connection)
  return { connection, lsn: consistentPoint, txId, visibility: null }
}

async function beginBesideSlot(connection: PostgresConnection): Promise<SnapshotTransaction> {
  await connection.query(BEGIN, 'Beginning the snapshot')
  const { snapshot, txId } = await readSnapshot(connection)
  // Asked for after the snapshot was taken: every commit that it sees was written before.
  const lsn = await readWalLsn(connection)
  return { connection, lsn, txId, visibility: new SnapshotVisibility(snapshot, lsn) }
}

async function readSnapshot(
  connection: PostgresConnection,
): Promise<{ readonly snapshot: string; readonly txId: bigint }> {
  const [row] = await connection.query(
    'select s::text as snapshot, pg_catalog.pg_snapshot_xmax(s)::text as xmax from pg_catalog.pg_current_snapshot() s',
    'Reading the snapshot',
  )
  return { snapshot: row!['snapshot']!, txId: BigInt(row!['xmax']!) }
}
