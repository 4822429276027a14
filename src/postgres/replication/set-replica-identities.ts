import { listTables } from '../catalog/list-tables.ts'
import type { SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { quoteTable } from '../wire/sql-text.ts'

/** Gives the captured tables the replica identities of `replica.identity.autoset.values`, where they have another. */
export async function setReplicaIdentities(
  connection: PostgresConnection,
  { options, context }: SourceSession,
): Promise<void> {
  const tables = await listTables(
    connection,
    (schema, table) =>
      options.isTableIncluded(schema, table) && options.replicaIdentity(schema, table) !== null,
  )
  if (tables.length === 0) return
  const rows = await connection.query(
    `select c.oid::text, c.relreplident as kind, x.relname as index
     from pg_catalog.pg_class c
     left join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisreplident
     left join pg_catalog.pg_class x on x.oid = i.indexrelid
     where c.oid = any ('{${tables.map(({ oid }) => oid).join(',')}}'::oid[])`,
    'Reading the replica identities of tables',
  )
  const current = new Map(rows.map((row) => [Number(row['oid']), row]))
  for (const { oid, schema, table } of tables) {
    const { kind, index, clause } = options.replicaIdentity(schema, table)!
    const now = current.get(oid)
    if (now?.['kind'] === kind && (kind !== 'i' || now['index'] === index)) continue
    const name = quoteTable(schema, table)
    await connection.query(
      `alter table ${name} replica identity ${clause}`,
      `Setting the replica identity of ${name}`,
    )
    context.log.info({ schema, table, identity: clause }, 'replica identity set')
  }
}
