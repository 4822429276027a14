import type { SourceSession } from '../source-session.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { quoteLiteral } from '../wire/sql-text.ts'

/**
 * Warns of captured tables whose rows have no identity. The server refuses updates and deletes of them to everybody, as
 * soon as a publication has them: what fails then is somebody else's application, which says nothing of this connector.
 */
export async function warnOfUnidentifiedTables(
  connection: PostgresConnection,
  { options, context }: SourceSession,
): Promise<void> {
  const rows = await connection.query(
    `select p.schemaname as schema, p.tablename as table
     from pg_catalog.pg_publication_tables p
     join pg_catalog.pg_publication b on b.pubname = p.pubname and (b.pubupdate or b.pubdelete)
     join pg_catalog.pg_namespace n on n.nspname = p.schemaname
     join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = p.tablename
     where p.pubname = ${quoteLiteral(options.publicationName)} and c.relkind = 'r'
       and (c.relreplident = 'n' or c.relreplident = 'd' and not exists
            (select from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisprimary))
     order by 1, 2`,
    'Looking for tables without a key',
  )
  const tables = rows
    .filter((row) => options.isTableIncluded(row['schema']!, row['table']!))
    .map((row) => `${row['schema']}.${row['table']}`)
  if (tables.length === 0) return
  context.log.warn(
    { tables, publication: options.publicationName },
    'tables without a primary key or replica identity: PostgreSQL refuses updates and deletes of them while they are published; ' +
      'give them a key, or a replica identity (replica.identity.autoset.values, or ALTER TABLE … REPLICA IDENTITY FULL)',
  )
}
