import type { CapturedColumn, CapturedTopic } from '../../api/preflight.ts'
import { listTables } from '../catalog/list-tables.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection } from '../wire/connection.ts'

/** Types whose values look the same in JSON whatever the options say. */
const KINDS: Readonly<Record<string, CapturedColumn['kind']>> = {
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float4: 'number',
  float8: 'number',
  bool: 'boolean',
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
}

/** The topics of the captured tables, with their columns. */
export async function capturedTopics(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<CapturedTopic[]> {
  const tables = await listTables(
    connection,
    (schema, table) => options.isTableIncluded(schema, table),
    options.publishViaPartitionRoot,
  )
  if (tables.length === 0) return []
  const rows = await connection.query(
    `select a.attrelid::oid::text as oid, a.attname as name, t.typname as type
     from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
     where a.attnum > 0 and not a.attisdropped and a.attrelid in (${tables.map(({ oid }) => oid).join(', ')})
     order by a.attrelid, a.attnum`,
    'Reading the columns',
  )
  return tables.map(({ oid, schema, table }) => ({
    topic: options.topics.table(schema, table),
    columns: rows
      .filter((row) => row['oid'] === String(oid))
      .map((row) => ({ name: row['name']!, kind: KINDS[row['type']!] ?? null })),
  }))
}
