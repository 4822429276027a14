import { existsSync } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { directoryForUser, readableForUser } from './place-for-user.ts'
import { embeddedPostgresBinaries } from './postgres-binaries.ts'
import { initializeCluster, startServer } from './start-postgres-server.ts'
import { stopOrphan } from './stop-orphan.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

export interface EmbeddedPostgresOptions {
  /** Made when it is missing, kept when the server stops. */
  readonly dataDir: string
  readonly port: number
}

export interface EmbeddedPostgres extends AsyncDisposable {
  readonly port: number
  /** Of the database `postgres`, with user and password `postgres`. */
  readonly url: string
  /** Resolves when the server has ended, for whatever reason, with the last lines it wrote. */
  readonly ended: Promise<string>
  stop(): Promise<void>
}

/** Followed by the number of the process that makes it. */
const UNFINISHED = 'data.unfinished.'

/**
 * A real PostgreSQL for trying out, ready for logical replication, on 127.0.0.1 only. Works as root, too: the server
 * then runs as another user. Throws `embedded.*` errors.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const user = unprivilegedUser()
  const { root } = await embeddedPostgresBinaries()
  const binaries = { root, bin: join(await readableForUser(root!, user), 'bin') }
  const place = await directoryForUser(options.dataDir, user)
  const dataDir = join(place, 'data')
  await stopOrphan(dataDir)
  if (!existsSync(dataDir)) {
    // Renamed when it is complete: an interrupted initdb leaves a directory that looks like a cluster and is none.
    await removeUnfinished(place)
    const unfinished = join(place, `${UNFINISHED}${process.pid}`)
    await directoryForUser(unfinished, user)
    await initializeCluster(
      { binaries, dataDir: unfinished, user },
      { name: 'postgres', password: 'postgres' },
    )
    await rename(unfinished, dataDir)
  }
  const { port } = options
  const settings = { wal_level: 'logical', max_connections: '50' }
  const server = await startServer({ binaries, dataDir, user, port, settings })
  return {
    port,
    url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres`,
    ended: server.ended,
    stop: () => server.stop(),
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

/** As far as it goes: the initdb of a process that was just killed may still write there. It gets in nobody's way. */
async function removeUnfinished(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    if (!name.startsWith(UNFINISHED)) continue
    await rm(join(place, name), { recursive: true, force: true, maxRetries: 3, retryDelay: 50 }).catch(
      () => {},
    )
  }
}
