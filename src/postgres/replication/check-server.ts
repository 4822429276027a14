import { ConfigError } from '../../api/errors.ts'
import type { PostgresConnection } from '../wire/connection.ts'

/** Logical decoding needs `wal_level=logical`: found out here, before anything is created. */
export async function checkServer(connection: PostgresConnection): Promise<void> {
  const [row] = await connection.query(`select current_setting('wal_level') as level`, 'Reading wal_level')
  if (row?.['level'] === 'logical') return
  throw new ConfigError(
    'postgres.wal-level',
    `Postgres server wal_level property must be 'logical' but is: '${row?.['level']}'`,
  )
}
