import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { downloadedNode } from '../servers/downloaded-node.ts'
import { freePort } from '../servers/free-port.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { startSearch, type SearchServer } from '../servers/search.ts'
import { assertPromise } from '../promise.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** TAILRACE_TEST_NODES=22.22.0,26.1.0: beside the one that runs the tests. The oldest that is supported, by default. */
const NODES = (process.env['TAILRACE_TEST_NODES'] ?? '22.22.0').split(',')
const TOO_OLD = '20.19.0'

/** What `npm pack` makes is what users get: it holds all that it needs, and nothing of this checkout. */
describe("the package of npm's registry", () => {
  let place: string
  let postgres: PostgresServer
  let search: SearchServer
  let installedMs: number
  const bin = () => join(place, 'prefix', 'bin', 'tailrace')
  before(async () => {
    place = await mkdtemp(join(tmpdir(), 'tailrace-package-'))
    postgres = await startPostgres()
    search = await startSearch()
    await postgres.query('create table orders (id int primary key, name text)')
    await postgres.query(`insert into orders values (1, 'first')`)
    if (!existsSync(join(root, 'dist/cli/main.js'))) run('npm', ['run', '-s', 'build'], { cwd: root })
    run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', place], { cwd: root })
    const startMs = performance.now()
    const tarball = run('ls', [place])
      .trim()
      .split('\n')
      .find((name) => name.endsWith('.tgz'))!
    // The embedded PostgreSQL is optional, and large.
    const install = [
      'install',
      '--global',
      '--prefix',
      join(place, 'prefix'),
      '--omit=optional',
      '--no-audit',
      '--no-fund',
      // What this checkout was installed from is in the cache.
      '--prefer-offline',
      '--fetch-retries=5',
    ]
    run('npm', [...install, join(place, tarball)])
    installedMs = performance.now() - startMs
  })
  after(async () => {
    await search?.stop()
    await postgres?.stop()
    await rm(place, { recursive: true, force: true })
  })

  test('has the program, the console and the examples, and no sources, tests or secrets', () => {
    const files = run('tar', ['-tzf', join(place, run('ls', [place]).match(/\S+\.tgz/)![0])]).split('\n')
    for (const file of [
      'dist/cli/main.js',
      'dist/api/index.d.ts',
      'dist/sbom.cdx.json',
      'examples/inventory-connector.json',
      'LICENSE',
    ]) {
      assert.ok(files.includes(`package/${file}`), file)
    }
    assert.deepEqual(
      files.filter((file) => /^package\/(src|test|bench|ui|node_modules|dist\/.*\.test\.|\.)/.test(file)),
      [],
    )
  })

  test('runs: it makes a searchable document with one command, in under a minute', async (t) => {
    const startMs = performance.now()
    await mirrored('postgres', { name: 'first' })
    const tookMs = performance.now() - startMs
    // What npm needs depends on the network.
    t.diagnostic(`installed in ${installedMs.toFixed(0)} ms, a document ${tookMs.toFixed(0)} ms later`)
    assertPromise('The document', tookMs, 60_000)
  })

  test('says its version', async () => {
    const { status, output } = await installed(['--version'])
    assert.deepEqual([status, /^\d+\.\d+\.\d+\n$/.test(output)], [0, true])
  })

  for (const version of NODES) {
    test(`runs on Node ${version}, and makes a searchable document there too`, async (t) => {
      const node = await downloadedNode(version)
      assert.equal((await installed(['--version'], node)).status, 0)
      const database = `on_node_${version.replaceAll('.', '_')}`
      await postgres.query(`create database ${database}`)
      const sql = `create table orders (id int primary key, name text); insert into orders values (1, '${version}')`
      await postgres.query(sql, database)
      const startMs = performance.now()
      await mirrored(database, { name: version, node })
      t.diagnostic(`a document ${(performance.now() - startMs).toFixed(0)} ms after the start`)
    })
  }

  test('names the Node that it needs where it is older', async () => {
    const { status, output } = await installed(['--version'], await downloadedNode(TOO_OLD))
    assert.equal(status, 1)
    assert.equal(output, `tailrace: Node.js 22.22 or newer is needed, and this is ${TOO_OLD}\n`)
  })

  /** One command, from nothing to the document. @param row `name` of the one row of `orders` */
  async function mirrored(database: string, { name, node }: { name: string; node?: string }): Promise<void> {
    const port = await freePort()
    const servers = [
      '--postgres',
      postgres.url(database),
      '--tables',
      'orders',
      '--elasticsearch',
      search.url,
    ]
    const worker = ['--port', String(port), '--data-dir', join(place, `data-${database}`)]
    const { status, output } = await installed(['mirror', '--once', ...servers, ...worker], node)
    assert.equal(status, 0, output)
    const answer = await fetch(`${search.url}/${database}.public.orders/_doc/1`)
    assert.deepEqual(((await answer.json()) as { _source: unknown })._source, { id: 1, name })
  }

  /** @param node that runs this test, unless said; never the one that the machine has */
  function installed(
    args: readonly string[],
    node = process.execPath,
  ): Promise<{ status: number | null; output: string }> {
    const child = spawn(node, ['--disable-warning=ExperimentalWarning', bin(), ...args], {
      cwd: place,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    }
    return new Promise((resolve) => child.once('close', (status) => resolve({ status, output })))
  }
})

function run(command: string, args: readonly string[], options: { readonly cwd?: string } = {}): string {
  const { status, stdout, stderr } = spawnSync(command, args, { ...options, encoding: 'utf8' })
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stderr}`)
  return stdout
}
