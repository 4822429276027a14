import { after, describe, it } from 'node:test'
import { startPostgres } from '../servers/postgres.ts'
import { sourceConfig, startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import assert from 'node:assert/strict'

const ROWS = 500_000

describe('a transaction of 500,000 rows', async () => {
  const postgres = await startPostgres()
  after(() => postgres.stop())

  it('during which the worker is killed again and again is there once, whole and in order', async () => {
    const topic = 'large.public.large'
    await postgres.query('create table large (id int primary key)')
    await postgres.query('insert into large values (0)')
    await using worker = await startWorker()
    const names = { 'topic.prefix': 'large', 'slot.name': 'large', 'publication.name': 'large' }
    await worker.create('source', sourceConfig(postgres, { ...names, 'slot.retry.delay.ms': '200' }))
    await waitFor('the snapshot', async () => (await worker.records(topic)) === 1)
    await postgres.query(`insert into large select generate_series(1, ${ROWS})`)
    for (const records of [50_000, 200_000, 350_000]) {
      await waitFor(`${records} records`, async () => (await worker.records(topic)) >= records)
      await worker.kill()
      await worker.start()
    }
    await postgres.query(`insert into large values (${ROWS + 1})`)
    await waitFor('the end', async () => (await worker.records(topic)) >= ROWS + 2)
    // Ids are offsets: a look here and there finds whatever is missing or there twice.
    for (let offset = 0; offset <= ROWS; offset += 9_973)
      assert.equal(await idAt(worker, topic, offset), offset)
    assert.equal(await idAt(worker, topic, ROWS + 1), ROWS + 1)
    assert.equal(await worker.records(topic), ROWS + 2)
  })
})

async function idAt(worker: WorkerProcess, topic: string, offset: number): Promise<number> {
  const { body } = await worker.rest('GET', `/topics/${topic}/records?partition=0&offset=${offset}&limit=1`)
  const { records } = body as { records: { value: string }[] }
  return (JSON.parse(records[0]!.value) as { id: number }).id
}
