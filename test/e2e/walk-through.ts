import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { runCli } from '../servers/cli.ts'
import type { PostgresServer } from '../servers/postgres.ts'
import { untilStreamed } from '../servers/streaming.ts'
import { startWorker, type WorkerOptions, type WorkerProcess } from '../servers/worker.ts'
import { assertPromise } from '../promise.ts'
import { waitFor } from '../wait-for.ts'

export const TOPIC = 'postgres_server.public.test_table'
const CREATE_TABLE =
  'CREATE TABLE test_table (id SERIAL PRIMARY KEY, name VARCHAR(50) NOT NULL, description TEXT, ' +
  'created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)'

/** An example as it is in the repository, with nothing but the address of its server, and the password, replaced. */
function example(
  name: 'inventory-connector' | 'elasticsearch-sink-connector',
  address: Readonly<Record<string, string>>,
): { name: string; config: Record<string, string> } {
  const file = new URL(`../../examples/${name}.json`, import.meta.url)
  const connector = JSON.parse(readFileSync(file, 'utf8')) as { name: string; config: Record<string, string> }
  return { name: connector.name, config: { ...connector.config, ...address } }
}

export function inventoryConnector({
  host,
  port,
  password,
}: Pick<PostgresServer, 'host' | 'port' | 'password'>) {
  return example('inventory-connector', {
    'database.hostname': host,
    'database.port': String(port),
    'database.password': password,
  })
}

export function sinkConnector(url: string) {
  return example('elasticsearch-sink-connector', { 'connection.url': url })
}

/** Rows that are there, then rows, an update and a delete that come: each is a record and a document. */
export async function existingTable(
  postgres: PostgresServer,
  elasticsearch: string,
  { promisedMs = 2000, ...options }: WorkerOptions & { readonly promisedMs?: number } = {},
): Promise<void> {
  await using database = await freshDatabase(postgres)
  await database.query(CREATE_TABLE)
  await database.query("INSERT INTO test_table (name, description) VALUES ('Alice', 'First test record')")
  await using worker = await startWorker(options)
  await createBoth(worker, postgres, elasticsearch)
  const postedMs = performance.now()
  await documents(elasticsearch, 1)
  assertPromise('The document, from the second POST on,', performance.now() - postedMs, promisedMs)
  await database.query("INSERT INTO test_table (name, description) VALUES ('Bob', NULL)")
  await database.query("UPDATE test_table SET name = 'Robert' WHERE id = 2")
  const found = await documents(elasticsearch, 3)

  const { stdout } = await runCli(['consume', TOPIC, '--from-beginning', '--until-end', '--url', worker.url])
  const lines = stdout.trimEnd().split('\n')
  const time = '"created_at":\\d{16}'
  const shapes = [
    `{"id":1,"name":"Alice","description":"First test record",${time},"__op":"r","__ts_ms":\\d{13}}`,
    `{"id":2,"name":"Bob","description":null,${time},"__op":"c","__ts_ms":\\d{13}}`,
    `{"id":2,"name":"Robert","description":null,${time},"__op":"u","__ts_ms":\\d{13}}`,
  ]
  assert.equal(lines.length, shapes.length, stdout)
  shapes.forEach((shape, i) => assert.match(lines[i]!, new RegExp(`^${shape}$`)))
  assert.deepEqual(
    found,
    lines.map((line, i) => ({ _id: `${TOPIC}+0+${i}`, _source: JSON.parse(line) as unknown })),
  )
  await checkConsume(worker.url, lines)
}

/** `consume` with its flags, on a topic of three records. */
async function checkConsume(url: string, lines: readonly string[]): Promise<void> {
  const consume = async (...flags: string[]) => {
    const { status, stdout, stderr } = await runCli(['consume', TOPIC, '--url', url, ...flags])
    assert.deepEqual([status, stderr], [0, ''])
    return stdout.split('\n').slice(0, -1)
  }
  const json = (await consume('--from-beginning', '--until-end', '--json')).map(
    (line) => JSON.parse(line) as Record<string, unknown>,
  )
  assert.deepEqual(
    json.map(({ partition, offset, value }) => [partition, offset, value]),
    lines.map((line, offset) => [0, offset, line]),
  )
  assert.deepEqual(Object.keys(json[0]!), ['partition', 'offset', 'key', 'value', 'headers'])
  assert.equal(json[0]!['key'], '{"id":1}')
  assert.deepEqual(await consume('--from-beginning', '--max-messages', '2'), lines.slice(0, 2))
  assert.deepEqual(await consume('--from-beginning', '--timeout-ms', '200'), lines)
  assert.deepEqual(await consume('--timeout-ms', '200'), [], 'from the end there is nothing yet')
}

/** The order of the walk-through as it is told: first the connectors, then the table. No restart in between. */
export async function tableCreatedLater(postgres: PostgresServer, elasticsearch: string): Promise<void> {
  await using database = await freshDatabase(postgres)
  await using worker = await startWorker()
  const { body: plugins } = await worker.rest('GET', '/connector-plugins')
  const classes = (plugins as { class: string; type: string }[]).map(
    (plugin) => `${plugin.type} ${plugin.class}`,
  )
  assert.ok(classes.includes('source io.debezium.connector.postgresql.PostgresConnector'), classes.join())
  assert.ok(
    classes.includes('sink io.confluent.connect.elasticsearch.ElasticsearchSinkConnector'),
    classes.join(),
  )
  await createBoth(worker, postgres, elasticsearch)
  // Before that, the table would still be a part of the snapshot.
  await untilStreamed(postgres, 'debezium')
  await database.query(CREATE_TABLE)
  await database.query("INSERT INTO test_table (name, description) VALUES ('Alice', 'First test record')")
  const [found] = await documents(elasticsearch, 1)
  assert.equal(found?._id, `${TOPIC}+0+0`)
  const { __ts_ms: timestamp, created_at: createdAt, ...row } = found._source
  assert.deepEqual(row, { id: 1, name: 'Alice', description: 'First test record', __op: 'c' })
  const now = Date.now()
  assert.ok(Math.abs(now - Number(timestamp)) < 60_000, `__ts_ms ${String(timestamp)} is now in milliseconds`)
  assert.ok(
    Math.abs(now - Number(createdAt) / 1000) < 60_000,
    `created_at ${String(createdAt)} is now in microseconds`,
  )
  const states = await worker.states('inventory-connector')
  assert.deepEqual(states, { connector: 'RUNNING', tasks: ['RUNNING'], trace: '' })
}

async function createBoth(
  worker: WorkerProcess,
  postgres: PostgresServer,
  elasticsearch: string,
): Promise<void> {
  for (const connector of [inventoryConnector(postgres), sinkConnector(elasticsearch)]) {
    const { status, body } = await worker.rest('POST', '/connectors', connector)
    assert.equal(status, 201, JSON.stringify(body))
    assert.deepEqual((body as { config: unknown }).config, { ...connector.config, name: connector.name })
  }
}

interface FoundDocument {
  readonly _id: string
  readonly _source: Record<string, unknown>
}

/** All documents in order of their offsets, once there are so many. */
async function documents(elasticsearch: string, count: number): Promise<readonly FoundDocument[]> {
  return waitFor(`${count} documents`, async () => {
    await fetch(`${elasticsearch}/${TOPIC}/_refresh`, { method: 'POST' })
    const answer = await fetch(`${elasticsearch}/${TOPIC}/_search?size=100`)
    if (!answer.ok) return false
    const { hits } = (await answer.json()) as { hits: { hits: FoundDocument[] } }
    const offset = (id: string) => Number(id.split('+')[2])
    const sorted = hits.hits
      .map(({ _id, _source }) => ({ _id, _source }))
      .sort((a, b) => offset(a._id) - offset(b._id))
    return sorted.length >= count && sorted
  })
}

/** `exampledb`, without what an earlier test left: its slot would keep the database. */
async function freshDatabase(postgres: PostgresServer) {
  await postgres.query('CREATE DATABASE exampledb')
  return {
    query: (sql: string) => postgres.query(sql, 'exampledb'),
    async [Symbol.asyncDispose]() {
      await waitFor('the slot to be free', async () => {
        await postgres.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots')
        return true
      })
      await postgres.query('DROP DATABASE exampledb WITH (FORCE)')
    },
  }
}
