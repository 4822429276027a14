import { ConnectError, describeError } from '../../api/errors.ts'
import { fail, type Finding, type Remedy } from '../../api/preflight.ts'
import type { PostgresOptions } from '../options/postgres-options.ts'
import { quoteIdentifier } from '../wire/sql-text.ts'

const REMEDIES: Readonly<Record<string, (options: PostgresOptions) => Remedy>> = {
  'postgres.connection-lost': ({ hostname, port }) => ({
    where: 'by hand',
    apply: `Start PostgreSQL at ${hostname}:${port} and let it listen there (listen_addresses), or correct database.hostname and database.port`,
  }),
  'postgres.database-unknown': ({ database }) => ({
    where: 'sql',
    apply: `CREATE DATABASE ${quoteIdentifier(database)};`,
  }),
  'postgres.authentication': ({ user, database }) => ({
    where: 'by hand',
    apply:
      `Correct database.user and database.password (ALTER ROLE ${quoteIdentifier(user)} LOGIN PASSWORD '…'), and let pg_hba.conf ` +
      `have a line as: host ${database} ${user} ADDRESS/32 scram-sha-256`,
  }),
  'postgres.permission-denied': ({ user, database }) => ({
    where: 'sql',
    apply: `GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(user)};`,
  }),
  'postgres.tls-certificate': () => ({
    where: 'connector',
    apply:
      "Set database.sslrootcert to the file of the server's authority, as PEM; or database.sslmode=require to trust any",
  }),
}

export function loginFailed(error: unknown, options: PostgresOptions): Finding {
  const code = error instanceof ConnectError ? error.code : ''
  const said = describeError(error)
  const remedy = /role .* is not permitted to log in/.test(said)
    ? ({ where: 'sql', apply: `ALTER ROLE ${quoteIdentifier(options.user)} LOGIN;` } as const)
    : (REMEDIES[code] ?? REMEDIES['postgres.connection-lost']!)(options)
  return fail('connection', said, remedy)
}

/** For a role that can log in: it lacks REPLICATION, or pg_hba.conf has no line for walsenders. */
export function replicationFailed(error: unknown, { user }: PostgresOptions): [message: string, Remedy] {
  const said = describeError(error)
  if (/pg_hba\.conf/.test(said)) {
    return [
      said,
      {
        where: 'by hand',
        apply: `Add to pg_hba.conf, then SELECT pg_reload_conf(): host all ${user} ADDRESS/32 scram-sha-256`,
      },
    ]
  }
  if (/max_wal_senders|too many|reserved/.test(said)) {
    return [said, { where: 'sql', apply: 'ALTER SYSTEM SET max_wal_senders = 20;', thenRestart: true }]
  }
  return [said, { where: 'sql', apply: `ALTER ROLE ${quoteIdentifier(user)} REPLICATION;` }]
}
