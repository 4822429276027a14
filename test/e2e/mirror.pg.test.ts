import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runCli, type CliResult } from '../servers/cli.ts'
import { freePort } from '../servers/free-port.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { startSearch, type SearchServer } from '../servers/search.ts'
import { startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

describe('tailrace mirror', () => {
  let postgres: PostgresServer
  let search: SearchServer
  let cwd: string
  let port: number
  before(async () => {
    postgres = await startPostgres()
    search = await startSearch()
    cwd = await mkdtemp(join(tmpdir(), 'tailrace-mirror-'))
    port = await freePort()
    await postgres.query(
      `create table orders (id int primary key, name text default 'none', price numeric(10, 2), at timestamp)`,
    )
    await postgres.query(`create table "Items" (a int, b int, primary key (a, b))`)
    await postgres.query('create table keyless (a int)')
    await postgres.query('create view seen as select 1 as a')
    await postgres.query(
      `insert into orders select g, 'order ' || g, g * 1.5, '2026-01-02 03:04:05' from generate_series(1, 2000) g`,
    )
    await postgres.query('insert into "Items" values (1, 2)')
  })
  after(async () => {
    await search?.stop()
    await postgres?.stop()
    await rm(cwd, { recursive: true, force: true })
  })

  const toMirror = (...args: string[]): string[] => {
    const servers = ['--postgres', postgres.url(), '--elasticsearch', search.url]
    return ['mirror', ...servers, '--port', String(port), ...args]
  }
  const mirror = (...args: string[]): Promise<CliResult> => runCli(toMirror(...args), { cwd })
  const document = async (index: string, id: string) => {
    const answer = await fetch(`${search.url}/${index}/_doc/${encodeURIComponent(id)}`)
    return answer.status === 200
      ? ((await answer.json()) as { _source: Record<string, unknown> })._source
      : null
  }

  test('fills the index with a worker of its own, and ends with --once', async () => {
    const { status, stdout, stderr } = await mirror('--tables', 'orders', '--once')
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /Worker at http:\/\/127\.0\.0\.1:\d+, for as long as this command runs/)
    assert.match(stdout, /postgres-source created[^]*postgres-sink created/)
    assert.match(stdout, /In the index: postgres\.public\.orders \(2000 records/)
    assert.deepEqual(await document('postgres.public.orders', '7'), {
      id: 7,
      name: 'order 7',
      price: 10.5,
      at: '2026-01-02T03:04:05',
    })
  })

  test('runs again without harm: it goes on with what is there, and takes a further table', async () => {
    await postgres.query(
      'delete from orders where id = 7; update orders set name = $$new$$ where id = 8; update orders set name = null where id = 9',
    )
    const { status, stdout, stderr } = await mirror('--tables', 'public."Items"', '--once')
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /postgres-source was there, and is changed/)
    assert.match(stdout, /In the index: postgres\.public\.orders, postgres\.public\.items/)
    assert.equal(await document('postgres.public.orders', '7'), null)
    assert.equal((await document('postgres.public.orders', '8'))!['name'], 'new')
    assert.equal((await document('postgres.public.orders', '9'))!['name'], null)
    assert.deepEqual(await document('postgres.public.items', '1|2'), { a: 1, b: 2 })
  })

  test('follows until Ctrl-C, with a worker that goes on after it', async () => {
    await using worker = await startWorker({ dataDir: join(cwd, '.tailrace/worker') })
    const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
    const places = ['--postgres', postgres.url(), '--elasticsearch', search.url, '--url', worker.url]
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', main, 'mirror', ...places, '--tables', 'orders'],
      { cwd, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    const closed = once(child, 'close')
    await waitFor('the mirror to follow', () => output.includes('Following.'))
    assert.match(output, /postgres-source is there already[^]*postgres-sink is there already/)
    child.kill('SIGINT')
    assert.deepEqual(await closed, [0, null])
    await postgres.query("insert into orders values (3000, 'late')")
    await waitFor('the row', async () => document('postgres.public.orders', '3000'))

    const url = ['--url', worker.url]
    const status = await runCli(['mirror', 'status', ...url])
    assert.match(status.stdout, /^postgres\tRUNNING\/RUNNING\tfollowing\t\d+ captured, \d+ in the index/)
    const stopped = await runCli(['mirror', 'stop', 'postgres', ...url])
    assert.match(stopped.stdout, /^Stopped postgres\. Its slot tailrace_postgres holds back/)
    const removed = await runCli(['mirror', 'remove', 'postgres', ...url])
    assert.equal(removed.status, 0, removed.stderr)
    assert.deepEqual(await postgres.query('select 1 from pg_replication_slots'), [])
    assert.deepEqual(await postgres.query('select 1 from pg_publication'), [])
    assert.equal((await runCli(['mirror', 'status', ...url])).stdout, 'There is no mirror\n')
    const again = await runCli(['mirror', 'remove', 'postgres', ...url])
    assert.match(again.stderr, /There is no mirror postgres .*, nor any other/)
  })

  test('--print only prints connectors that can be posted', async () => {
    const args = ['--tables', 'orders', '--print', '--name', 'shop', '--sink-option', 'batch.size=10']
    const { status, stdout } = await runCli(toMirror(...args), { cwd, printsPasswords: true })
    assert.equal(status, 0)
    const [source, sink] = JSON.parse(stdout) as { name: string; config: Record<string, string> }[]
    assert.equal(source!.name, 'shop-source')
    assert.equal(source!.config['database.password'], postgres.password)
    assert.equal(source!.config['table.include.list'], 'public\\.orders')
    assert.equal(sink!.config['topics'], 'shop.public.orders')
    assert.equal(sink!.config['batch.size'], '10')
  })

  test('says what is wrong with a table, an option or a server in one line', async () => {
    const cases: [args: string[], message: RegExp][] = [
      [['--tables', 'ordres'], /There is no table ordres in this database/],
      [['--tables', 'Items'], /There is no table Items .*"Orders" in quotes/],
      [['--tables', 'seen'], /seen is not a table/],
      [['--tables', 'keyless'], /keyless has no primary key.*ALTER TABLE keyless ADD PRIMARY KEY/],
      [['--tables', 'a.b.c.d'], /a\.b\.c\.d is not the name of a table/],
      [['--tables', 'a b'], /There is no table a b/],
      [['--tables', 'orders,'], /names with commas between/],
      [[], /--tables public\.orders,public\.items and --elasticsearch URL are needed/],
      [['--tables', 'orders', '--sink-option', 'x'], /NAME=VALUE, not x/],
      [['--tables', 'orders', '--sink-option', 'batch.size=x', '--once'], /batch\.size/],
      [
        ['--tables', 'orders', '--postgres', `postgres://postgres:wrong@127.0.0.1:${postgres.port}/postgres`],
        /Cannot connect to PostgreSQL at 127\.0\.0\.1:\d+ as postgres: password authentication failed/,
      ],
    ]
    for (const [args, message] of cases) {
      const { status, stderr } = await mirror(...args)
      assert.equal(status, 1, stderr)
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /wrong/)
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
    }
  })
})
