import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { startTcpProxy } from '../servers/tcp-proxy.ts'
import { startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { Dice, Ledger, running } from './ledger.ts'

describe('a network that fails', async () => {
  const postgres = await startPostgres()
  const search = await startSearch()
  after(async () => {
    await search.stop()
    await postgres.stop()
  })
  const toSearch = { host: '127.0.0.1', port: Number(new URL(search.url).port) }

  it('cut at any byte of snapshot, stream or bulk request, loses and repeats nothing', async (t) => {
    const dice = new Dice()
    t.diagnostic(`TAILRACE_TEST_SEED=${dice.seed}`)
    const ledger = await Ledger.create(postgres, 'cuts', dice, 30_000)
    await using upstream = await startTcpProxy(postgres)
    await using downstream = await startTcpProxy(toSearch)
    await using worker = await startWorker()
    await worker.create('sink', ledger.sink(`http://127.0.0.1:${downstream.port}`))
    // In the handshake, in the catalog queries, in the rows of the snapshot.
    upstream.cutAfter(200 + dice.below(6_000_000))
    await worker.create('source', ledger.source(upstream))
    ledger.keepWriting()
    for (let i = 0; i < 7; i++) {
      const [line, most] = i % 2 === 0 ? ([upstream, 60_000] as const) : ([downstream, 3_000] as const)
      const cuts = line.connections
      line.cutAfter(1 + dice.below(most))
      await waitFor(`connection after cut ${i}`, () => line.connections > cuts)
    }
    await ledger.stopWriting()
    await ledger.checkTopic(worker)
    await ledger.checkIndex(search.url)
  })

  it('slow by 100 ms each way changes nothing but the time', async (t) => {
    const dice = new Dice()
    t.diagnostic(`TAILRACE_TEST_SEED=${dice.seed}`)
    const ledger = await Ledger.create(postgres, 'slow', dice, 100)
    await using upstream = await startTcpProxy(postgres)
    await using downstream = await startTcpProxy(toSearch)
    upstream.delay(100)
    downstream.delay(100)
    await using worker = await startWorker()
    await worker.create('sink', ledger.sink(`http://127.0.0.1:${downstream.port}`))
    await worker.create('source', ledger.source(upstream))
    await running(worker, 'source')
    for (let i = 0; i < 20; i++) await ledger.write()
    await ledger.checkTopic(worker)
    await ledger.checkIndex(search.url)
  })

  it('that swallows everything is waited out, and nothing is lost when it comes back', async (t) => {
    const dice = new Dice()
    t.diagnostic(`TAILRACE_TEST_SEED=${dice.seed}`)
    const ledger = await Ledger.create(postgres, 'silent', dice, 1_000)
    await using upstream = await startTcpProxy(postgres)
    await using downstream = await startTcpProxy(toSearch)
    await using worker = await startWorker()
    await worker.create('sink', ledger.sink(`http://127.0.0.1:${downstream.port}`))
    await worker.create('source', ledger.source(upstream))
    ledger.keepWriting()
    await waitFor('the stream', async () => (await worker.records(ledger.topic)) > 1_500)
    downstream.blackhole(true)
    const bulks = downstream.connections
    await waitFor('the sink to try again', () => downstream.connections > bulks)
    upstream.blackhole(true)
    const records = await worker.records(ledger.topic)
    await delay(500)
    assert.ok((await worker.rest('GET', '/connectors/source/status')).status === 200)
    upstream.blackhole(false)
    downstream.blackhole(false)
    await waitFor('more records', async () => (await worker.records(ledger.topic)) > records)
    await ledger.stopWriting()
    await ledger.checkTopic(worker)
    await ledger.checkIndex(search.url)
  })
})
