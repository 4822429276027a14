import { counted } from '../../api/counted.ts'
import { fail, ok, warn, type Finding } from '../../api/preflight.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection, TextRow } from '../wire/connection.ts'
import { quoteIdentifier, quoteTable } from '../wire/sql-text.ts'

/** Each table that the lists take; those that can never be captured too, where they are named. */
export async function lookAtTables(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<Finding[]> {
  const rows = await connection.query(
    `select n.nspname as schema, c.relname as "table", c.relkind as kind, c.relpersistence as persistence, c.relreplident as identity,
       exists (select from pg_catalog.pg_index i where i.indrelid = c.oid and i.indisprimary) as has_key,
       has_schema_privilege(n.oid, 'USAGE') as may_use, has_table_privilege(c.oid, 'SELECT') as may_select,
       pg_catalog.pg_has_role(c.relowner, 'USAGE') as is_owner
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't' and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
     order by n.nspname collate "C", c.relname collate "C"`,
    'Listing the tables',
  )
  const wanted = rows.filter((row) => options.isTableIncluded(row['schema']!, row['table']!))
  const tables = wanted.filter(({ kind }) => kind === 'r' || kind === 'p')
  if (tables.length === 0) {
    return [
      fail('tables', 'no table matches the include and exclude lists', {
        where: 'connector',
        apply: `Correct table.include.list; there is ${named(rows.filter(({ kind }) => kind === 'r'))}`,
      }),
    ]
  }
  const findings = tables.flatMap((row) => tableFindings(row, options))
  if (findings.length > 0) return findings
  return [ok('tables', `${counted(tables.length, 'table')} with nothing to mend`)]
}

const MOST_NAMES = 10

function named(rows: readonly TextRow[]): string {
  const names = rows.slice(0, MOST_NAMES).map((row) => `${row['schema']}.${row['table']}`)
  return rows.length > MOST_NAMES ? `${names.join(', ')}, …` : names.join(', ') || 'none'
}

function tableFindings(row: TextRow, { user, publicationAutocreateMode }: PostgresOptions): Finding[] {
  const name = `${row['schema']}.${row['table']}`
  const check = `table ${name}`
  const table = quoteTable(row['schema']!, row['table']!)
  const role = quoteIdentifier(user)
  const sql = (apply: string) => ({ where: 'sql', apply }) as const
  const findings: Finding[] = []
  if (row['may_use'] === 'f') {
    const schema = quoteIdentifier(row['schema']!)
    findings.push(
      fail(check, `${user} may not use its schema`, sql(`GRANT USAGE ON SCHEMA ${schema} TO ${role};`)),
    )
  }
  if (row['may_select'] === 'f') {
    findings.push(fail(check, `${user} may not read it`, sql(`GRANT SELECT ON ${table} TO ${role};`)))
  }
  if (row['is_owner'] === 'f' && publicationAutocreateMode === 'filtered') {
    findings.push(
      fail(
        check,
        `${user} does not own it, and only its owner can put it into a publication (publication.autocreate.mode=filtered)`,
        sql(`ALTER TABLE ${table} OWNER TO ${role};`),
      ),
    )
  }
  if (row['persistence'] === 'u') {
    findings.push(
      fail(check, 'it is unlogged: its changes are not in the WAL', sql(`ALTER TABLE ${table} SET LOGGED;`)),
    )
  }
  if (row['kind'] === 'r' && row['persistence'] !== 'u' && hasNoIdentity(row)) {
    findings.push(
      fail(
        `identity of ${name}`,
        'it has no replica identity: once it is published, PostgreSQL refuses updates and deletes of it to everybody',
        sql(`ALTER TABLE ${table} REPLICA IDENTITY FULL;`),
      ),
    )
  }
  if (row['has_key'] === 'f' && row['kind'] === 'r') {
    findings.push(
      warn(
        `key of ${name}`,
        'it has no primary key: its records have no key, so that documents cannot be replaced or deleted',
        {
          where: 'sql',
          apply: `ALTER TABLE ${table} ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;`,
        },
      ),
    )
  }
  return findings
}

function hasNoIdentity(row: TextRow): boolean {
  return row['identity'] === 'n' || (row['identity'] === 'd' && row['has_key'] === 'f')
}
