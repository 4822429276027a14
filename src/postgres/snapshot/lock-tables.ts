import { RetriableError } from '../../api/errors.ts'
import type { TableName } from '../catalog/list-tables.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { postgresFailure, sqlState } from '../wire/failure.ts'
import { quoteIdentifier, quoteTable } from '../wire/sql-text.ts'

/** So many tables are locked by one statement. */
const LOCKED_TOGETHER = 100

type LockedTable = Pick<TableName, 'oid' | 'schema' | 'table'>

/**
 * Keeps tables as the snapshot sees them until its transaction ends, as pg_dump does: who wants to alter or truncate one
 * waits. A table that ALTER TABLE rewrites has rows that no older snapshot can see; it would look empty, and as no WAL
 * tells of these rows they would never come. Reading and writing rows goes on.
 *
 * Locked by reading nothing, because LOCK TABLE refuses users who may read only some of the columns.
 *
 * @param timeoutMs how long to wait for each; 0: for ever
 */
export async function lockTables(
  connection: PostgresConnection,
  tables: readonly LockedTable[],
  timeoutMs = 0,
): Promise<void> {
  if (timeoutMs > 0) await connection.query(`set lock_timeout = ${timeoutMs}`, 'Setting the lock timeout')
  for (let at = 0; at < tables.length; at += LOCKED_TOGETHER) {
    await lockTogether(connection, tables.slice(at, at + LOCKED_TOGETHER))
  }
  if (timeoutMs > 0) await connection.query('set lock_timeout = 0', 'Setting the lock timeout')
  await refuseRewritten(connection, tables)
}

/** In one statement; where that fails one by one, to find out which table it is. */
async function lockTogether(connection: PostgresConnection, tables: readonly LockedTable[]): Promise<void> {
  if (tables.length > 1) {
    await connection.query('savepoint locks', 'Locking tables')
    try {
      await connection.rawQuery(tables.map((table) => `(${lockingQuery(table)})`).join(' union all '))
      await connection.query('release savepoint locks', 'Locking tables')
      return
    } catch (error) {
      if (sqlState(error) === null) throw postgresFailure(error, connection.server, 'Locking tables')
      await connection.query('rollback to savepoint locks', 'Locking tables')
    }
  }
  const user = quoteIdentifier(connection.user)
  for (const table of tables) {
    const name = quoteTable(table.schema, table.table)
    await connection.query(lockingQuery(table), {
      what: `The snapshot of ${name}`,
      remedy: `Run GRANT USAGE ON SCHEMA ${quoteIdentifier(table.schema)} TO ${user} and GRANT SELECT ON TABLE ${name} TO ${user}.`,
    })
  }
}

/** Not `where false`: the planner would not get as far as the partitions. */
function lockingQuery({ schema, table }: LockedTable): string {
  return `select 1 from ${quoteTable(schema, table)} limit 0`
}

/**
 * The catalog shows the file that the snapshot knows, the function the one that is there now. Partitioned tables have no
 * file; their partitions do.
 */
async function refuseRewritten(
  connection: PostgresConnection,
  tables: readonly LockedTable[],
): Promise<void> {
  if (tables.length === 0) return
  const [rewritten] = await connection.query(
    `with recursive locked(oid) as (
       select oid from pg_catalog.unnest('{${tables.map(({ oid }) => oid).join(',')}}'::oid[]) as oid
       union
       select i.inhrelid from pg_catalog.pg_inherits i join locked on locked.oid = i.inhparent
         join pg_catalog.pg_class parent on parent.oid = i.inhparent and parent.relkind = 'p')
     select n.nspname as schema, c.relname as "table"
     from locked join pg_catalog.pg_class c on c.oid = locked.oid
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and c.relfilenode is distinct from pg_catalog.pg_relation_filenode(c.oid)`,
    'Looking for rewritten tables',
  )
  if (rewritten === undefined) return
  throw new RetriableError(
    'postgres.query-failed',
    `The table ${quoteTable(rewritten['schema']!, rewritten['table']!)} was rewritten in the moment in which its snapshot began. The snapshot begins again.`,
  )
}
