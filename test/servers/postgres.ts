import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import {
  embeddedPostgresBinaries,
  type PostgresBinaries,
} from '../../src/embedded/postgres/postgres-binaries.ts'
import { directoryForUser, readableForUser } from '../../src/embedded/postgres/place-for-user.ts'
import { initializeCluster, startServer } from '../../src/embedded/postgres/start-postgres-server.ts'
import { unprivilegedUser } from '../../src/embedded/postgres/unprivileged-user.ts'
import { downloadedPostgres } from './downloaded-postgres.ts'
import { canaryPassword } from './canary.ts'
import { freePort } from './free-port.ts'

export type PostgresVersion = 18 | 17 | 16 | 15

const PASSWORD = canaryPassword('postgres')

export interface PostgresServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly user: 'postgres'
  readonly password: string
  readonly dataDir: string
  /** A connection URL, of the database `postgres` unless told. */
  url(database?: string): string
  /** The rows of the (last) statement. Statements of one database and session share a connection. */
  query(sql: string, database?: string, session?: string): Promise<Record<string, unknown>[]>
  /** Ends the server and removes its data. */
  stop(): Promise<void>
  /** `kill -9`. The data stay until `stop`. */
  kill(): Promise<void>
  /** Starts it again on the same port and data, after `kill` or, shutting it down first, while it runs. */
  restart(settings?: Readonly<Record<string, string>>): Promise<void>
}

/** A PostgreSQL of its own for one test file, ready for logical replication; time zone UTC, passwords checked. */
export async function startPostgres(
  options: { readonly version?: PostgresVersion; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<PostgresServer> {
  const version = options.version ?? 18
  let settings: Record<string, string> = {
    wal_level: 'logical',
    max_replication_slots: '20',
    max_wal_senders: '20',
    fsync: 'off',
    ...options.settings,
  }
  const user = unprivilegedUser()
  const binaries = await postgresBinaries(version)
  const template = await clusterTemplate(version, binaries)
  const dataDir = await directoryForUser(await mkdtemp(join(tmpdir(), 'tailrace-pg-')), user)
  // `cp` as that user: it keeps owner and modes right, and the server insists on both.
  const identity = user === null ? {} : { uid: user.uid, gid: user.gid }
  const copy = spawnSync('cp', ['-R', `${template}/.`, dataDir], { ...identity, encoding: 'utf8' })
  if (copy.status !== 0) throw new Error(`Could not copy ${template}: ${copy.stderr}`)

  const port = await freePort()
  const start = () => startServer({ binaries, dataDir, user, port, settings })
  let server = await start()
  const onExit = () => {
    try {
      process.kill(server.pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
    rmSync(dataDir, { recursive: true, force: true })
  }
  process.once('exit', onExit)

  const clients = new Map<string, Promise<pg.Client>>()
  const url = (database = 'postgres') => `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`
  const connect = (database: string, session: string) => {
    const name = `${database} ${session}`
    const known = clients.get(name)
    if (known) return known
    const client = new pg.Client({ connectionString: url(database) })
    const forget = () => clients.delete(name)
    client.on('error', forget).on('end', forget)
    const connected = client.connect().then(() => client)
    clients.set(name, connected)
    connected.catch(forget)
    return connected
  }
  const disconnect = async () => {
    const open = [...clients.values()]
    clients.clear()
    await Promise.allSettled(open.map(async (client) => (await client).end()))
  }
  const stop = async () => {
    await disconnect()
    await server.stop()
    process.off('exit', onExit)
    await rm(dataDir, { recursive: true, force: true })
  }
  return {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: PASSWORD,
    dataDir,
    url,
    async query(sql, database = 'postgres', session = '') {
      const client = await connect(database, session)
      const result = (await client.query(sql)) as unknown as pg.QueryResult | pg.QueryResult[]
      return (Array.isArray(result) ? result.at(-1)! : result).rows
    },
    stop,
    async kill() {
      await server.kill()
      await disconnect()
    },
    async restart(changed = {}) {
      settings = { ...settings, ...changed }
      await disconnect()
      await server.stop()
      server = await start()
    },
    [Symbol.asyncDispose]: stop,
  }
}

const DEBIAN_15 = process.env['TAILRACE_TEST_PG15_BIN'] ?? '/usr/lib/postgresql/15/bin'

/** What is missing for this version, or null. */
export async function missingForPostgres(version: PostgresVersion): Promise<string | null> {
  if (version === 15) {
    const needs = 'PostgreSQL 15 (Debian package postgresql-15, or TAILRACE_TEST_PG15_BIN)'
    return existsSync(join(DEBIAN_15, 'postgres')) ? null : needs
  }
  if (version !== 18) return null
  return embeddedPostgresBinaries().then(
    () => null,
    (error: Error) => error.message,
  )
}

async function postgresBinaries(version: PostgresVersion): Promise<PostgresBinaries> {
  if (version === 15) {
    const missing = await missingForPostgres(15)
    if (missing !== null) throw new Error(`This test needs ${missing}.`)
    return { root: null, bin: DEBIAN_15 }
  }
  const { root } = version === 18 ? await embeddedPostgresBinaries() : await downloadedPostgres(version)
  return { root, bin: join(await readableForUser(root!, unprivilegedUser()), 'bin') }
}

/** A cluster as `initdb` makes it, kept in the system's temporary directory: copying is ten times faster. */
async function clusterTemplate(version: PostgresVersion, binaries: PostgresBinaries): Promise<string> {
  const user = unprivilegedUser()
  const whose = `${PASSWORD}-${user?.uid ?? process.getuid?.()}`
  const template = join(tmpdir(), `tailrace-pg-template-${version}-${whose}`)
  if (existsSync(template)) return template
  const unfinished = await directoryForUser(await mkdtemp(`${template}-`), user)
  await initializeCluster({ binaries, dataDir: unfinished, user }, { name: 'postgres', password: PASSWORD })
  await rename(unfinished, template).catch(() => rm(unfinished, { recursive: true, force: true }))
  return template
}
