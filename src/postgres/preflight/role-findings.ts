import { fail, ok, type Finding } from '../../api/preflight.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { quoteIdentifier, quoteLiteral } from '../wire/sql-text.ts'

/** What the connector's user may do. */
export async function lookAtRole(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<Finding[]> {
  const [row] = await connection.query(
    `select rolreplication or rolsuper as replicates, rolsuper as is_superuser,
       has_database_privilege(current_database(), 'CREATE') as creates,
       exists (select from pg_catalog.pg_publication where pubname = ${quoteLiteral(options.publicationName)}) as is_published
     from pg_catalog.pg_roles where rolname = current_user`,
    'Reading the role',
  )
  const user = quoteIdentifier(options.user)
  const findings: Finding[] = []
  if (row!['replicates'] === 't') findings.push(ok('role', `${options.user} may replicate`))
  else {
    findings.push(
      fail('role', `${options.user} has not the attribute REPLICATION`, {
        where: 'sql',
        apply: `ALTER ROLE ${user} REPLICATION;`,
      }),
    )
  }
  const needsCreate = row!['is_published'] === 'f' && options.publicationAutocreateMode !== 'disabled'
  if (needsCreate && row!['creates'] === 'f') {
    const database = quoteIdentifier(options.database)
    findings.push(
      fail(
        'publication rights',
        `${options.user} may not create the publication ${options.publicationName} in ${options.database}`,
        { where: 'sql', apply: `GRANT CREATE ON DATABASE ${database} TO ${user};` },
      ),
    )
  } else if (
    needsCreate &&
    options.publicationAutocreateMode === 'all_tables' &&
    row!['is_superuser'] === 'f'
  ) {
    findings.push(
      fail(
        'publication rights',
        `only a superuser can create the publication ${options.publicationName} for all tables (publication.autocreate.mode=all_tables)`,
        {
          where: 'sql',
          apply: `CREATE PUBLICATION ${quoteIdentifier(options.publicationName)} FOR ALL TABLES;`,
        },
      ),
    )
  }
  return findings
}
