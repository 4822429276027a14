import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { assertPromise } from '../promise.ts'
import { removeDirectoryForUser } from '../../src/embedded/postgres/place-for-user.ts'
import { startPostgres } from '../servers/postgres.ts'
import { runCli } from '../servers/cli.ts'
import { waitFor } from '../wait-for.ts'

/** `npm start` runs `tailrace demo` in the checkout; here it runs in a directory of its own. */
describe('npm start', () => {
  let cwd: string
  before(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'tailrace-demo-'))
    // As in a home directory that other users cannot enter.
    await chmod(cwd, 0o700)
  })
  after(async () => {
    await removeDirectoryForUser(join(cwd, '.tailrace', 'demo', 'postgres'))
    await rm(cwd, { recursive: true, force: true })
  })
  const rowsFound = (output: string) =>
    [...output.matchAll(/All (\d+) rows found/g)].map(([, n]) => Number(n))

  test('--once ends with 0 when every row of the walk-through was found', async () => {
    const { status, stdout, stderr } = await runCli(['demo', '--once'], { cwd })
    assert.equal(status, 0, stdout + stderr)
    assert.equal(stderr, '')
    assert.deepEqual(rowsFound(stdout), [2, 5])
    assert.match(stdout, /POST \/connectors: inventory-connector/)
    assert.match(stdout, /POST \/connectors: elasticsearch-sink-connector/)
    assert.match(stdout, /from commit to document in \d+\.\d ms/)
    assert.match(stdout, /postgres_server\.public\.test_table\+0\+4\s+\{"id":5,"name":"Erin"/)
    const picture = await readFile(new URL('../../docs/npm-start.svg', import.meta.url), 'utf8')
    const [command, ...shown] = timeless(picture.replaceAll(/<[^>]*>/g, '').replaceAll('&amp;', '&'))
    const printed = timeless(stripVTControlCharacters(stdout))
    assert.equal(command, '$ npm start')
    assert.deepEqual(shown.slice(0, printed.length), printed, 'npm run pictures draws it anew')
  })

  test('a second run goes on with what is there, and nothing is doubled', async () => {
    const startMs = performance.now()
    const { status, stdout, stderr } = await runCli(['demo', '--once'], { cwd })
    assert.equal(status, 0, stdout + stderr)
    assertPromise('The second run', performance.now() - startMs, 15_000)
    assert.deepEqual(rowsFound(stdout), [5, 6])
    assert.doesNotMatch(stdout, /POST \/connectors/)
    // Offsets go on without a gap: no record was written twice.
    assert.match(stdout, /postgres_server\.public\.test_table\+0\+5\s+\{"id":6,/)
  })

  test('runs until Ctrl-C, ends cleanly, and lets no second demo run in its place', async () => {
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
    const demo = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'demo'], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [demo.stdout, demo.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    }
    const closed = once(demo, 'close')
    await waitFor('the addresses to try', () => output.includes('Ctrl-C stops'))
    const second = await runCli(['demo', '--once'], { cwd })
    assert.equal(second.status, 1)
    assert.match(
      second.stderr,
      /^tailrace: Another demo runs in .*, or start this one in another directory\n$/,
    )
    demo.kill('SIGINT')
    assert.deepEqual(await closed, [0, null], output)
  })

  test('goes on after a kill -9, and stops the PostgreSQL that was left', async () => {
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
    const demo = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'demo'], {
      cwd,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let output = ''
    demo.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    const exited = once(demo, 'exit')
    await waitFor('the addresses to try', () => output.includes('Ctrl-C stops'))
    demo.kill('SIGKILL')
    await exited
    const rows = rowsFound(output).at(-1)!
    const { status, stdout, stderr } = await runCli(['demo', '--once'], { cwd })
    assert.equal(status, 0, stdout + stderr)
    assert.deepEqual(rowsFound(stdout), [rows, rows + 1])
    assert.match(stdout, new RegExp(`test_table\\+0\\+${rows}\\s+\\{"id":${rows + 1},`))
  })

  test('--once ends with 1 when it is stopped before its end, by a signal or a closed pipe', async () => {
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
    for (const stop of ['signal', 'pipe']) {
      const demo = spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', main, 'demo', '--once'],
        {
          cwd,
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      )
      const errors = text(demo.stderr)
      const exited = once(demo, 'exit')
      await once(demo.stdout, 'data')
      if (stop === 'signal') demo.kill('SIGINT')
      else demo.stdout.destroy()
      assert.deepEqual(await exited, [1, null])
      assert.equal(await errors, 'tailrace: Stopped before every row was found in the index\n')
    }
  })

  test('--postgres begins a state of its own, beside that of the embedded server', async () => {
    await using postgres = await startPostgres()
    const own = await runCli(['demo', '--once', '--postgres', postgres.url()], { cwd })
    assert.equal(own.status, 0, own.stdout + own.stderr)
    assert.deepEqual(rowsFound(own.stdout), [2, 5])
    assert.match(own.stdout, /pg_drop_replication_slot\('debezium'\)/)
    await postgres.query("SELECT pg_drop_replication_slot('debezium')", 'exampledb')
    const embedded = await runCli(['demo', '--once'], { cwd })
    assert.equal(embedded.status, 0, embedded.stdout + embedded.stderr)
    assert.match(embedded.stdout, /going on where the last run stopped/)
  })

  test('only its user can read what the demo keeps', async () => {
    for (const name of ['worker', 'worker/tailrace.db', 'worker.log', 'search', 'search.log']) {
      const { mode } = await stat(join(cwd, '.tailrace', 'demo', name))
      assert.equal(mode & 0o077, 0, name)
    }
  })

  test('--reset begins anew', async () => {
    const { status, stdout, stderr } = await runCli(['demo', '--once', '--reset'], { cwd })
    assert.equal(status, 0, stdout + stderr)
    assert.deepEqual(rowsFound(stdout), [2, 5])
  })

  test('ends with 1 and the reason when the server is not made for it', async () => {
    await using postgres = await startPostgres({ settings: { wal_level: 'replica' } })
    const { status, stderr } = await runCli(['demo', '--once', '--reset', '--postgres', postgres.url()], {
      cwd,
    })
    assert.equal(status, 1)
    assert.match(stderr, /^tailrace: .*wal_level property must be 'logical' but is: 'replica'.*\n$/)
  })

  test('ends with 1 when the given server does not answer', async () => {
    const url = 'postgres://postgres:secret@127.0.0.1:1/postgres'
    const { status, stderr } = await runCli(['demo', '--once', '--postgres', url], { cwd })
    assert.equal(status, 1)
    assert.match(stderr, /^tailrace: Cannot connect to PostgreSQL at 127\.0\.0\.1:1 as postgres: .*\n$/)
    assert.doesNotMatch(stderr, /secret/)
  })
})

/** Lines that say something, without what differs from run to run: times, ports. */
function timeless(text: string): readonly string[] {
  return text
    .replaceAll(/, because \d+ is taken/g, '')
    .replaceAll(/[\d.]+ m?s\b/g, '# ms')
    .replaceAll(/\d+/g, '#')
    .split('\n')
    .filter((line) => line.trim() !== '')
}
