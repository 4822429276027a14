import type { PostgresConnection } from '../wire/connection.ts'

/** A table that rows are read from: an ordinary one, a partition, or a partitioned one as a whole; never a view. */
export interface TableName {
  readonly oid: number
  readonly schema: string
  readonly table: string
  readonly isPartitioned: boolean
  /** As the statistics have it; -1 where the table was never analyzed. */
  readonly estimatedRows: number
}

/**
 * Every permanent table that the filter takes, by schema and name. Partitioned tables count as their partitions, or in
 * their place where changes are published via the root.
 */
export async function listTables(
  connection: PostgresConnection,
  isIncluded: (schema: string, table: string) => boolean,
  viaPartitionRoot = false,
): Promise<TableName[]> {
  const rows = await connection.query(
    `select c.oid::text, n.nspname as schema, c.relname as "table", c.relkind as kind, c.reltuples::int8::text as rows
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where ${viaPartitionRoot ? "c.relkind in ('r', 'p') and not c.relispartition" : "c.relkind = 'r'"} and c.relpersistence <> 't' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
     order by n.nspname collate "C", c.relname collate "C"`,
    'Listing the tables',
  )
  return rows
    .map((row) => ({
      oid: Number(row['oid']),
      schema: row['schema']!,
      table: row['table']!,
      isPartitioned: row['kind'] === 'p',
      estimatedRows: Number(row['rows']),
    }))
    .filter(({ schema, table }) => isIncluded(schema, table))
}
