import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { PostgresServer } from '../servers/postgres.ts'
import { sinkConfig, sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { untilStreamed } from '../servers/streaming.ts'
import { eachDocument, missingIds } from './documents.ts'

/** By hand: TAILRACE_SNAPSHOT_ROWS=1000000 */
const SNAPSHOT_ROWS = Number(process.env['TAILRACE_SNAPSHOT_ROWS'] ?? 100_000)

/** `kill -9` while a snapshot is read and indexed, twice; in the end no row is missing in the index. */
export async function killDuringSnapshot(postgres: PostgresServer, elasticsearch: string): Promise<void> {
  const topic = 'snap.public.snap'
  await postgres.query('create table snap (id bigint primary key, name text, description text)')
  await postgres.query(
    `insert into snap select g, 'name-' || g, repeat(md5(g::text), 3) from generate_series(1, ${SNAPSHOT_ROWS}) g`,
  )
  await using worker = await startWorker()
  await worker.create('sink', sinkConfig(elasticsearch, topic))
  await worker.create(
    'source',
    sourceConfig(postgres, {
      'table.include.list': 'public.snap',
      'topic.prefix': 'snap',
      'slot.name': 'snap',
      'publication.name': 'snap',
    }),
  )
  for (const records of [SNAPSHOT_ROWS / 10, SNAPSHOT_ROWS / 3]) {
    await waitFor(`${records} records`, async () => (await worker.records(topic)) >= records)
    await worker.kill()
    await worker.start()
  }
  await waitFor('the snapshot', async () => (await worker.records(topic)) >= SNAPSHOT_ROWS)
  // A row inserted now comes last, so everything before it has been indexed when it is.
  await untilStreamed(postgres, 'snap')
  await postgres.query(`insert into snap values (${SNAPSHOT_ROWS + 1}, 'last', '')`)
  await waitFor('the last row', async () => isIndexed(elasticsearch, topic, SNAPSHOT_ROWS + 1))
  await waitFor('the sink to be done', async () => isCaughtUp(worker, 'sink', topic))
  assert.deepEqual(await missingIds(elasticsearch, topic, SNAPSHOT_ROWS + 1), [])
}

/** `kill -9` again and again while rows are inserted and updated; in the end every state of every row was indexed. */
export async function killDuringStreaming(postgres: PostgresServer, elasticsearch: string): Promise<void> {
  const topic = 'stream.public.stream'
  const transactions = 400
  const rowsEach = 25
  await postgres.query('create table stream (id bigint primary key, version int)')
  await using worker = await startWorker()
  await worker.create('sink', sinkConfig(elasticsearch, topic))
  await worker.create(
    'source',
    sourceConfig(postgres, {
      'table.include.list': 'public.stream',
      'topic.prefix': 'stream',
      'slot.name': 'stream',
      'publication.name': 'stream',
    }),
  )
  await untilStreamed(postgres, 'stream')
  const writing = (async () => {
    for (let i = 0; i < transactions; i++) {
      const first = i * rowsEach + 1
      await postgres.query(
        `begin; insert into stream select g, 1 from generate_series(${first}, ${first + rowsEach - 1}) g;
         update stream set version = 2 where id = ${first}; commit`,
      )
      await delay(10)
    }
  })()
  let kills = 0
  for (const share of [0.1, 0.35, 0.6]) {
    const records = Math.floor(transactions * (rowsEach + 1) * share)
    await waitFor(`${records} records`, async () => (await worker.records(topic)) >= records)
    await worker.kill()
    kills++
    await worker.start()
  }
  await writing
  assert.equal(kills, 3)
  await postgres.query(`insert into stream values (${transactions * rowsEach + 1}, 1)`)
  await waitFor('the last row', async () => isIndexed(elasticsearch, topic, transactions * rowsEach + 1))
  await waitFor('the sink to be done', async () => isCaughtUp(worker, 'sink', topic))
  assert.deepEqual(await missingIds(elasticsearch, topic, transactions * rowsEach + 1), [])
  const updated = new Set<unknown>()
  await eachDocument(elasticsearch, topic, (source) => {
    if (source['version'] === 2) updated.add(source['id'])
  })
  assert.equal(updated.size, transactions)
}

async function isIndexed(url: string, index: string, id: number): Promise<boolean> {
  await fetch(`${url}/${index}/_refresh`, { method: 'POST' })
  const answer = await fetch(`${url}/${index}/_search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: { term: { id } } }),
  })
  const { hits } = (await answer.json()) as { hits?: { hits: unknown[] } }
  return (hits?.hits.length ?? 0) > 0
}

/** Whether the sink's committed offset is the end of the topic. */
async function isCaughtUp(worker: WorkerProcess, sink: string, topic: string): Promise<boolean> {
  const { body } = await worker.rest('GET', `/connectors/${sink}/offsets`)
  const { offsets } = body as { offsets: { offset: { kafka_offset: number } }[] }
  return offsets[0]?.offset.kafka_offset === (await worker.records(topic))
}
