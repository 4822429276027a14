import type { PostgresOptions } from '../options/postgres-options.ts'
import { isSignalTable } from '../options/signal-options.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { quoteLiteral } from '../wire/sql-text.ts'
import { listTables, type TableName } from './list-tables.ts'

/** Tables that are captured and published, the signal table left out. */
export async function publishedTables(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<{ readonly tables: readonly TableName[]; readonly isForAll: boolean }> {
  const name = quoteLiteral(options.publicationName)
  const [publication] = await connection.query(
    `select puballtables as all from pg_catalog.pg_publication where pubname = ${name}`,
    'Looking for the publication',
  )
  const rows = await connection.query(
    `select schemaname as schema, tablename as "table" from pg_catalog.pg_publication_tables where pubname = ${name}`,
    'Reading the tables of the publication',
  )
  const published = new Set(rows.map((row) => `${row['schema']}.${row['table']}`))
  const tables = await listTables(
    connection,
    (schema, table) =>
      options.isTableIncluded(schema, table) &&
      published.has(`${schema}.${table}`) &&
      !isSignalTable(options.signals, schema, table),
    options.publishViaPartitionRoot,
  )
  return { tables, isForAll: publication?.['all'] === 't' }
}
