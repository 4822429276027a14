import { ConfigError } from '../../api/errors.ts'
import type { PostgresConnection } from '../wire/connection.ts'

/** The first with 64-bit snapshots (`pg_current_snapshot`), and with what slots tell of themselves. */
const OLDEST = 130_000

/** What logical decoding needs: found out here, before anything is created. */
export async function checkServer(connection: Pick<PostgresConnection, 'query'>): Promise<void> {
  const [row] = await connection.query(
    `select current_setting('wal_level') as level, current_setting('server_version_num') as number,
            current_setting('server_version') as version`,
    'Reading the settings of the server',
  )
  if (Number(row?.['number']) < OLDEST) {
    throw new ConfigError(
      'postgres.version-unsupported',
      `The server is PostgreSQL ${row?.['version']}; tailrace needs version 13 or later. Upgrade the server.`,
    )
  }
  if (row?.['level'] === 'logical') return
  throw new ConfigError(
    'postgres.wal-level',
    `Postgres server wal_level property must be 'logical' but is: '${row?.['level']}'`,
  )
}
