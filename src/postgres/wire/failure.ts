import { ConfigError, ConnectError, describeError, RetriableError } from '../../api/errors.ts'
import { formatLsn } from './lsn.ts'

/** SQLSTATEs, and classes of them, after which the same again can succeed without anybody's doing. */
const PASSING = [
  '08', // connection exceptions
  '53000', // insufficient_resources
  '53100', // disk_full
  '53200', // out_of_memory
  '53300', // too_many_connections
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now: starting up, in recovery
  '57P05', // idle_session_timeout
  '40', // serialization failure, deadlock
  '55006', // object_in_use
  '55P03', // lock_not_available
  '57014', // query_canceled
  '42P01', // undefined_table: dropped between being listed and being read
  '42703', // undefined_column: likewise
  'XX000', // internal_error: lookups in the catalog that fail beside DDL; what is really broken keeps failing, with this text
]

/** What was being done; `remedy`: what to do if a privilege is missing for it. */
export type Deed = string | { readonly what: string; readonly remedy: string }

const GRANT = "Grant the connector's user what is missing."

/** The SQLSTATE of an error that a server sent, whoever read it; null for others. */
export function sqlState(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in (error as Error)
    ? code
    : null
}

/**
 * Anything that went wrong with a server as an error of tailrace's own.
 * @param what what was being done, to name it: `Reading table "public"."t"`
 */
export function postgresFailure(error: unknown, server: string, deed: Deed): ConnectError {
  const what = typeof deed === 'string' ? deed : deed.what
  if (error instanceof ConnectError) return error
  const state = sqlState(error)
  if (state === null) return connectionFailure(error, server, what)
  const said = serverSaid(error as Error)
  if (state.startsWith('28')) {
    return new ConfigError(
      'postgres.authentication',
      `PostgreSQL at ${server} refused the login: ${said}. Check database.user and database.password, and the server's pg_hba.conf.`,
    )
  }
  if (state === '3D000') {
    return new ConfigError(
      'postgres.database-unknown',
      `PostgreSQL at ${server}: ${said}. Check database.dbname.`,
    )
  }
  if (state === '42501') {
    return new ConfigError(
      'postgres.permission-denied',
      `${what} failed at ${server}: ${said}. ${typeof deed === 'string' ? GRANT : deed.remedy}`,
    )
  }
  if (PASSING.some((passing) => state.startsWith(passing))) {
    return new RetriableError('postgres.connection-lost', `${what} failed at ${server}: ${said}`, {
      cause: error,
    })
  }
  return new ConnectError('postgres.query-failed', `${what} failed at ${server}: ${said} (SQLSTATE ${state})`)
}

function connectionFailure(error: unknown, server: string, what: string): ConnectError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (/CERT|^ERR_TLS|^UNABLE_TO/.test(code)) {
    return new ConfigError(
      'postgres.tls-certificate',
      `${what} failed: the certificate of PostgreSQL at ${server} is not accepted: ${describeError(error)}. Check database.sslmode and database.sslrootcert.`,
    )
  }
  // A mistake of our own is not the network's fault, and trying again would not help.
  if (error instanceof TypeError || error instanceof RangeError) {
    return new ConnectError('postgres.query-failed', `${what} failed: ${describeError(error)}`, {
      cause: error,
    })
  }
  return new RetriableError(
    'postgres.connection-lost',
    `${what} failed: no connection to PostgreSQL at ${server}: ${describeError(error)}`,
    { cause: error },
  )
}

function serverSaid(error: Error): string {
  const detail = 'detail' in error && typeof error.detail === 'string' ? ` (${error.detail})` : ''
  return `${error.message}${detail}`
}

/** Streaming cannot go on where it was: going on elsewhere would leave changes out. */
export function positionLost(lsn: bigint, reason: string): ConnectError {
  return new ConnectError(
    'postgres.position-lost',
    `The connector is trying to read change stream starting at ${formatLsn(lsn)}, but this is no longer available on the server. ` +
      `Reconfigure the connector to use a snapshot mode when needed. (${reason})`,
  )
}
