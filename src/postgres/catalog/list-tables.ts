import type { PostgresConnection } from '../wire/connection.ts'

/** A table that holds rows: an ordinary one or a partition, never a view. */
export interface TableName {
  readonly oid: number
  readonly schema: string
  readonly table: string
}

/** Every permanent table that the filter takes, by schema and name. Partitioned tables count as their partitions. */
export async function listTables(
  connection: PostgresConnection,
  isIncluded: (schema: string, table: string) => boolean,
): Promise<TableName[]> {
  const rows = await connection.query(
    `select c.oid::text, n.nspname as schema, c.relname as "table"
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
     order by n.nspname collate "C", c.relname collate "C"`,
    'Listing the tables',
  )
  return rows
    .map((row) => ({ oid: Number(row['oid']), schema: row['schema']!, table: row['table']! }))
    .filter(({ schema, table }) => isIncluded(schema, table))
}
