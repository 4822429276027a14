import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '../../wait-for.ts'
import type { Bench } from './bench.ts'

/** Higher than any other key. */
const LAST_KEY = 900_000_000

/**
 * Resolves once everything that was committed is in the index: a row that each table gets now is there, and the sink
 * has committed the ends of the topics.
 */
export async function settle(bench: Bench, patience: { readonly deadlineMs: number }): Promise<void> {
  const versions = new Map<string, number>()
  for (const table of await waitFor('PostgreSQL', () => bench.findTables())) {
    const insert = `insert into ${table} (id, name) values (${LAST_KEY}, 'last') on conflict (id) do update set name = 'last' returning version::int`
    const [row] = await waitFor('PostgreSQL', () => bench.postgres.query(insert, 'postgres', 'settle'))
    versions.set(table, row!['version'] as number)
  }
  for (const [table, version] of versions) {
    await waitFor(`the last row of ${table} in the index`, () => isThere(bench, table, version), patience)
  }
  await waitFor(`the sink to commit`, () => isAllCommitted(bench), patience)
  await bench.running()
}

async function isThere(bench: Bench, table: string, version: number): Promise<boolean> {
  await failIfEnded(bench)
  const answer = await fetch(`${bench.searchUrl}/${bench.topicOf(table)}/_doc/${LAST_KEY}`)
  if (!answer.ok) return false
  const { _source: source } = (await answer.json()) as { _source: { version: number } }
  return source.version === version
}

async function isAllCommitted(bench: Bench): Promise<boolean> {
  const offsets = await bench.sinkOffsets()
  for (const table of bench.tables) {
    if (offsets.get(bench.topicOf(table)) !== (await bench.worker.records(bench.topicOf(table)))) return false
  }
  return true
}

/** A worker that ended by itself is started again, as a supervisor does it; that it ended is trouble. */
async function failIfEnded({ worker, workerLock, history }: Bench): Promise<void> {
  await workerLock.run(async () => {
    if (!worker.hasEnded) return
    history.trouble(`The worker ended by itself: ${worker.output.slice(-2000)}`)
    await delay(100)
    await worker.start()
  })
}
