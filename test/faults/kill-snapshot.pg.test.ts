import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

/** TAILRACE_TEST_SNAPSHOT_ROWS: a big dose by hand. */
const ROWS = Number(process.env['TAILRACE_TEST_SNAPSHOT_ROWS'] ?? 100_000)
const TOPIC = 'kill.public.t'

let postgres: PostgresServer

before(async () => {
  postgres = await startPostgres()
  await postgres.query('create table t (id bigint primary key, version int, filler text)')
  await postgres.query(`insert into t select g, 0, repeat('x', 300) from generate_series(1, ${ROWS}) g`)
  await postgres.query('vacuum analyze t')
})

after(() => postgres.stop())

/** The last value of each key. */
async function lastValues(worker: WorkerProcess): Promise<Map<number, { version: number }>> {
  const last = new Map<number, { version: number }>()
  for (let offset = 0; ;) {
    const { body } = await worker.rest(
      'GET',
      `/topics/${TOPIC}/records?partition=0&offset=${offset}&limit=10000`,
    )
    const { records, next_offset } = body as {
      records: { key: string; value: string | null }[]
      next_offset: number
    }
    if (records.length === 0) return last
    offset = next_offset
    for (const { key, value } of records) {
      const { id } = JSON.parse(key) as { id: number }
      // Without schemas, a delete is the text null.
      const row = value === null ? null : (JSON.parse(value) as { version: number } | null)
      if (row === null) last.delete(id)
      else last.set(id, row)
    }
  }
}

test('a snapshot that is killed again and again costs a chunk each time, and ends in the state of the table', async () => {
  await using worker = await startWorker()
  await worker.create(
    'source',
    sourceConfig(postgres, {
      'topic.prefix': 'kill',
      'snapshot.max.threads': '2',
      // Chunks of a megabyte: about 3,000 rows.
      'snapshot.max.threads.multiplier': '1000',
    }),
  )
  const kills = [0.2, 0.55, 0.9]
  let version = 0
  for (const share of kills) {
    const records = Math.floor(ROWS * share)
    await waitFor(`${records} records`, async () => (await worker.records(TOPIC)) >= records)
    await worker.kill()
    // Rows that were read, and rows that were not.
    await postgres.query(`update t set version = ${++version} where id % 97 = 0`)
    await postgres.query(`delete from t where id % 1009 = ${version}`)
    await worker.start()
  }
  await postgres.query(`insert into t values (${ROWS + 1}, 9, 'last')`)
  const [count] = await postgres.query('select count(*)::int as n from t')
  await waitFor('the last row', async () => (await worker.records(TOPIC)) >= (count!['n'] as number))
  const last = await waitFor('the stream', async () => {
    const values = await lastValues(worker)
    return values.has(ROWS + 1) ? values : undefined
  })
  const rows = await postgres.query('select id::int as id, version from t')
  assert.equal(last.size, rows.length)
  for (const { id, version } of rows)
    assert.equal(last.get(id as number)?.version, version, `row ${String(id)}`)
  const changed = kills.length * Math.ceil(ROWS / 97 + (2 * ROWS) / 1009) + 1
  const twice = (await worker.records(TOPIC)) - ROWS - changed
  // Two chunks that were being read, what moved, and what the log had without the offset.
  const allowed = kills.length * (2 * 3500 + Math.ceil(ROWS / 97) + 8000)
  assert.ok(twice < allowed, `${twice} rows were read twice`)
  console.log(`# ${twice} of ${ROWS} rows were read twice, after ${kills.length} kills`)
})
