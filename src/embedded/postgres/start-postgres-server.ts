import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError } from '../../api/errors.ts'
import type { PostgresBinaries } from './postgres-binaries.ts'
import type { SystemUser } from './unprivileged-user.ts'

export interface ServerOptions {
  readonly binaries: PostgresBinaries
  /** Owned by `user`. */
  readonly dataDir: string
  readonly user: SystemUser | null
  readonly port: number
  /** Settings as in `postgresql.conf`. */
  readonly settings: Readonly<Record<string, string>>
}

export interface RunningServer {
  readonly pid: number
  /** Resolves when the server has ended, for whatever reason, with the last lines it wrote. */
  readonly ended: Promise<string>
  /** The server's fast shutdown: clients are disconnected, everything is written. */
  stop(): Promise<void>
  kill(): Promise<void>
}

const START_DEADLINE_MS = 60_000

/** Makes a new database cluster with one superuser. */
export async function initializeCluster(
  options: Pick<ServerOptions, 'binaries' | 'dataDir' | 'user'>,
  superuser: { readonly name: string; readonly password: string },
): Promise<void> {
  const { binaries, dataDir, user } = options
  const passwordFile = join(tmpdir(), `tailrace-${randomBytes(8).toString('hex')}`)
  await writeFile(passwordFile, `${superuser.password}\n`, { mode: 0o600, flag: 'wx' })
  try {
    if (user !== null) await chown(passwordFile, user.uid, user.gid)
    const child = spawn(
      join(binaries.bin, 'initdb'),
      [
        `--pgdata=${dataDir}`,
        `--username=${superuser.name}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
      ],
      { ...identity(user), cwd: dataDir, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const output = lastLines(child.stderr)
    const [status] = (await once(child, 'close')) as [number | null]
    if (status !== 0) throw failed(`PostgreSQL could not create its data directory ${dataDir}: ${output()}`)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

/** Starts the server and waits until it accepts connections. Throws `embedded.postgres-failed`. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { binaries, dataDir, user, port } = options
  const settings = Object.entries({
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...options.settings,
  })
  const child = spawn(
    join(binaries.bin, 'postgres'),
    ['-D', dataDir, '-p', String(port), ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // A session of its own: Ctrl-C in a terminal is for us, who then stop the server when nobody reads it any more.
    { ...identity(user), cwd: dataDir, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const output = lastLines(child.stdout, child.stderr)
  const ended = new Promise<string>((resolve) => {
    child.once('close', () => resolve(output()))
    child.once('error', (error) => resolve(error.message))
  })
  let hasEnded = false
  void ended.then(() => (hasEnded = true))
  const end = async (signal: NodeJS.Signals) => {
    if (!hasEnded) child.kill(signal)
    await ended
  }
  const deadline = Date.now() + START_DEADLINE_MS
  while (!(await acceptsConnections(port, output))) {
    if (hasEnded) throw failed(`PostgreSQL ended while it started on port ${port}: ${output()}`)
    if (Date.now() > deadline) {
      await end('SIGKILL')
      throw failed(`PostgreSQL did not start within ${START_DEADLINE_MS / 1000} s: ${output()}`)
    }
    await delay(20)
  }
  return { pid: child.pid!, ended, stop: () => end('SIGINT'), kill: () => end('SIGKILL') }
}

/** Not just any server on the port: the one whose output we read has said that it is ready; a standby takes readers alone. */
async function acceptsConnections(port: number, output: () => string): Promise<boolean> {
  if (!/database system is ready to accept (?:read-only )?connections/.test(output())) return false
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function identity(user: SystemUser | null): { uid?: number; gid?: number; env: NodeJS.ProcessEnv } {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
  // libpq's and the server's own variables would reach into the start.
  for (const name of Object.keys(env)) if (name.startsWith('PG')) delete env[name]
  return user === null ? { env } : { uid: user.uid, gid: user.gid, env }
}

function lastLines(...streams: readonly NodeJS.ReadableStream[]): () => string {
  let text = ''
  for (const stream of streams) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(-4000)))
  }
  return () => text.trim()
}

function failed(message: string): ConnectError {
  return new ConnectError('embedded.postgres-failed', message)
}
