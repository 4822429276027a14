// The PostgreSQL source alone: a snapshot of rows of 160 bytes through the task, its batches thrown away; beside it the
// same COPY read by the same wire code without looking at the rows.
//   node bench/snapshot-source.ts [rows] [--envelope]
import { parseArgs } from 'node:util'
import type { JsonRendering, RecordTemplate, Template } from '../src/api/template.ts'
import { parsePostgresOptions } from '../src/postgres/options/postgres-options.ts'
import { CopyStream } from '../src/postgres/snapshot/copy-stream.ts'
import { createPostgresSourceTask } from '../src/postgres/source-task.ts'
import { PostgresConnection } from '../src/postgres/wire/connection.ts'
import { extractNewRecordState } from '../src/transforms/debezium/extract-new-record-state.ts'
import { startPostgres } from '../test/servers/postgres.ts'

const { values, positionals } = parseArgs({
  options: { envelope: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const rows = Number(positionals[0] ?? 1_000_000)
const server = await startPostgres({ settings: { max_wal_size: '4GB' } })
try {
  await server.query(
    `create table t(id bigint primary key, name text not null, description text, price numeric(12,2), at timestamptz)`,
  )
  await server.query(`insert into t select i, 'name-' || i, repeat('d', 96), (i % 100000) / 100.0, timestamptz '2024-05-06 07:08:09.123456+00' + i * interval '1 s'
    from generate_series(1, ${rows}) i`)
  await server.query('vacuum analyze t')
  const config = {
    'database.hostname': server.host,
    'database.port': String(server.port),
    'database.user': server.user,
    'database.password': server.password,
    'database.dbname': 'postgres',
    'topic.prefix': 'bench',
    'plugin.name': 'pgoutput',
  }
  for (let round = 1; round <= 3; round++) {
    print('COPY, drained', await drainCopy(config))
    print('source task', await runTask({ ...config, 'slot.name': `bench_${round}` }))
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  console.log(`memory: ${mb(rss)} MB resident, ${mb(heapUsed)} MB heap, ${mb(external)} MB external`)
} finally {
  await server.stop()
}

function print(what: string, seconds: number): void {
  console.log(`${what.padEnd(16)} ${Math.round(rows / seconds).toLocaleString('en')} rows/s`)
}

function mb(bytes: number): number {
  return Math.round(bytes / 1024 / 1024)
}

async function drainCopy(config: Record<string, string>): Promise<number> {
  const connection = await PostgresConnection.open(parsePostgresOptions(config), 'sql', {
    applicationName: 'bench',
    signal: new AbortController().signal,
  })
  const done = Promise.withResolvers<void>()
  const stream = new CopyStream(connection, {
    row: () => true,
    drained() {},
    finished: () => done.resolve(),
    failed: (error) => done.reject(error),
  })
  const start = performance.now()
  stream.copy('COPY (SELECT * FROM ONLY t) TO STDOUT')
  await done.promise
  stream.close()
  return (performance.now() - start) / 1000
}

async function runTask(config: Record<string, string>): Promise<number> {
  const abort = new AbortController()
  const task = createPostgresSourceTask()
  const log = () => {}
  const unwrap = extractNewRecordState.create({ 'add.fields': 'op,ts_ms' })
  await task.start(config, {
    connectorName: 'bench',
    taskId: 0,
    log: { debug: log, info: log, warn: log, error: log },
    signal: abort.signal,
    offset: () => Promise.resolve(null),
    metrics: () => ({ set: () => {}, add: () => {}, observe: () => {} }),
    compile(template: RecordTemplate) {
      const last = values.envelope ? template : unwrap.compile!(template)
      if (last === null) return Promise.resolve({ kind: 'general' })
      if (last === 'dropped') return Promise.resolve({ kind: 'dropped' })
      return Promise.resolve({
        kind: 'compiled',
        topic: last.topic,
        partitions: 1,
        key: last.key && rendering(last.key),
        value: last.value && rendering(last.value),
        headers: new Uint8Array(0),
      })
    },
  })
  const start = performance.now()
  const cpuBefore = process.cpuUsage()
  let bytes = 0
  for (;;) {
    const batch = await task.poll()
    if (batch === null) throw new Error('the task has stopped')
    for (const part of batch.parts) {
      if (part.kind !== 'encoded') throw new Error('not compiled')
      bytes += part.batch.length
    }
    if (batch.offset['snapshot_completed'] === true) break
  }
  const seconds = (performance.now() - start) / 1000
  await task.stop()
  const { user, system } = process.cpuUsage(cpuBefore)
  // What does not depend on who else uses the machine.
  console.log(
    `  ${mb(bytes)} MB of batches, ${((user + system) / rows).toFixed(2)} us of processor time a row`,
  )
  return seconds
}

function rendering(template: Template): JsonRendering {
  return {
    kind: 'json',
    prefix: '',
    template,
    suffix: '',
    decimalFormat: 'base64',
    replaceNullWithDefault: true,
  }
}
