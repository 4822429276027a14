/**
 * Rows of many columns and rows of a megabyte, measured from outside: PostgreSQL -> worker process -> embedded log, by
 * snapshot and then by the stream, with the resident memory of the worker at its peak.
 *
 *   node bench/large-rows.ts [--columns N] [--row-bytes N] [--rows N] [--source]
 *
 * `--columns`: so many beside the key, by turns integer, text, numeric and timestamptz. `--row-bytes` in their place: one
 * text of so many bytes. `--source` runs the worker from src instead of dist.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startPostgres } from '../test/servers/postgres.ts'
import { sourceConfig, startWorker } from '../test/servers/worker.ts'
import { waitFor } from '../test/wait-for.ts'

const { values: options } = parseArgs({
  options: {
    columns: { type: 'string', default: '200' },
    'row-bytes': { type: 'string' },
    rows: { type: 'string' },
    source: { type: 'boolean', default: false },
  },
})
const rowBytes = options['row-bytes']
const rows = Number(options.rows ?? (rowBytes === undefined ? 20_000 : 500))
const columns = rowBytes === undefined ? manyColumns(Number(options.columns)) : [largeText(Number(rowBytes))]

await using postgres = await startPostgres({ settings: { max_wal_size: '8GB' } })
await postgres.query(
  `create table bench (id bigint primary key, ${columns.map(({ type }, i) => `c${i} ${type}`).join(', ')})`,
)
await insert(1)
await postgres.query('vacuum analyze bench')
await using worker = await startWorker({ from: options.source ? 'src' : 'dist' })
const config = sourceConfig(postgres, { 'topic.prefix': 'bench', 'slot.name': 'bench' })
await measure('snapshot', rows, () => worker.create('bench', config))
await waitFor('the stream', async () => {
  return (await postgres.query("select 1 from pg_stat_replication where state = 'streaming'")).length > 0
})
await measure('stream', 2 * rows, () => insert(rows + 1))

interface Column {
  readonly type: string
  /** Of row `g`. */
  readonly value: string
}

function manyColumns(count: number): readonly Column[] {
  const kinds: readonly Column[] = [
    { type: 'integer', value: 'g' },
    { type: 'text', value: "'value ' || g" },
    { type: 'numeric(12,2)', value: 'g / 100.0' },
    { type: 'timestamptz', value: 'now()' },
  ]
  return Array.from({ length: count }, (_, i) => kinds[i % kinds.length]!)
}

/** Neither compressed nor in the table's own blocks: all of it is read and sent. */
function largeText(bytes: number): Column {
  return {
    type: 'text storage external',
    value: `left(repeat(md5(g::text), ${Math.ceil(bytes / 32)}), ${bytes})`,
  }
}

async function insert(from: number): Promise<void> {
  const values = columns.map(({ value }) => value).join(', ')
  await postgres.query(
    `insert into bench select g, ${values} from generate_series(${from}, ${from + rows - 1}) g`,
  )
}

/** @param inTopic so many records are there when it is over */
async function measure(what: string, inTopic: number, begin: () => Promise<void>): Promise<void> {
  const start = performance.now()
  await begin()
  while ((await worker.records('bench.public.bench')) < inTopic) {
    const { trace } = await worker.states('bench')
    if (trace !== '') throw new Error(trace)
    await delay(20)
  }
  const seconds = (performance.now() - start) / 1000
  const [size] = await postgres.query('select sum(pg_column_size(bench.*)) / count(*) as bytes from bench')
  const bytes = (rows * Number(rowBytes ?? size!['bytes'])) / 1e6
  console.log(
    `${what.padEnd(9)} ${Math.round(rows / seconds).toLocaleString('en-US')} rows/s, ` +
      `${Math.round(bytes / seconds)} MB/s (${seconds.toFixed(2)} s), resident at peak ${worker.residentMegabytes('VmHWM')} MB`,
  )
}
