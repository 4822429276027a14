import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { startElasticsearch } from '../servers/elasticsearch.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { Dice, Ledger } from './ledger.ts'

describe('an Elasticsearch 8.7.1 that does not take documents', async () => {
  const postgres = await startPostgres()
  const elasticsearch = await startElasticsearch({ version: '8.7.1' })
  after(async () => {
    await elasticsearch.stop()
    await postgres.stop()
  })

  async function put(path: string, body: object): Promise<void> {
    const answer = await fetch(`${elasticsearch.url}/${path}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.ok(answer.ok, await answer.text())
  }

  async function start(worker: WorkerProcess, name: string): Promise<Ledger> {
    const ledger = await Ledger.create(postgres, name, new Dice(), 2_000)
    await worker.create('sink', ledger.sink(elasticsearch.url))
    await worker.create('source', ledger.source(postgres))
    return ledger
  }

  it('because it was killed, has every row after its restart', async () => {
    await using worker = await startWorker()
    const ledger = await start(worker, 'killed')
    ledger.keepWriting()
    await waitFor('the stream', async () => (await worker.records(ledger.topic)) > 2_200)
    await elasticsearch.kill()
    const records = await worker.records(ledger.topic)
    await waitFor('more records', async () => (await worker.records(ledger.topic)) > records + 500)
    assert.deepEqual((await worker.states('sink')).tasks, ['RUNNING'])
    await elasticsearch.restart()
    await ledger.stopWriting()
    await ledger.checkIndex(elasticsearch.url)
  })

  it('because its index is read-only, has every row once it is released', async () => {
    await using worker = await startWorker()
    const ledger = await start(worker, 'blocked')
    await ledger.checkIndex(elasticsearch.url)
    await put(`${ledger.topic}/_settings`, { 'index.blocks.read_only_allow_delete': true })
    for (let i = 0; i < 20; i++) await ledger.write()
    await waitFor('the sink to be refused', () => worker.output.includes('does not take documents now'))
    assert.deepEqual((await worker.states('sink')).tasks, ['RUNNING'])
    await put(`${ledger.topic}/_settings`, { 'index.blocks.read_only_allow_delete': null })
    await ledger.checkIndex(elasticsearch.url)
  })

  it('because the index was deleted, and may not be made by a document, has it made again by the sink', async () => {
    await using worker = await startWorker()
    await put('_cluster/settings', { persistent: { 'action.auto_create_index': 'false' } })
    const ledger = await start(worker, 'deleted')
    await ledger.checkIndex(elasticsearch.url)
    const answer = await fetch(`${elasticsearch.url}/${ledger.topic}`, { method: 'DELETE' })
    assert.ok(answer.ok)
    // Every row once more, so that the index is whole again.
    await postgres.query(`update ${ledger.name} set version = version + 1`)
    await ledger.reload()
    await ledger.checkIndex(elasticsearch.url)
    await put('_cluster/settings', { persistent: { 'action.auto_create_index': null } })
  })
})
