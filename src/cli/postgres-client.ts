import type { Client } from 'pg'
import { ConnectError } from '../api/errors.ts'

const DEADLINE_MS = 10_000

/** A connection for what a command asks of a database itself. Throws `cli.postgres-unreachable`. */
export async function connectPostgres(url: URL): Promise<Client> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: DEADLINE_MS })
  // A server that goes away is reported by the next query.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (cause) {
    throw new ConnectError(
      'cli.postgres-unreachable',
      `Cannot connect to PostgreSQL at ${url.hostname}:${url.port || 5432} as ${decodeURIComponent(url.username)}`,
      { cause },
    )
  }
}
