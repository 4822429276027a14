import { waitFor } from '../../wait-for.ts'
import { untilStreamed } from '../../servers/streaming.ts'
import type { Bench } from './bench.ts'
import { lastNote } from './journal.ts'

/**
 * The way out where records are gone: what is left of their topic is deleted, and all tables are read again. What the
 * source wrote before may be missing from then on; the index must be right.
 */
export async function readTablesAnew(bench: Bench, reason: string, lostTopic: string | null): Promise<void> {
  const { worker, postgres, slot, history } = bench
  bench.workload.altersTables = false
  for (const name of ['source', 'sink']) {
    await worker.rest('PUT', `/connectors/${name}/stop`)
    await waitFor(`${name} to stop`, async () => {
      const { connector, tasks } = await worker.states(name)
      return connector === 'STOPPED' && tasks.length === 0
    })
  }
  if (lostTopic !== null)
    await waitFor('the rest of the topic to go', async () => {
      const { status } = await worker.rest('DELETE', `/topics/${lostTopic}`)
      return status === 204 || status === 404
    })
  await waitFor('the source to forget', async () => {
    return (await worker.rest('DELETE', '/connectors/source/offsets')).status === 200
  })
  await waitFor('the slot to go', async () => {
    await postgres.query(
      `select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '${slot}'`,
    )
    return true
  })
  for (const name of ['source', 'sink']) await worker.rest('PUT', `/connectors/${name}/resume`)
  await waitFor('the stream', async () => {
    await bench.running()
    await untilStreamed(postgres, slot)
    return true
  })
  history.add({ kind: 'gap', reason, fromSeq: 0, toSeq: await lastNote(postgres) })
}
