/**
 * Commit to document: one row at a time is inserted into PostgreSQL and looked for by id in Elasticsearch, with the
 * default settings of both connectors.
 *
 *   node bench/latency.ts [--rows N] [--elasticsearch URL] [--source]
 *
 * Without a URL it starts Elasticsearch 8.7.1 from Maven (Java 17). Prints p50, p95, p99 and the largest in ms.
 */
import { Agent, request } from 'node:http'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startElasticsearch } from '../test/servers/elasticsearch.ts'
import { startPostgres } from '../test/servers/postgres.ts'
import { sinkConfig, sourceConfig, startWorker } from '../test/servers/worker.ts'
import { waitFor } from '../test/wait-for.ts'

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '300' },
    elasticsearch: { type: 'string' },
    source: { type: 'boolean', default: false },
  },
})
const TOPIC = 'latency.public.t'

await using stack = new AsyncDisposableStack()
const postgres = stack.use(await startPostgres({ settings: { fsync: 'on' } }))
const url =
  options.elasticsearch ?? stack.use(await startElasticsearch({ version: '8.7.1', isLongRun: true })).url
const worker = stack.use(await startWorker({ from: options.source ? 'src' : 'dist' }))
await postgres.query(
  'create table t (id bigint primary key, name text, amount numeric(12,2), at timestamptz)',
)
const source = { 'table.include.list': 'public.t', 'topic.prefix': 'latency', 'snapshot.mode': 'no_data' }
await worker.create('source', sourceConfig(postgres, source))
await worker.create('sink', sinkConfig(url, TOPIC))
await waitFor('streaming', async () => {
  const [row] = await postgres.query("select 1 from pg_stat_replication where state = 'streaming'")
  return row !== undefined
})

const agent = new Agent({ keepAlive: true })
const latenciesMs: number[] = []
for (let i = 0; i <= Number(options.rows); i++) {
  await postgres.query(`insert into t values (${i}, 'name-${i}', ${i}.5, now())`)
  const committed = performance.now()
  while (!(await hasDocument(i))) {
    if (performance.now() - committed > 30_000) throw new Error(`document ${i} did not arrive within 30 s`)
  }
  // The first row creates the topic and the index.
  if (i > 0) latenciesMs.push(performance.now() - committed)
  await delay(20 + (i % 7) * 13)
}
agent.destroy()
latenciesMs.sort((a, b) => a - b)
const percentile = (share: number) =>
  latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))]!.toFixed(1)
console.log(
  `commit -> document, ms: p50 ${percentile(0.5)}  p95 ${percentile(0.95)}  p99 ${percentile(0.99)}  max ${percentile(1)}`,
)

async function hasDocument(offset: number): Promise<boolean> {
  const asked = request(`${url}/${TOPIC}/_doc/${TOPIC}+0+${offset}`, { agent, method: 'HEAD' }).end()
  const [answer] = await once(asked, 'response')
  answer.resume()
  await once(answer, 'end')
  return answer.statusCode === 200
}
