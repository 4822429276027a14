import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ConnectorFile } from '../../src/cli/manage-connectors.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { startSearch, type SearchServer } from '../servers/search.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { codeBlocks } from './code-blocks.ts'
import { shell } from './shell.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** Pages whose commands tests of their own run. */
const ELSEWHERE = new Set(['docs/write-a-connector.md', 'docs/quick-start.ko.md'])
/** Those of whose beginning the others go on from. */
const FIRST = ['docs/quick-start.md', 'docs/mirror.md']

/** What the reader should see after a command, by how it begins; of the others the exit status counts. */
const SEEN: readonly (readonly [start: string, seen: RegExp])[] = [
  ['tailrace doctor --postgres', /OK .*wal_level/],
  ['tailrace doctor orders.json', /OK +disk speed/],
  ['tailrace mirror', /Following\. /],
  ["curl -s 'http://localhost:9200/shop.public.orders/_search?q=customer:alice", /"customer"\s*:\s*"Alice"/],
  ["curl -s 'http://localhost:9200/shop.public.orders/_search?q=total:24.9", /"total"\s*:\s*24\.90?/],
  ['tailrace verify shop-sink --json', /"missing":0,"stale":0,"extra":0/],
  ['tailrace verify', /: 0 missing, 0 stale, 0 extra/],
  ['tailrace status shop-sink --json', /"name":"shop-sink"/],
  ['tailrace status', /shop-source +source +RUNNING/],
  ['tailrace connectors watch', /shop-sink/],
  ['tailrace connectors list', /shop-source\tsource\tRUNNING/],
  ['tailrace connectors status', /shop-sink\tsink\tRUNNING/],
  ['curl -s localhost:8083/metrics', /tailrace_postgres_slot_retained_wal_bytes\{/],
  ['curl -s http://localhost:8083/health/connectors', /"status":"healthy"/],
  ['curl -s -X PUT -H', /"error_count":0|\["root"/],
  ['curl -s -X PATCH', /altered successfully/],
]

const OLD_SLOT = "SELECT pg_create_logical_replication_slot('debezium', 'pgoutput')"

/** All in one worker, one PostgreSQL and one search node: as a reader has them who goes from page to page. */
describe('the commands of docs/', () => {
  const place = mkdtempSync(join(tmpdir(), 'tailrace-docs-'))
  let postgres: PostgresServer
  let search: SearchServer
  let worker: WorkerProcess
  /** In the place of the Kafka Connect that a page comes from, or goes back to: its calls are the same. */
  let oldWorker: WorkerProcess | null = null
  /** What is so for the reader of a page, and not for the one who read the pages before. */
  const given: Readonly<Record<string, () => Promise<void>>> = {
    'docs/from-kafka-connect.md': startOldPipeline,
    'docs/operations.md': leaveOldSlot,
  }
  before(async () => {
    postgres = await startPostgres()
    search = await startSearch()
    worker = await startWorker({ cwd: place })
    await postgres.query('CREATE DATABASE shop')
    const sql = 'CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (1, $$one$$)'
    await postgres.query(sql, 'shop')
    mkdirSync(join(place, 'bin'))
    const program = join(place, 'bin', 'tailrace')
    writeFileSync(
      program,
      `#!/bin/sh\nexec '${process.execPath}' --disable-warning=ExperimentalWarning '${root}src/cli/main.ts' "$@"\n`,
    )
    chmodSync(program, 0o755)
    writeFilesOfTheReader()
  })
  after(async () => {
    await oldWorker?.[Symbol.asyncDispose]()
    await worker?.[Symbol.asyncDispose]()
    await search?.stop()
    await postgres?.stop()
    rmSync(place, { recursive: true, force: true })
  })

  const pages = globSync('docs/**/*.md', { cwd: root })
    .filter((page) => !FIRST.includes(page) && !ELSEWHERE.has(page))
    .sort()
  for (const page of [...FIRST, ...pages]) {
    const blocks = codeBlocks(page).filter(({ skip }) => skip === null)
    const toRun = blocks.filter(({ kind }) => /^(?:sh|sql|ts)\b/.test(kind))
    const connectors = blocks.filter(({ kind, text }) => kind === 'json' && text.includes('connector.class'))
    if (toRun.length + connectors.length === 0) continue
    test(`${page}: they do what it says`, async () => {
      await given[page]?.()
      for (const { kind, text } of toRun) {
        if (kind === 'sql') await postgres.query(text, 'shop')
        else if (kind === 'ts') await runTypeScript(text)
        else for (const command of commandsOf(text)) await runCommand(command, kind === 'sh follows')
      }
      for (const { text } of connectors) await checkConnector(text)
    })
  }

  async function runCommand(command: string, follows: boolean): Promise<void> {
    const [, seen] = SEEN.find(([start]) => command.startsWith(start)) ?? []
    if (follows) {
      assert.ok(seen, `The test does not know what to see after: ${command}`)
      return followUntil(seen, command)
    }
    // Only what waits for a change to arrive is asked for again.
    if (!command.startsWith('curl') || seen === undefined) {
      const output = await run(command)
      if (seen !== undefined) assert.match(output, seen, command)
      return
    }
    await waitFor(`${String(seen)} after ${command}`, async () => {
      const output = await run(command)
      if (seen.test(output)) return true
      throw new Error(`it printed ${output.slice(0, 2000)}`)
    })
  }

  /** As a reader leaves it, with Ctrl-C. */
  async function followUntil(seen: RegExp, command: string): Promise<void> {
    const child = spawn('bash', ['-c', `exec ${here(command)}`], { cwd: place, env: environment() })
    const closed = once(child, 'close')
    const kill = (): boolean => child.kill('SIGKILL')
    process.once('exit', kill)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
    }
    try {
      await waitFor(`${String(seen)} after ${command}`, () => {
        if (child.exitCode !== null) throw new Error(`status ${child.exitCode}: ${output}`)
        return seen.test(output)
      })
    } finally {
      process.off('exit', kill)
      child.kill('SIGINT')
      await closed
    }
  }

  async function runTypeScript(text: string): Promise<void> {
    const file = join(place, 'block.mts')
    const code = text.replaceAll("'./src/", `'${root}src/`).replace('port: 9200', 'port: 0')
    writeFileSync(file, code)
    await run(`'${process.execPath}' --disable-warning=ExperimentalWarning block.mts`)
  }

  async function checkConnector(text: string): Promise<void> {
    const { name, config } = JSON.parse(here(text)) as { name: string; config: Record<string, string> }
    const plugin = config['connector.class']!
    const { status, body } = await worker.rest('PUT', `/connector-plugins/${plugin}/config/validate`, {
      name,
      ...config,
    })
    const { error_count: errors } = body as { error_count: number }
    assert.deepEqual([status, errors], [200, 0], JSON.stringify(body))
  }

  /** The servers of the test are on other ports than the reader's, and PostgreSQL has another password. */
  function here(text: string): string {
    return text
      .replaceAll('old-worker:8083', () => new URL(oldWorker!.url).host)
      .replaceAll('localhost:8083', `127.0.0.1:${new URL(worker.url).port}`)
      .replaceAll('localhost:9200', new URL(search.url).host)
      .replaceAll('postgres:postgres@', `postgres:${postgres.password}@`)
      .replaceAll('"database.password": "postgres"', `"database.password": "${postgres.password}"`)
      .replaceAll('localhost:5432', `127.0.0.1:${postgres.port}`)
      .replaceAll(
        '"database.hostname": "localhost"',
        `"database.hostname": "127.0.0.1", "database.port": "${postgres.port}"`,
      )
  }

  /** What doctor.md names: the connectors of mirror.md, as they are posted. */
  function writeFilesOfTheReader(): void {
    const [source, sink] = codeBlocks('docs/mirror.md').filter(({ kind }) => kind === 'json')
    writeFileSync(join(place, 'orders.json'), here(source!.text))
    writeFileSync(join(place, 'orders-index.json'), here(sink!.text))
    writeFileSync(join(place, 'worker.properties'), `data.dir=${join(place, 'data')}\n`)
  }

  /** A connector that has read its tables, the JSON to create it stopped elsewhere, and the slot of one that is no more. */
  async function startOldPipeline(): Promise<void> {
    oldWorker = await startWorker()
    const posted = JSON.parse(readFileSync(join(place, 'orders.json'), 'utf8')) as ConnectorFile
    const orders = { ...posted, config: { ...posted.config, 'slot.name': 'orders' } }
    writeFileSync(join(place, 'orders-stopped.json'), JSON.stringify({ ...orders, initial_state: 'STOPPED' }))
    await oldWorker.create(orders.name, orders.config)
    await waitFor('the old connector to have offsets', async () => {
      const { body } = await oldWorker!.rest('GET', `/connectors/${orders.name}/offsets`)
      return JSON.stringify(body).includes('"lsn"')
    })
    await postgres.query(OLD_SLOT, 'shop')
  }

  /** The old connector is the one that went on in the end. Pages that follow know of none of the two. */
  async function leaveOldSlot(): Promise<void> {
    const states = async () => (await oldWorker!.states('orders')).tasks
    await waitFor('the connector to run where it was', async () => (await states())[0] === 'RUNNING')
    for (const each of [oldWorker!, worker]) await each.rest('DELETE', '/connectors/orders')
    await postgres.query(OLD_SLOT, 'shop')
  }

  function environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PATH: `${join(place, 'bin')}:${process.env['PATH']}`,
      HOME: place,
      TAILRACE_URL: worker.url,
    }
  }

  function run(command: string): Promise<string> {
    return shell(here(command), { cwd: place, env: environment() })
  }
})

/** One a line, but for those that go on after a pipe, a backslash, or within quotes. */
function commandsOf(text: string): readonly string[] {
  const commands: string[] = []
  for (const line of text.trim().split('\n')) {
    const last = commands.at(-1)
    const isOpen = last !== undefined && (/[|\\]$/.test(last) || last.split("'").length % 2 === 0)
    if (isOpen) commands[commands.length - 1] = `${last}\n${line}`
    else commands.push(line)
  }
  return commands
}
