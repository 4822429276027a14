// Takes connectors over from a running worker of Kafka Connect, and gives them back:
//
//   node test/conformance/takeover/take-over.ts --properties FILE --pg URL --es URL --stop COMMAND --start COMMAND [--rows N] [--mixed]
//
// FILE is the reference worker's own properties file; --stop and --start are shell commands that end that worker and start
// it again. The story: the reference runs the walk-through's two connectors; it is stopped; rows change; tailrace starts
// with the same file, rows change, it is stopped; rows change; the reference starts again, rows change. With --mixed both
// workers are in the group at the same time once more, one leaving after the other. After each part every change is
// in the topic once, in order, as a document too, and nothing was snapshotted twice.
import assert from 'node:assert/strict'
import { execSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { runCli } from '../../servers/cli.ts'
import { WorkerProcess } from '../../servers/worker.ts'
import { waitFor } from '../../wait-for.ts'

const { values } = parseArgs({
  options: {
    properties: { type: 'string' },
    pg: { type: 'string' },
    es: { type: 'string' },
    stop: { type: 'string' },
    start: { type: 'string' },
    rows: { type: 'string', default: '500' },
    mixed: { type: 'boolean', default: false },
  },
})
const file = required('properties')
const properties = new Map(
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.includes('=') && !line.startsWith('#'))
    .map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]),
)
const kafka = properties.get('bootstrap.servers')!
const rest = properties.get('listeners')!
const elasticsearch = required('es')
const postgres = new URL(required('pg'))
const rows = Number(values.rows)
const run = Date.now().toString(36)
const [table, prefix, source, sink] = [`taken_${run}`, `over_${run}`, `source-${run}`, `sink-${run}`]
const topic = `${prefix}.public.${table}`
/** What the topic must hold for streamed changes, in the order of their commits. */
const expected: string[] = []
let nextId = rows + 1

const database = new pg.Client({ connectionString: postgres.href })
await database.connect()
const dataDir = await mkdtemp(join(tmpdir(), 'tailrace-takeover-'))
const tailrace = new WorkerProcess({ dataDir, args: [file] }, { port: Number(new URL(rest).port), dataDir })
try {
  await story()
  say('all as it should be')
} finally {
  await tailrace.terminate()
  await fetch(`${rest}/connectors/${sink}`, { method: 'DELETE' }).catch(() => undefined)
  await fetch(`${rest}/connectors/${source}`, { method: 'DELETE' }).catch(() => undefined)
  await database.end()
  await rm(dataDir, { recursive: true, force: true })
}

async function story(): Promise<void> {
  await database.query(`CREATE TABLE ${table} (id int PRIMARY KEY, name text)`)
  await database.query(`INSERT INTO ${table} SELECT i, 'old ' || i FROM generate_series(1, $1::int) i`, [
    rows,
  ])
  await create(source, {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'tasks.max': '1',
    'database.hostname': postgres.hostname,
    'database.port': postgres.port,
    'database.user': postgres.username,
    'database.password': postgres.password,
    'database.dbname': postgres.pathname.slice(1),
    'database.server.name': prefix,
    'table.include.list': `public.${table}`,
    'plugin.name': 'pgoutput',
    'slot.name': prefix,
    'topic.prefix': prefix,
    'publication.name': prefix,
    'publication.autocreate.mode': 'filtered',
    transforms: 'unwrap',
    'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
    'transforms.unwrap.add.fields': 'op,ts_ms',
  })
  await create(sink, {
    'connector.class': 'io.confluent.connect.elasticsearch.ElasticsearchSinkConnector',
    'tasks.max': '1',
    topics: topic,
    'connection.url': elasticsearch,
    'type.name': '_doc',
    'key.ignore': 'true',
    'schema.ignore': 'true',
  })
  await arrived('the reference has made the snapshot')
  await change()
  await arrived('the reference streams')

  stopReference()
  await change()
  await tailrace.start()
  await bothRun('tailrace has taken over')
  await arrived('tailrace has caught up')
  await change()
  await arrived('tailrace streams')

  await tailrace.terminate()
  await change()
  startReference()
  await bothRun('the reference has taken over')
  await arrived('the reference has caught up')
  await change()
  await arrived('the reference streams')
  if (values.mixed) await mixed()
}

/** Both kinds of worker in one group, each leaving once while the other goes on. */
async function mixed(): Promise<void> {
  const port = 20_000 + (process.pid % 10_000)
  const env = { CONNECT_REST_ADVERTISED_PORT: String(port) }
  const guest = new WorkerProcess({ dataDir, args: [file], env }, { port, dataDir })
  const [theirs, ours] = [`127.0.0.1:${new URL(rest).port}`, `127.0.0.1:${port}`]
  try {
    await guest.start()
    await sharedBy([theirs, ours], guest.url)
    await change()
    await arrived('both stream')
    const restarted = await fetch(`${guest.url}/connectors/${sink}/restart`, { method: 'POST' })
    assert.ok(restarted.ok, `a restart through tailrace answered ${restarted.status}`)
    await bothRun('a restart through the other worker')
    stopReference()
    await change()
    await sharedBy([ours], guest.url)
    await arrived('tailrace has what the reference had')
    startReference()
    await sharedBy([theirs, ours], guest.url)
    await change()
    await arrived('both stream again')
  } finally {
    await guest.terminate()
  }
  await sharedBy([theirs], rest)
  await change()
  await arrived('the reference has what tailrace had')
}

/** Everything in the cluster runs, on these workers, each of which has some of it. */
async function sharedBy(workers: readonly string[], url: string): Promise<void> {
  // The leader waits for the return of a worker that has gone: scheduled.rebalance.max.delay.ms, five minutes.
  const shared = await waitFor(
    `work on ${workers.join(' and ')}`,
    async () => {
      const answer = await fetch(`${url}/connectors?expand=status`)
      const all = (await answer.json()) as Record<string, { readonly status: Status }>
      const parts = Object.values(all).flatMap(({ status }) => [status.connector, ...status.tasks])
      const seen = [...new Set(parts.map((part) => part.worker_id))].sort()
      const areRunning = parts.length >= 4 && parts.every(({ state }) => state === 'RUNNING')
      return areRunning && seen.join() === workers.toSorted().join() && parts.map((part) => part.worker_id)
    },
    { deadlineMs: 400_000 },
  )
  say(`connectors and tasks are on ${shared.join(', ')}`)
}

/** An insert of two rows, an update and a delete. */
async function change(): Promise<void> {
  const [first, second] = [nextId++, nextId++]
  await database.query(`INSERT INTO ${table} VALUES (${first}, 'new'), (${second}, 'new')`)
  await database.query(`UPDATE ${table} SET name = 'changed' WHERE id = ${first}`)
  await database.query(`UPDATE ${table} SET name = 'changed too' WHERE id = ${first}`)
  expected.push(`${first} c new`, `${second} c new`, `${first} u changed`, `${first} u changed too`)
}

async function arrived(what: string): Promise<void> {
  const startedMs = performance.now()
  const records = await waitFor(
    what,
    async () => {
      const records = await read()
      return records.length >= rows + expected.length && records
    },
    { deadlineMs: 90_000 },
  )
  const streamed = records.filter(({ __op }) => __op !== 'r')
  assert.equal(records.length - streamed.length, rows, 'rows of the snapshot')
  assert.deepEqual(
    streamed.map(({ id, __op, name }) => `${id} ${__op} ${name}`),
    expected,
  )
  await waitFor(`${records.length} documents`, async () => {
    await fetch(`${elasticsearch}/${topic}/_refresh`, { method: 'POST' })
    const { count } = (await (await fetch(`${elasticsearch}/${topic}/_count`)).json()) as { count: number }
    assert.equal(count, records.length)
    return true
  })
  say(
    `${what}: ${records.length} records, each once, and as many documents (${Math.round(performance.now() - startedMs)} ms)`,
  )
}

interface Row {
  readonly id: number
  readonly name: string
  readonly __op: string
}

async function read(): Promise<Row[]> {
  const { status, stdout, stderr } = await runCli([
    'consume',
    topic,
    '--from-beginning',
    '--until-end',
    '--bootstrap-server',
    kafka,
  ])
  assert.equal(status, 0, stderr)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

async function bothRun(what: string): Promise<void> {
  const startedMs = performance.now()
  await waitFor(
    what,
    async () => {
      for (const name of [source, sink]) {
        const { connector, tasks } = await status(name)
        if (connector.state !== 'RUNNING' || tasks.length !== 1 || tasks[0]!.state !== 'RUNNING') return false
      }
      return true
    },
    { deadlineMs: 60_000 },
  )
  say(`${what}: all RUNNING (${Math.round(performance.now() - startedMs)} ms)`)
}

interface Status {
  readonly connector: { readonly state: string; readonly worker_id: string }
  readonly tasks: readonly { readonly state: string; readonly worker_id: string }[]
}

async function status(name: string): Promise<Status> {
  return (await (await fetch(`${rest}/connectors/${name}/status`)).json()) as Status
}

async function create(name: string, config: Readonly<Record<string, string>>): Promise<void> {
  const answer = await fetch(`${rest}/connectors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, config }),
  })
  assert.equal(answer.status, 201, await answer.text())
}

function stopReference(): void {
  execSync(required('stop'), { stdio: 'ignore' })
  say('the reference is stopped')
}

function startReference(): void {
  execSync(required('start'), { stdio: 'ignore' })
  say('the reference is started')
}

function required(name: 'properties' | 'pg' | 'es' | 'stop' | 'start'): string {
  const value = values[name]
  if (value === undefined) throw new Error(`--${name} is missing; see the top of this file`)
  return value
}

function say(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`)
}
