import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { freePort } from '../../../test/servers/free-port.ts'
import { waitFor } from '../../../test/wait-for.ts'
import { directoryForUser, removeDirectoryForUser } from './place-for-user.ts'
import { startEmbeddedPostgres } from './start-embedded-postgres.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

describe('embedded PostgreSQL', () => {
  let closed: string
  let dataDir: string
  before(async () => {
    // As root, this is a home that the server's user cannot enter.
    closed = await mkdtemp(join(tmpdir(), 'tailrace-embedded-'))
    await chmod(closed, 0o700)
    dataDir = join(closed, '.tailrace', 'postgres')
    await mkdir(join(closed, '.tailrace'))
  })
  after(async () => {
    await removeDirectoryForUser(dataDir)
    await rm(closed, { recursive: true, force: true })
  })

  test('keeps its data from one start to the next, and is ready for logical replication', async () => {
    const port = await freePort()
    const first = await startEmbeddedPostgres({ dataDir, port })
    assert.deepEqual(await query(first.url, 'SHOW wal_level'), [{ wal_level: 'logical' }])
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n')
    await first.stop()
    await first.stop()
    await using second = await startEmbeddedPostgres({ dataDir, port })
    assert.deepEqual(await query(second.url, 'SELECT n FROM kept'), [{ n: 7 }])
  })

  test('takes over from a server that was left running', async () => {
    const left = await startEmbeddedPostgres({ dataDir, port: await freePort() })
    let hasEnded = false
    void left.ended.then(() => (hasEnded = true))
    await using taken = await startEmbeddedPostgres({ dataDir, port: await freePort() })
    await waitFor('the server that was left to end', () => hasEnded)
    assert.deepEqual(await query(taken.url, 'SELECT 1 AS one'), [{ one: 1 }])
  })

  test('starts on a data directory whose last server was killed', async () => {
    const killed = await startEmbeddedPostgres({ dataDir, port: await freePort() })
    const pidFile = await readFile(join(dataDir, 'data', 'postmaster.pid'), 'utf8')
    process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL')
    await killed.ended
    await using again = await startEmbeddedPostgres({ dataDir, port: await freePort() })
    assert.deepEqual(await query(again.url, 'SELECT 1 AS one'), [{ one: 1 }])
  })

  test('starts beside an initdb that a killed process left, and that still writes', async () => {
    const interrupted = join(closed, 'interrupted')
    const place = await directoryForUser(interrupted, unprivilegedUser())
    const left = join(place, 'data.unfinished.1')
    let count = 0
    const stopping = new AbortController()
    const write = async () => {
      await mkdir(join(left, 'base'), { recursive: true })
      await writeFile(join(left, 'base', `${count++}`), '')
    }
    const writing = (async () => {
      // Its directory goes away under its hands; it begins again.
      while (!stopping.signal.aborted) await write().catch(() => {})
    })()
    try {
      await waitFor('files that are in the way', () => count > 0)
      await using started = await startEmbeddedPostgres({ dataDir: interrupted, port: await freePort() })
      assert.deepEqual(await query(started.url, 'SELECT 1 AS one'), [{ one: 1 }])
    } finally {
      stopping.abort()
      await writing
      await removeDirectoryForUser(interrupted)
    }
  })

  test('says what the server said when it cannot start', async () => {
    const port = await freePort()
    await using _first = await startEmbeddedPostgres({ dataDir, port })
    const elsewhere = join(closed, 'other')
    try {
      await assert.rejects(startEmbeddedPostgres({ dataDir: elsewhere, port }), {
        code: 'embedded.postgres-failed',
        message: /ended while it started on port \d+: [^]*Address already in use/,
      })
    } finally {
      await removeDirectoryForUser(elsewhere)
    }
  })
})

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
