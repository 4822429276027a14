/**
 * The initial snapshot, measured from outside: PostgreSQL -> worker process -> embedded log, or with `--kafka` a Kafka
 * cluster of one broker (`--compression`, lz4 by default), and with `--sink` on into Elasticsearch (`--elasticsearch URL`)
 * or the embedded search node at the same time.
 *
 *   node bench/snapshot.ts [--rows N] [--kafka [--compression NAME]] [--sink] [--elasticsearch URL] [--backlog [--transactions N]]
 *                          [--source] [--runs N]
 *
 * `--backlog` measures how a connector catches up instead: the rows are inserted while it is stopped, in one transaction
 * or in several: one alone is more work for the server, which spools it.
 * `--runs 2` takes the snapshot twice, with a broker and a worker that are warm in the second. Prints the rate beside the ceiling of the same run (COPY read and thrown away), the slowest REST answer meanwhile
 * and the resident memory of the worker. `--source` runs the worker from src instead of dist.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startKafka, workersOnKafka } from '../test/servers/kafka.ts'
import { startPostgres, type PostgresServer } from '../test/servers/postgres.ts'
import { startSearch } from '../test/servers/search.ts'
import { sinkConfig, sourceConfig, startWorker } from '../test/servers/worker.ts'
import { waitFor } from '../test/wait-for.ts'

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    sink: { type: 'boolean', default: false },
    kafka: { type: 'boolean', default: false },
    compression: { type: 'string', default: 'lz4' },
    elasticsearch: { type: 'string' },
    backlog: { type: 'boolean', default: false },
    transactions: { type: 'string', default: '1' },
    source: { type: 'boolean', default: false },
    runs: { type: 'string', default: '1' },
  },
})
const rows = Number(options.rows)

await using postgres = await startPostgres({ settings: { max_wal_size: '8GB' } })
await postgres.query(
  'create table bench (id bigint primary key, name text, description text, amount numeric(12,2), created_at timestamptz)',
)
await fill(postgres)
const copyRate = await copyCeiling(postgres)
report('ceiling: COPY to nowhere', `${rate(copyRate)} rows/s`)

await using search = options.sink && options.elasticsearch === undefined ? await startSearch() : null
await using kafka = options.kafka ? await startKafka() : null
const started = performance.now()
await using worker = await startWorker({
  from: options.source ? 'src' : 'dist',
  env: kafka === null ? {} : kafkaProperties(kafka.bootstrapServers),
})
report('worker start to REST answer', `${Math.round(performance.now() - started)} ms`)
await delay(500)
report('resident, idle before', `${worker.residentMegabytes('VmRSS')} MB`)
if (options.sink) {
  const elasticsearch = options.elasticsearch ?? search!.url
  await worker.create('bench-sink', sinkConfig(elasticsearch, 'bench1.public.bench'))
}
for (let run = 1; run <= Number(options.runs); run++) await measureSnapshot(`bench${run}`)

async function measureSnapshot(name: string): Promise<void> {
  const topic = `${name}.public.bench`
  const config = sourceConfig(postgres, {
    'table.include.list': 'public.bench',
    'topic.prefix': name,
    'slot.name': name,
    'publication.name': name,
    'decimal.handling.mode': 'string',
    ...(options.backlog ? { 'snapshot.mode': 'no_data' } : {}),
  })
  if (options.backlog) await leaveBehind(name, config)
  const before = cpuSeconds()
  const start = performance.now()
  if (options.backlog) await worker.rest('PUT', `/connectors/${name}/resume`)
  else await worker.create(name, config)
  const slowestMs = { topics: 0, status: 0 }
  const inTopicBefore = options.backlog ? 1 : 0
  let firstRowMs: number | null = null
  let inTopic = 0
  while (inTopic < rows) {
    let asked = performance.now()
    inTopic = await worker.records(topic)
    if (inTopic > inTopicBefore) firstRowMs ??= performance.now() - start
    slowestMs.topics = Math.max(slowestMs.topics, performance.now() - asked)
    asked = performance.now()
    await worker.states(name)
    slowestMs.status = Math.max(slowestMs.status, performance.now() - asked)
    // On Kafka the question costs the worker and the broker some milliseconds, which are not the snapshot's.
    await delay(options.kafka ? 100 : 20)
  }
  const seconds = (performance.now() - start) / 1000
  report(
    options.backlog ? 'backlog, start to last row in the topic' : 'snapshot, POST to last row in the topic',
    `${rate(rows / seconds)} rows/s (${seconds.toFixed(2)} s)`,
  )
  report('to the first rows', `${Math.round(firstRowMs ?? 0)} ms`)
  // On a machine that others use too it tells more than the rate.
  const after = cpuSeconds()
  for (const [program, used] of after) {
    report(`processor time of ${program}`, `${(used - (before.get(program) ?? 0)).toFixed(2)} s`)
  }
  report('share of the ceiling', `${((100 * rows) / seconds / copyRate).toFixed(0)} %`)
  report('slowest GET …/status meanwhile', `${slowestMs.status.toFixed(1)} ms`)
  report('slowest GET /topics/… meanwhile', `${slowestMs.topics.toFixed(1)} ms`)
  if (options.sink) {
    await waitFor('all documents', async () => (await indexedOffset()) >= rows, { deadlineMs: 600_000 })
    const all = (performance.now() - start) / 1000
    report('indexed too', `${rate(rows / all)} docs/s (${all.toFixed(2)} s)`)
  }
  report('resident at peak', `${worker.residentMegabytes('VmHWM')} MB`)
  await delay(5000)
  report('resident, idle after', `${worker.residentMegabytes('VmRSS')} MB`)
  // It would read what the next run writes, too.
  await worker.rest('DELETE', `/connectors/${name}`)
}

/** A connector that has begun to stream and is stopped, and all rows behind the place where it is. */
async function leaveBehind(name: string, config: Readonly<Record<string, string>>): Promise<void> {
  const isActive = async () =>
    (await postgres.query(`select 1 from pg_replication_slots where slot_name = '${name}' and active`))
      .length > 0
  await worker.create(name, config)
  await waitFor('the stream', isActive)
  // The position that it goes on from.
  await postgres.query(`insert into bench values (0)`)
  await waitFor('the first row', async () => (await worker.records(`${name}.public.bench`)) > 0)
  await worker.rest('PUT', `/connectors/${name}/stop`)
  await waitFor('the end of the stream', async () => !(await isActive()))
  await fill(postgres, Number(options.transactions))
}

function kafkaProperties(bootstrapServers: string): Record<string, string> {
  return {
    ...workersOnKafka({ bootstrapServers }),
    CONNECT_PRODUCER_COMPRESSION_TYPE: options.compression,
  }
}

async function indexedOffset(): Promise<number> {
  const { body } = await worker.rest('GET', '/connectors/bench-sink/offsets')
  const { offsets } = body as { offsets: { offset: { kafka_offset: number } }[] }
  return offsets[0]?.offset.kafka_offset ?? 0
}

async function fill(server: PostgresServer, transactions = 1): Promise<void> {
  await server.query('truncate bench')
  const step = Math.ceil(rows / transactions)
  for (let from = 1; from <= rows; from += step)
    await server.query(
      `insert into bench select g, 'name-' || g, repeat(md5(g::text), 3), (g % 100000) / 100.0, now()
       from generate_series(${from}, ${Math.min(rows, from + step - 1)}) g`,
    )
  await server.query('vacuum analyze bench')
}

/** Rows per second of a COPY whose bytes are counted and dropped: what the server can give to one reader. */
async function copyCeiling(server: PostgresServer): Promise<number> {
  const client = new pg.Client({ connectionString: server.url() })
  // Taking its socket away and dropping it is an error to the client.
  client.on('error', () => undefined)
  await client.connect()
  const { stream } = (client as unknown as { connection: { stream: ReturnType<typeof connect> } }).connection
  stream.removeAllListeners('data')
  const start = performance.now()
  const query = Buffer.from('copy bench to stdout\0')
  const message = Buffer.alloc(5 + query.length)
  message[0] = 0x51
  message.writeInt32BE(4 + query.length, 1)
  query.copy(message, 5)
  stream.write(message)
  // ReadyForQuery in an idle session: the last six bytes of the answer.
  const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (chunk.subarray(-6).equals(ready)) break
  }
  return rows / ((performance.now() - start) / 1000)
}

/** User and system time of the processes that this one has started, and theirs, in seconds. Linux counts hundredths. */
function cpuSeconds(): Map<string, number> {
  const processes = new Map<number, { parent: number; ticks: number }>()
  for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ').map(Number)
      const ticks = fields.slice(11, 15).reduce((sum, part) => sum + part)
      processes.set(pid, { parent: fields[1]!, ticks })
    } catch {
      // It has ended meanwhile.
    }
  }
  const used = new Map<string, number>()
  for (const [pid, { ticks }] of processes) {
    let top = pid
    while ((processes.get(top)?.parent ?? process.pid) !== process.pid && top > 1)
      top = processes.get(top)!.parent
    if (processes.get(top)?.parent !== process.pid) continue
    const program = top === worker.pid ? 'the worker' : readFileSync(`/proc/${top}/comm`, 'utf8').trim()
    used.set(program, (used.get(program) ?? 0) + ticks / 100)
  }
  return used
}

function rate(perSecond: number): string {
  return Math.round(perSecond).toLocaleString('en-US')
}

function report(what: string, figure: string): void {
  console.log(`${what.padEnd(42)} ${figure}`)
}
