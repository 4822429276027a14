import type { PostgresServer } from '../../../test/servers/postgres.ts'
import { readRelations } from '../catalog/read-relations.ts'
import type { Relation } from '../catalog/relation.ts'
import { parsePostgresOptions } from '../options/postgres-options.ts'
import { PostgresConnection } from '../wire/connection.ts'

/** The options that a connector cannot do without. */
export function connectionConfig(server: PostgresServer, database = 'postgres'): Record<string, string> {
  return {
    'database.hostname': server.host,
    'database.port': String(server.port),
    'database.user': server.user,
    'database.password': server.password,
    'database.dbname': database,
    'topic.prefix': 'p',
  }
}

/** A connection for statements, to be closed by the caller. */
export function openConnection(
  server: PostgresServer,
  more: Readonly<Record<string, string>> = {},
): Promise<PostgresConnection> {
  const options = parsePostgresOptions({ ...connectionConfig(server), ...more })
  const { signal } = new AbortController()
  return PostgresConnection.open(options, 'sql', { applicationName: 'test', signal })
}

/** @param table as `regclass` takes it */
export async function relationNamed(connection: PostgresConnection, table: string): Promise<Relation> {
  const [row] = await connection.query(`select '${table}'::regclass::oid as oid`, 'Looking for a table')
  const oid = Number(row!['oid'])
  return (await readRelations(connection, [oid])).get(oid)!
}
