import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { startPostgres } from '../servers/postgres.ts'
import { startWorker, type WorkerProcess } from '../servers/worker.ts'
import { waitFor } from '../wait-for.ts'
import { Dice, Ledger } from './ledger.ts'

describe('what the stream needs is taken away', async () => {
  const postgres = await startPostgres()
  after(() => postgres.stop())

  /** The trace in the status, which the log has too. */
  async function failure(worker: WorkerProcess): Promise<string> {
    const found = await waitFor('the task to fail', async () => {
      const { tasks, trace } = await worker.states('source')
      return tasks[0] === 'FAILED' && trace
    })
    await waitFor('the trace in the log', () => worker.output.includes(`"trace":${JSON.stringify(found)}`))
    return found
  }

  it('a dropped slot fails the task with its name, and never leaves a gap', async () => {
    const ledger = await Ledger.create(postgres, 'dropped_slot', new Dice(), 10)
    await using worker = await startWorker()
    await worker.create('source', ledger.source(postgres))
    await ledger.checkTopic(worker)
    await waitFor('the slot to be dropped', async () => {
      await postgres.query(
        `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = 'dropped_slot'`,
      )
      await postgres.query(`select pg_drop_replication_slot('dropped_slot')`)
      return true
    })
    await ledger.write()
    assert.match(await failure(worker), /slot "dropped_slot" does not exist/)
    // One that is made in its place begins behind the change: still no reason to go on.
    await postgres.query(`select pg_create_logical_replication_slot('dropped_slot', 'pgoutput')`)
    await worker.rest('POST', '/connectors/source/restart?includeTasks=true')
    assert.match(await failure(worker), /slot "dropped_slot" was moved on/)
  })

  it('a dropped publication fails the task, and changes without one are never passed over', async () => {
    const ledger = await Ledger.create(postgres, 'dropped_publication', new Dice(), 10)
    await using worker = await startWorker()
    await worker.create('source', ledger.source(postgres))
    await ledger.checkTopic(worker)
    await ledger.write()
    await ledger.checkTopic(worker)
    await postgres.query('drop publication dropped_publication')
    await ledger.write()
    assert.match(await failure(worker), /publication "dropped_publication" cannot be streamed. Drop the/)
    // The restart creates it again; but not as of then.
    await worker.rest('POST', '/connectors/source/restart?includeTasks=true')
    await waitFor(
      'the publication',
      async () => (await postgres.query('select from pg_publication')).length > 0,
    )
    await ledger.write()
    assert.match(await failure(worker), /publication "dropped_publication" cannot be streamed. Drop the/)
    // The walsender needs a moment to see that its client is gone.
    await waitFor('the slot to be dropped', async () => {
      await postgres.query(`select pg_drop_replication_slot('dropped_publication')`)
      return true
    })
    const config = ledger.source(postgres, { 'snapshot.mode': 'when_needed' })
    await worker.rest('PUT', '/connectors/source/config', config)
    await ledger.checkTopic(worker)
  })
})
