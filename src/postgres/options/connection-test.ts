import type { Client } from 'pg'
import { requireAllowedHost } from '../../api/allowed-hosts.ts'
import { ConnectError, describeError } from '../../api/errors.ts'
import type { PostgresOptions } from './postgres-options.ts'

/**
 * Logs in and looks whether the server can do logical decoding. Answers what is wrong, in the words of Debezium and of
 * PostgreSQL's JDBC driver, which clients match on; null if all is well. No password is in it.
 */
export async function testConnection(options: PostgresOptions, signal: AbortSignal): Promise<string | null> {
  if (options.queryTimeoutMs < 0)
    return 'Error while validating connector config: Query timeout must be a value greater than or equals to 0.'
  const timeoutMs = options.validationTimeoutMs
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    return await inspectServer(options, AbortSignal.any([signal, deadline]))
  } catch (error) {
    if (deadline.aborted) return `Connection validation timed out after ${timeoutMs} ms`
    return `Error while validating connector config: ${driverMessage(error, options)}`
  }
}

async function inspectServer(options: PostgresOptions, signal: AbortSignal): Promise<string | null> {
  return withClient(options, signal, async (client) => {
    for (const statement of options.initialStatements) await client.query(statement)
    const { rows } = await client.query<{ wal_level: string }>('SHOW wal_level')
    const level = rows[0]?.wal_level
    return level === 'logical'
      ? null
      : `Error while validating connector config: Postgres server wal_level property must be 'logical' but is: '${level}'`
  })
}

/** Works with a connection of its own, which is dropped when the signal is aborted. */
export async function withClient<T>(
  options: PostgresOptions,
  signal: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  // Loaded here because the process that only validates now and then should not carry it from its start.
  const [{ default: pg }, { tlsOptions }, { GuardedSocket }] = await Promise.all([
    import('pg'),
    import('../wire/tls.ts'),
    import('../wire/guarded-socket.ts'),
  ])
  const { hostname: host, port, user, database } = options
  requireAllowedHost(host)
  const server = { host, port, timeoutMs: options.validationTimeoutMs }
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    // A function: neither the environment nor ~/.pgpass stands in for a password that is not there.
    password: () => options.password ?? '',
    ssl: await tlsOptions(options.ssl, server, signal),
    stream: () => new GuardedSocket(),
    application_name: 'tailrace validation',
  })
  client.on('error', () => {})
  const abort = () => dropSocket(client)
  signal.addEventListener('abort', abort)
  try {
    signal.throwIfAborted()
    await client.connect()
    return await work(client)
  } finally {
    signal.removeEventListener('abort', abort)
    dropSocket(client)
  }
}

/** `client.end()` would wait for the server's goodbye, which a server that hangs does not send. */
function dropSocket(client: Client): void {
  const { connection } = client as unknown as {
    readonly connection: { readonly stream: NodeJS.WritableStream }
  }
  connection.stream.end()
  ;(connection.stream as unknown as { destroySoon?(): void }).destroySoon?.()
}

export function driverMessage(error: unknown, { hostname, port, password }: PostgresOptions): string {
  if (error instanceof ConnectError && error.code === 'postgres.tls-unavailable') {
    return 'The server does not support SSL.'
  }
  if (error instanceof ConnectError || !(error instanceof Error)) return describeError(error)
  if ('severity' in error) return `${String(error.severity)}: ${error.message}`
  if (codeOf(error) === 'ECONNREFUSED') {
    return `Connection to ${hostname}:${port} refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.`
  }
  if (!password && error.message.startsWith('SASL')) {
    return 'The server requested SCRAM-based authentication, but no password was provided.'
  }
  return `The connection attempt failed: ${describeError(error)}`
}

/** A name with several addresses fails with one error for each. */
function codeOf(error: Error): unknown {
  const failure: unknown = error instanceof AggregateError ? error.errors[0] : error
  return failure instanceof Error && 'code' in failure ? failure.code : undefined
}
