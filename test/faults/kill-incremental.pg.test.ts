import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { untilStreamed } from '../servers/streaming.ts'
import { sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'

/** TAILRACE_TEST_INCREMENTAL_ROWS: a big dose by hand. */
const ROWS = Number(process.env['TAILRACE_TEST_INCREMENTAL_ROWS'] ?? 20_000)
const TOPIC = 'inc.public.t'
const LAST = ROWS + 1

let postgres: PostgresServer

before(async () => {
  postgres = await startPostgres()
  await postgres.query('create table t (id int primary key, version int)')
  await postgres.query(`insert into t select g, 0 from generate_series(1, ${ROWS}) g`)
  await postgres.query('create table signals (id varchar(64) primary key, type varchar(64), data text)')
})

after(() => postgres.stop())

test('an incremental snapshot that is killed again and again goes on where it was, and ends in the state of the table', async () => {
  await using worker = await startWorker()
  await worker.create(
    'source',
    sourceConfig(postgres, {
      'topic.prefix': 'inc',
      'snapshot.mode': 'no_data',
      'signal.data.collection': 'public.signals',
      'incremental.snapshot.chunk.size': '100',
    }),
  )
  await untilStreamed(postgres, 'debezium')
  await postgres.query(
    `insert into signals values ('s', 'execute-snapshot', '{"data-collections": ["public.t"]}')`,
  )
  let version = 0
  for (const share of [0.15, 0.4, 0.8]) {
    const records = Math.floor(ROWS * share)
    await waitFor(`${records} records`, async () => (await worker.records(TOPIC)) >= records)
    await worker.kill()
    // Rows that were read, and rows that were not.
    await postgres.query(`update t set version = ${++version} where id % 97 = 0`)
    await postgres.query(`delete from t where id % 1009 = ${version}`)
    await worker.start()
  }
  await waitFor('the last chunk', async () => (await worker.records(TOPIC)) >= ROWS)
  await postgres.query(`insert into t values (${LAST}, 9)`)
  const last = await waitFor('all rows', async () => {
    const values = await lastValues(worker)
    return values.has(LAST) && values.size >= ROWS - 100 ? values : undefined
  })
  const rows = await postgres.query('select id, version from t')
  assert.equal(last.size, rows.length)
  for (const { id, version } of rows) assert.equal(last.get(id as number), version, `row ${String(id)}`)
})

/** The version in the last record of each key. */
async function lastValues(worker: WorkerProcess): Promise<Map<number, number>> {
  const last = new Map<number, number>()
  for (let offset = 0; ;) {
    const { body } = await worker.rest(
      'GET',
      `/topics/${TOPIC}/records?partition=0&offset=${offset}&limit=10000`,
    )
    const { records, next_offset: next } = body as {
      records: { key: string; value: string | null }[]
      next_offset: number
    }
    if (records.length === 0) return last
    offset = next
    for (const { key, value } of records) {
      const { id } = JSON.parse(key) as { id: number }
      // Without schemas, a delete is the text null.
      const row = value === null ? null : (JSON.parse(value) as { version: number } | null)
      if (row === null) last.delete(id)
      else last.set(id, row.version)
    }
  }
}
