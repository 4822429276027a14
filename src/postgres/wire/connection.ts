import pg from 'pg'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { PostgresOptions } from '../options/postgres-options.ts'
import { guardedLookup, requireAllowedHost } from '../../api/allowed-hosts.ts'
import { RetriableError } from '../../api/errors.ts'
import { type Deed, postgresFailure, sqlState } from './failure.ts'
import { GuardedSocket } from './guarded-socket.ts'
import { ReadingSocket } from './reading-socket.ts'
import { quoteIdentifier } from './sql-text.ts'
import { tlsOptions } from './tls.ts'

/** A row of a query: every value as text, whatever its type. */
export type TextRow = Readonly<Record<string, string | null>>

/**
 * `sql`: ordinary statements, after the user's initial ones. `decoding`: statements that read WAL, with nobody's settings
 * but ours. `replication`: a walsender, which takes replication commands as well.
 */
export type ConnectionPurpose = 'sql' | 'decoding' | 'replication'

const CONNECT_TIMEOUT_MS = 10_000
const KEEP_ALIVE_DELAY_MS = 30_000
/** A query that was cancelled, and of which nothing is heard for so long, is given up with its connection. */
const CANCEL_TIMEOUT_MS = 10_000
/** What timers take. */
const MOST_MS = 2 ** 31 - 1

/**
 * With these, the text of a value is exact and does not depend on how the server, database or role is configured.
 * They count for pgoutput's columns as well: the walsender writes them with the settings of its own session.
 */
const SESSION_SETTINGS: readonly string[] = [
  'TimeZone=UTC',
  'DateStyle=ISO',
  'IntervalStyle=postgres',
  'bytea_output=hex',
  'extra_float_digits=1',
  'lc_monetary=C',
  'statement_timeout=0',
  'lock_timeout=0',
  'idle_in_transaction_session_timeout=0',
]

/** One session on the server. Errors of its methods are `ConnectError`s that name the server. */
export class PostgresConnection implements AsyncDisposable {
  readonly server: string
  readonly user: string
  readonly #client: pg.Client
  readonly #queryTimeoutMs: number
  #isOver = false

  /** @param queryTimeoutMs how long a query may take; 0: as long as it likes */
  private constructor(
    client: pg.Client,
    server: string,
    { user, queryTimeoutMs }: Pick<PostgresOptions, 'user' | 'queryTimeoutMs'>,
  ) {
    this.#client = client
    this.server = server
    this.user = user
    this.#queryTimeoutMs = queryTimeoutMs
  }

  /** @param signal closes the connection, also while it is being made */
  static async open(
    options: PostgresOptions,
    purpose: ConnectionPurpose,
    session: { readonly applicationName: string; readonly signal: AbortSignal },
  ): Promise<PostgresConnection> {
    const { hostname: host, port } = options
    const server = `${host}:${port}`
    const { signal } = session
    try {
      signal.throwIfAborted()
      requireAllowedHost(host)
      const ssl = await tlsOptions(options.ssl, { host, port, timeoutMs: CONNECT_TIMEOUT_MS }, signal)
      const password = options.password ?? ''
      // Not for a walsender: it may have to wait long until it can create a slot.
      const queryTimeoutMs = purpose === 'replication' ? 0 : options.queryTimeoutMs
      const settings: pg.ClientConfig & { readonly replication?: string } = {
        host,
        port,
        user: options.user,
        database: options.database,
        // A function: nothing that prints the client can print the password, and no environment replaces it.
        password: () => password,
        ssl,
        // With TLS it need not be frugal: what is decrypted is allocated anyway.
        stream: () => (ssl === false ? new ReadingSocket() : new GuardedSocket()),
        application_name: session.applicationName,
        keepAlive: options.tcpKeepAlive,
        keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        options: SESSION_SETTINGS.map((setting) => `-c ${setting}`).join(' '),
        types: { getTypeParser: () => (text: string) => text },
        ...(purpose === 'replication' ? { replication: 'database' } : {}),
        ...(queryTimeoutMs > 0
          ? { query_timeout: Math.min(queryTimeoutMs + CANCEL_TIMEOUT_MS, MOST_MS) }
          : {}),
      }
      const client = new pg.Client(settings)
      // Without a listener, a connection that breaks between two queries would end the process; the next query fails.
      client.on('error', () => {})
      const connection = new PostgresConnection(client, server, { user: options.user, queryTimeoutMs })
      const abort = () => connection.close()
      signal.addEventListener('abort', abort)
      client.once('end', () => signal.removeEventListener('abort', abort))
      await client.connect()
      if (purpose === 'sql') {
        for (const statement of options.initialStatements) await client.query(statement)
      }
      signal.throwIfAborted()
      return connection
    } catch (error) {
      const remedy = `Run ALTER ROLE ${quoteIdentifier(options.user)} REPLICATION as a superuser.`
      throw postgresFailure(
        error,
        server,
        purpose === 'replication' ? { what: 'Connecting', remedy } : 'Connecting',
      )
    }
  }

  /** Whether queries can still be sent. */
  get isOpen(): boolean {
    return !this.#isOver && rawStream(this.#client).writable
  }

  /** The rows of one statement, values as text. */
  async query(sql: string, deed: Deed): Promise<TextRow[]> {
    try {
      return await this.#rows(sql, typeof deed === 'string' ? deed : deed.what)
    } catch (error) {
      throw postgresFailure(error, this.server, deed)
    }
  }

  /** The same with the server's own error, for who decides by its SQLSTATE. */
  rawQuery(sql: string): Promise<TextRow[]> {
    return this.#rows(sql, 'A query')
  }

  async #rows(sql: string, what: string): Promise<TextRow[]> {
    if (this.#queryTimeoutMs === 0) return (await this.#client.query<TextRow>(sql)).rows
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      // What nobody waits for any more would go on, with its locks.
      this.cancel()
    }, this.#queryTimeoutMs)
    try {
      return (await this.#client.query<TextRow>(sql)).rows
    } catch (error) {
      if (!isLate) throw error
      if (sqlState(error) === null) this.close()
      throw new RetriableError(
        'postgres.connection-lost',
        `${what} took longer than database.query.timeout.ms (${this.#queryTimeoutMs}) at ${this.server}, and was cancelled.`,
      )
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * Gives the socket away between two queries: from now on its bytes are the caller's, and this object is only good for
   * `close`. To be called, and a `data` listener attached, in one go. The bytes are valid until the listener has returned,
   * or as long as it has paused the socket.
   */
  takeSocket(): Duplex {
    this.#isOver = true
    const stream = rawStream(this.#client)
    stream.removeAllListeners('data')
    if (stream instanceof ReadingSocket) stream.lendBytes()
    return stream
  }

  /** Asks the server, on another connection, to give up the query at hand. Best effort. */
  cancel(): void {
    const { host, port, processID, secretKey } = this.#client as unknown as CancelTarget
    if (processID === null || secretKey === null) return
    const request = Buffer.alloc(16)
    request.writeInt32BE(16, 0)
    request.writeInt32BE(CANCEL_REQUEST, 4)
    request.writeInt32BE(processID, 8)
    request.writeInt32BE(secretKey, 12)
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup }, () =>
      socket.end(request),
    )
    socket.on('error', () => {}).on('timeout', () => socket.destroy())
  }

  /** Says goodbye and drops the socket, without waiting: the server frees a slot when it sees either. May come twice. */
  close(): void {
    this.#isOver = true
    const stream = rawStream(this.#client)
    if (stream.destroyed) return
    if (stream.writable && !this.#isConnecting()) stream.end(TERMINATE)
    stream.destroy()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close()
    return Promise.resolve()
  }

  #isConnecting(): boolean {
    const stream: unknown = rawStream(this.#client)
    return (
      typeof stream === 'object' && stream !== null && 'connecting' in stream && stream.connecting === true
    )
  }
}

const CANCEL_REQUEST = 80877102
const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4])

interface CancelTarget {
  readonly host: string
  readonly port: number
  readonly processID: number | null
  readonly secretKey: number | null
}

/** `pg` has the socket as `client.connection.stream`; with TLS it is replaced by the encrypted one during startup. */
function rawStream(client: pg.Client): Duplex {
  return (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection.stream
}
