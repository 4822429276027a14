import { ConnectError } from '../../api/errors.ts'
import { listTables } from '../catalog/list-tables.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { quoteIdentifier, quoteLiteral, quoteTable } from '../wire/sql-text.ts'

/**
 * Sees to it that the publication exists, as `publication.autocreate.mode` says. One for all tables covers tables that are
 * created later; a filtered one gets the tables that match now, at each start: those that it got are answered.
 */
export async function ensurePublication(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<readonly string[]> {
  const { publicationName: name } = options
  const rows = await connection.query(
    `select puballtables from pg_catalog.pg_publication where pubname = ${quoteLiteral(name)}`,
    'Looking for the publication',
  )
  const existing = rows[0]
  switch (options.publicationAutocreateMode) {
    case 'disabled':
      if (existing === undefined) throw missing(options)
      return []
    case 'all_tables':
      if (existing === undefined) await create(connection, options, 'for all tables')
      return []
    case 'no_tables':
      if (existing === undefined) await create(connection, options, '')
      return []
    case 'filtered': {
      if (existing?.['puballtables'] === 't') throw forAllTables(name)
      const tables = await filteredTables(connection, options)
      if (existing !== undefined) return alterTables(connection, name, tables)
      await create(connection, options, `for table ${tables.join(', ')}`)
      return []
    }
  }
}

async function filteredTables(connection: PostgresConnection, options: PostgresOptions): Promise<string[]> {
  const tables = await listTables(
    connection,
    (schema, table) => options.isTableIncluded(schema, table),
    options.publishViaPartitionRoot,
  )
  if (tables.length === 0) {
    throw new ConnectError(
      'postgres.publication-unusable',
      `No table filters found for filtered publication ${options.publicationName}: no table matches the include and exclude lists. ` +
        "Create a table first, or set publication.autocreate.mode to 'all_tables', which covers tables that are created later.",
    )
  }
  return tables.map(({ schema, table }) => quoteTable(schema, table))
}

async function create(connection: PostgresConnection, options: PostgresOptions, what: string): Promise<void> {
  const operations = (['insert', 'update', 'delete', 'truncate'] as const).filter((operation) => {
    const letter = ({ insert: 'c', update: 'u', delete: 'd', truncate: 't' } as const)[operation]
    return !options.skippedOperations.has(letter)
  })
  const settings = [`publish = '${operations.join(', ')}'`]
  if (options.publishViaPartitionRoot) settings.push('publish_via_partition_root = true')
  await connection.query(
    `create publication ${quoteIdentifier(options.publicationName)} ${what} with (${settings.join(', ')})`,
    {
      what: `Creating the publication "${options.publicationName}"`,
      remedy:
        `Run GRANT CREATE ON DATABASE ${quoteIdentifier(options.database)} TO ${quoteIdentifier(options.user)}, and let that ` +
        'user own the tables (for all tables it must be a superuser); or create the publication yourself, and set ' +
        'publication.autocreate.mode=disabled.',
    },
  )
}

/** Only when something changes: altering takes a lock on each table, and invalidates what the server has cached. */
async function alterTables(
  connection: PostgresConnection,
  name: string,
  tables: readonly string[],
): Promise<readonly string[]> {
  const rows = await connection.query(
    `select schemaname, tablename from pg_catalog.pg_publication_tables where pubname = ${quoteLiteral(name)}
     order by schemaname collate "C", tablename collate "C"`,
    'Reading the tables of the publication',
  )
  const before = rows.map((row) => quoteTable(row['schemaname']!, row['tablename']!))
  if (before.join(', ') === tables.join(', ')) return []
  await connection.query(
    `alter publication ${quoteIdentifier(name)} set table ${tables.join(', ')}`,
    `Altering the publication "${name}"`,
  )
  return tables.filter((table) => !before.includes(table))
}

function missing({ publicationName, database }: PostgresOptions): ConnectError {
  const name = quoteIdentifier(publicationName)
  return new ConnectError(
    'postgres.publication-unusable',
    // The reference's words, on a line of their own: clients look for it.
    'Publication autocreation is disabled, please create one and restart the connector.\n' +
      `In the database ${quoteIdentifier(database)} there is no publication ${name}: CREATE PUBLICATION ${name} FOR TABLE …, ` +
      'or set publication.autocreate.mode.',
  )
}

function forAllTables(name: string): ConnectError {
  return new ConnectError(
    'postgres.publication-unusable',
    `The publication "${name}" is for all tables and cannot be narrowed to the filtered ones. Drop it, choose another publication.name, ` +
      "or set publication.autocreate.mode to 'all_tables'.",
  )
}
