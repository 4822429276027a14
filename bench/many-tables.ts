/**
 * Many small tables under one connector, measured from outside: from the POST to the moment in which every topic has its
 * rows, through a worker process and the embedded log.
 *
 *   node bench/many-tables.ts [--tables N] [--rows N] [--source]
 *
 * `--source` runs the worker from src instead of dist.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startPostgres } from '../test/servers/postgres.ts'
import { sourceConfig, startWorker } from '../test/servers/worker.ts'

const { values: options } = parseArgs({
  options: {
    tables: { type: 'string', default: '1000' },
    rows: { type: 'string', default: '3' },
    source: { type: 'boolean', default: false },
  },
})
const tables = Number(options.tables)
const rows = Number(options.rows)

await using postgres = await startPostgres({ settings: { max_locks_per_transaction: '256' } })
const numbers = Array.from({ length: tables }, (_, number) => number)
for (let from = 0; from < tables; from += 100) {
  const some = numbers.slice(from, from + 100)
  await postgres.query(
    some
      .map(
        (number) =>
          `create table t${number} (id bigint primary key, name text, at timestamptz default now());
           insert into t${number} select g, 'name-' || g from generate_series(1, ${rows}) g;`,
      )
      .join('\n'),
  )
}
await using worker = await startWorker({ from: options.source ? 'src' : 'dist' })
const start = performance.now()
const cpuBefore = cpuSeconds(worker.pid)
await worker.create('many', sourceConfig(postgres, { 'topic.prefix': 'many' }))
const wanted = tables * rows
for (;;) {
  const { body } = await worker.rest('GET', '/topics')
  const names = (body as string[]).filter((name) => name.startsWith('many.'))
  if (names.length === tables && (await countRows(names)) >= wanted) break
  const { trace } = await worker.states('many')
  if (trace !== '') throw new Error(trace)
  await delay(20)
}
report('POST to the last row of all tables', `${((performance.now() - start) / 1000).toFixed(2)} s`)
report("processor time of the worker's threads", `${(cpuSeconds(worker.pid) - cpuBefore).toFixed(2)} s`)
report('resident at peak', `${worker.residentMegabytes('VmHWM')} MB`)

async function countRows(names: readonly string[]): Promise<number> {
  let count = 0
  for (const name of names) {
    const inTopic = await worker.records(name)
    if (inTopic === 0) return 0
    count += inTopic
  }
  return count
}

/** User and system time that a process has used, in seconds. Linux counts hundredths. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

function report(what: string, figure: string): void {
  console.log(`${what.padEnd(42)} ${figure}`)
}
