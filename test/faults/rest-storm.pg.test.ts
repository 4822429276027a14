import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres } from '../servers/postgres.ts'
import { startSearch } from '../servers/search.ts'
import { startWorker } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { Dice, Ledger, running } from './ledger.ts'

describe('a worker that is told to do everything at once', async () => {
  const postgres = await startPostgres({ settings: { max_replication_slots: '40', max_wal_senders: '40' } })
  const search = await startSearch()
  after(async () => {
    await search.stop()
    await postgres.stop()
  })

  it('restarted, paused, resumed and stopped in any order while rows are written, it repeats and loses nothing', async (t) => {
    const dice = new Dice()
    t.diagnostic(`TAILRACE_TEST_SEED=${dice.seed}`)
    const ledger = await Ledger.create(postgres, 'storm', dice, 500)
    await using worker = await startWorker()
    await worker.create('sink', ledger.sink(search.url))
    await worker.create('source', ledger.source(postgres))
    await waitFor('the snapshot', async () => (await worker.records(ledger.topic)) >= 500)
    ledger.keepWriting()
    const asks = [
      ['POST', 'restart?includeTasks=true'],
      ['POST', 'restart?includeTasks=true'],
      ['POST', 'tasks/0/restart'],
      ['PUT', 'pause'],
      ['PUT', 'resume'],
      ['PUT', 'resume'],
      ['PUT', 'stop'],
    ] as const
    for (let i = 0; i < 60; i++) {
      const [method, path] = dice.pick(asks)
      const { status } = await worker.rest(method, `/connectors/${dice.pick(['source', 'sink'])}/${path}`)
      // No task to restart while the connector is stopped.
      assert.ok(status < 300 || (status === 404 && path.startsWith('tasks')), `${path}: ${status}`)
      await delay(dice.below(150))
    }
    for (const name of ['source', 'sink']) await worker.rest('PUT', `/connectors/${name}/resume`)
    await ledger.stopWriting()
    await ledger.checkTopic(worker)
    await ledger.checkIndex(search.url)
  })

  it('runs twenty connectors at once, and a kill of all of them loses nothing', async (t) => {
    const dice = new Dice()
    t.diagnostic(`TAILRACE_TEST_SEED=${dice.seed}`)
    await using worker = await startWorker()
    const ledgers: Ledger[] = []
    for (let i = 0; i < 10; i++) ledgers.push(await Ledger.create(postgres, `many_${i}`, dice, 200))
    await Promise.all(
      ledgers.flatMap((ledger) => [
        worker.create(`sink_${ledger.name}`, ledger.sink(search.url)),
        worker.create(`source_${ledger.name}`, ledger.source(postgres)),
      ]),
    )
    for (const ledger of ledgers) await running(worker, `source_${ledger.name}`)
    for (let i = 0; i < 50; i++) await dice.pick(ledgers).write()
    await worker.kill()
    for (let i = 0; i < 50; i++) await dice.pick(ledgers).write()
    await worker.start()
    for (let i = 0; i < 50; i++) await dice.pick(ledgers).write()
    for (const ledger of ledgers) {
      await ledger.checkTopic(worker)
      await ledger.checkIndex(search.url)
    }
  })
})
