import { counted } from '../../api/counted.ts'
import { fail, ok, type Finding } from '../../api/preflight.ts'
import { listTables } from '../catalog/list-tables.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection, TextRow } from '../wire/connection.ts'
import { quoteIdentifier, quoteLiteral, quoteTable } from '../wire/sql-text.ts'

const CHECK = 'publication'

/** What the publication lets through. One that the connector makes itself is right by then. */
export async function lookAtPublication(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<Finding[]> {
  const { publicationName: name, publicationAutocreateMode: mode } = options
  const [row] = await connection.query(
    `select puballtables, pubinsert, pubupdate, pubdelete, pubtruncate from pg_catalog.pg_publication where pubname = ${quoteLiteral(name)}`,
    'Looking for the publication',
  )
  if (row === undefined) {
    if (mode !== 'disabled') return [ok(CHECK, `the connector creates the publication ${name}`)]
    return [
      fail(CHECK, `there is no publication ${name}, and publication.autocreate.mode=disabled`, {
        where: 'sql',
        apply: `CREATE PUBLICATION ${quoteIdentifier(name)} FOR ALL TABLES;`,
      }),
    ]
  }
  if (row['puballtables'] === 't' && mode === 'filtered') {
    return [
      fail(
        CHECK,
        `the publication ${name} is for all tables, and publication.autocreate.mode=filtered would narrow it`,
        {
          where: 'sql',
          apply: `DROP PUBLICATION ${quoteIdentifier(name)};`,
        },
      ),
    ]
  }
  const findings = [...operationFindings(row, options)]
  if (row['puballtables'] === 'f' && mode !== 'filtered') {
    findings.push(...(await missingTables(connection, options)))
  }
  return findings.length > 0 ? findings : [ok(CHECK, `the publication ${name} has what is captured`)]
}

const OPERATIONS = [
  ['insert', 'c'],
  ['update', 'u'],
  ['delete', 'd'],
  ['truncate', 't'],
] as const

function operationFindings(row: TextRow, options: PostgresOptions): Finding[] {
  const wanted = OPERATIONS.filter(([, letter]) => !options.skippedOperations.has(letter))
  const missing = wanted.filter(([operation]) => row[`pub${operation}`] === 'f')
  if (missing.length === 0) return []
  const publication = quoteIdentifier(options.publicationName)
  const has = OPERATIONS.filter(([operation]) => row[`pub${operation}`] === 't')
  const all = [...new Set([...has, ...wanted])].map(([operation]) => operation).join(', ')
  const names = missing.map(([operation]) => operation).join(', ')
  return [
    fail(CHECK, `the publication ${options.publicationName} leaves out: ${names}`, {
      where: 'sql',
      apply: `ALTER PUBLICATION ${publication} SET (publish = '${all}');`,
    }),
  ]
}

async function missingTables(connection: PostgresConnection, options: PostgresOptions): Promise<Finding[]> {
  const rows = await connection.query(
    `select schemaname as schema, tablename as "table" from pg_catalog.pg_publication_tables
     where pubname = ${quoteLiteral(options.publicationName)}`,
    'Reading the tables of the publication',
  )
  const published = new Set(rows.map((row) => quoteTable(row['schema']!, row['table']!)))
  const captured = await listTables(
    connection,
    (schema, table) => options.isTableIncluded(schema, table),
    options.publishViaPartitionRoot,
  )
  const missing = captured
    .map(({ schema, table }) => quoteTable(schema, table))
    .filter((table) => !published.has(table))
  if (missing.length === 0) return []
  const publication = quoteIdentifier(options.publicationName)
  return [
    fail(
      CHECK,
      `the publication ${options.publicationName} leaves out ${counted(missing.length, 'captured table')}`,
      {
        where: 'sql',
        apply: `ALTER PUBLICATION ${publication} ADD TABLE ${missing.join(', ')};`,
      },
    ),
  ]
}
