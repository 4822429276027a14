import type { PostgresOptions } from '../options/postgres-options.ts'
import type { PostgresConnection } from '../wire/connection.ts'
import { quoteIdentifier } from '../wire/sql-text.ts'

/** What pgoutput is told, the same on a walsender and by SQL. */
export async function outputParameters(
  connection: PostgresConnection,
  options: PostgresOptions,
): Promise<readonly (readonly [name: string, value: string])[]> {
  const isMessagesSet = options.slotStreamParams.some(([name]) => name === 'messages')
  const parameters = new Map([
    ['proto_version', '1'],
    // A list of identifiers within a string.
    ['publication_names', quoteIdentifier(options.publicationName)],
    ...(!isMessagesSet && (await sendsMessages(connection)) ? ([['messages', 'true']] as const) : []),
    // The server refuses a name that comes twice.
    ...options.slotStreamParams,
  ])
  return [...parameters]
}

/** Whether pgoutput can send what `pg_logical_emit_message` writes; from PostgreSQL 14 on. */
async function sendsMessages(connection: PostgresConnection): Promise<boolean> {
  const [row] = await connection.query(
    "select current_setting('server_version_num') as version",
    'Reading the version of the server',
  )
  return Number(row!['version']) >= 140_000
}
