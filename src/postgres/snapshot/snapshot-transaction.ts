import type { PostgresConnection } from '../wire/connection.ts'
import { createSlot, readWalLsn, type SlotState } from '../replication/slot.ts'
import { SnapshotVisibility } from '../replication/snapshot-visibility.ts'
import { openConnection, type SourceSession } from '../source-session.ts'
import { quoteLiteral } from '../wire/sql-text.ts'
import { SnapshotProgress } from './snapshot-progress.ts'

/** A transaction that sees one moment of the database, and how the stream continues from that moment. */
export interface SnapshotTransaction {
  readonly connection: PostgresConnection
  /** The position of the snapshot: what its records carry as LSN. */
  readonly lsn: bigint
  readonly txId: bigint
  /** What the stream must leave out; null where it begins exactly at the snapshot. */
  readonly visibility: SnapshotVisibility | null
  /** What is read already. */
  readonly progress: SnapshotProgress
}

/** An interrupted snapshot that can go on, from the stored offset. */
export interface InterruptedSnapshot {
  readonly lsn: bigint
  readonly txId: bigint
  readonly snapshotHolds: string | null
  readonly progress: SnapshotProgress
}

const BEGIN = 'begin transaction isolation level repeatable read read only'
/** Waits until no transaction that is running can make what it reads impossible in any serial order. */
const BEGIN_SERIALIZABLE = 'begin transaction isolation level serializable read only deferrable'
/** Transaction ids that are further apart cannot be told from each other. */
const COMPARABLE_XIDS = 2n ** 31n

/**
 * Begins the transaction. A slot that is created here exports its own snapshot, and the stream follows it without a gap or
 * an overlap. A slot that was there before streams from an earlier point on: what the snapshot has of that is noted.
 * Without streaming there is no slot: nobody would read from it, and the server would keep its WAL for ever.
 */
export async function beginSnapshot(
  session: SourceSession,
  slot: SlotState | null,
): Promise<SnapshotTransaction> {
  const connection = await openConnection(session, 'sql')
  try {
    return slot === null && session.options.snapshotPolicy.thenStream
      ? await beginWithNewSlot(session, connection)
      : await beginBesideSlot(session, connection)
  } catch (error) {
    connection.close()
    throw error
  }
}

/**
 * Goes on with an interrupted snapshot. The moment that it saw is gone: what is read now may be newer. The stream begins
 * where it would have begun, and replays over it.
 */
export async function resumeSnapshot(
  session: SourceSession,
  interrupted: InterruptedSnapshot,
): Promise<SnapshotTransaction> {
  const connection = await openConnection(session, 'sql')
  try {
    await connection.query(BEGIN, 'Beginning the snapshot')
    const { txId: xmax } = await readSnapshot(connection)
    const { lsn, txId, snapshotHolds, progress } = interrupted
    return {
      connection,
      lsn,
      txId,
      visibility: snapshotHolds === null ? null : SnapshotVisibility.parse(snapshotHolds),
      progress: xmax - progress.xmin < COMPARABLE_XIDS ? progress : progress.withoutRanges(),
    }
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Another connection that sees the same moment. */
export async function joinSnapshot(
  session: SourceSession,
  snapshotName: string,
): Promise<PostgresConnection> {
  const connection = await openConnection(session, 'sql')
  try {
    await importSnapshot(connection, snapshotName)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/** The name by which other connections can see the same moment, as long as the transaction is open. */
export async function exportSnapshot(connection: PostgresConnection): Promise<string> {
  const [row] = await connection.query(
    'select pg_catalog.pg_export_snapshot() as name',
    'Exporting the snapshot',
  )
  return row!['name']!
}

async function beginWithNewSlot(
  session: SourceSession,
  connection: PostgresConnection,
): Promise<SnapshotTransaction> {
  await using walsender = await openConnection(session, 'replication')
  const { slotName } = session.options
  session.context.log.info({ slot: slotName }, 'creating the replication slot')
  const { consistentPoint, snapshotName } = await createSlot(walsender, session)
  await importSnapshot(connection, snapshotName)
  const { txId, xmin } = await readSnapshot(connection)
  return { connection, lsn: consistentPoint, txId, visibility: null, progress: new SnapshotProgress(xmin) }
}

async function beginBesideSlot(
  { options }: SourceSession,
  connection: PostgresConnection,
): Promise<SnapshotTransaction> {
  const isSerializable = options.snapshotIsolationMode === 'serializable' && !(await isStandby(connection))
  await connection.query(isSerializable ? BEGIN_SERIALIZABLE : BEGIN, 'Beginning the snapshot')
  const { snapshot, txId, xmin } = await readSnapshot(connection)
  // Asked for after the snapshot was taken: every commit that it sees was written before.
  const lsn = await readWalLsn(connection)
  const visibility = new SnapshotVisibility(snapshot, lsn)
  return { connection, lsn, txId, visibility, progress: new SnapshotProgress(xmin) }
}

async function importSnapshot(connection: PostgresConnection, snapshotName: string): Promise<void> {
  await connection.query(BEGIN, 'Beginning the snapshot')
  await connection.query(`set transaction snapshot ${quoteLiteral(snapshotName)}`, 'Importing the snapshot')
}

/** A standby has no serializable transactions. */
async function isStandby(connection: PostgresConnection): Promise<boolean> {
  const [row] = await connection.query(
    'select pg_catalog.pg_is_in_recovery() as standby',
    'Looking at the server',
  )
  return row!['standby'] === 't'
}

async function readSnapshot(
  connection: PostgresConnection,
): Promise<{ readonly snapshot: string; readonly txId: bigint; readonly xmin: bigint }> {
  const [row] = await connection.query(
    `select s::text as snapshot, pg_catalog.pg_snapshot_xmax(s)::text as xmax, pg_catalog.pg_snapshot_xmin(s)::text as xmin
     from pg_catalog.pg_current_snapshot() s`,
    'Reading the snapshot',
  )
  return { snapshot: row!['snapshot']!, txId: BigInt(row!['xmax']!), xmin: BigInt(row!['xmin']!) }
}
