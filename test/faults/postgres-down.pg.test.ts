import { after, describe, it } from 'node:test'
import { startPostgres } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { Dice, Ledger, running } from './ledger.ts'

describe('a PostgreSQL that goes away', async () => {
  const postgres = await startPostgres({ settings: { fsync: 'on' } })
  const search = await startSearch()
  after(async () => {
    await search.stop()
    await postgres.stop()
  })

  it('restarted and killed during snapshot and stream, loses no change', async (t) => {
    const dice = new Dice()
    t.diagnostic(`TAILRACE_TEST_SEED=${dice.seed}`)
    const ledger = await Ledger.create(postgres, 'down', dice, 40_000)
    await using worker = await startWorker()
    await worker.create('sink', ledger.sink(search.url))
    await worker.create('source', ledger.source(postgres))
    await waitFor('the snapshot to be under way', async () => (await worker.records(ledger.topic)) > 5_000)
    await postgres.kill()
    await postgres.restart()
    await waitFor('the snapshot to be complete', async () => (await worker.records(ledger.topic)) >= 40_000)
    await running(worker, 'source')
    for (const end of ['restart', 'kill'] as const) {
      ledger.keepWriting()
      const records = await worker.records(ledger.topic)
      await waitFor('the stream', async () => (await worker.records(ledger.topic)) > records + 100)
      if (end === 'kill') await postgres.kill()
      await postgres.restart()
      await ledger.stopWriting().catch(() => {})
      await ledger.reload()
    }
    for (let i = 0; i < 20; i++) await ledger.write()
    await ledger.checkTopic(worker)
    await ledger.checkIndex(search.url)
  })

  it('whose walsender is terminated again and again repeats and loses nothing', async (t) => {
    const dice = new Dice()
    t.diagnostic(`TAILRACE_TEST_SEED=${dice.seed}`)
    const ledger = await Ledger.create(postgres, 'terminated', dice, 10)
    await using worker = await startWorker()
    await worker.create('sink', ledger.sink(search.url))
    await worker.create('source', ledger.source(postgres))
    ledger.keepWriting()
    for (let i = 0; i < 4; i++) {
      const records = await worker.records(ledger.topic)
      await waitFor(
        'the stream',
        async () => (await worker.records(ledger.topic)) > records + dice.below(200),
      )
      await postgres.query(
        `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '${ledger.name}'`,
      )
    }
    await ledger.stopWriting()
    await ledger.checkTopic(worker)
    await ledger.checkIndex(search.url)
  })
})
