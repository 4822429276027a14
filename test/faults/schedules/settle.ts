import { setTimeout as delay } from 'node:timers/promises'
import { waitFor } from '../../wait-for.ts'
import type { Bench } from './bench.ts'

/** Higher than any other key. */
const LAST_KEY = 900_000_000

/** So long may nothing move at all that has somewhere to go. */
const STANDSTILL_MS = 150_000

/**
 * Resolves once everything that was committed is in the index: a row that each table gets now is there, and the sink
 * has committed the ends of the topics. However long that takes, as long as it goes on.
 */
export async function settle(bench: Bench): Promise<void> {
  const versions = new Map<string, number>()
  for (const table of await waitFor('PostgreSQL', () => bench.findTables())) {
    const insert = `insert into ${table} (id, name) values (${LAST_KEY}, 'last') on conflict (id) do update set name = 'last' returning version::int`
    const [row] = await waitFor('PostgreSQL', () => bench.postgres.query(insert, 'postgres', 'settle'))
    versions.set(table, row!['version'] as number)
  }
  let moved = { place: '', atMs: performance.now() }
  const isDone = async (): Promise<boolean> => {
    await failIfEnded(bench)
    const place = await placeOf(bench)
    if (place !== moved.place) moved = { place, atMs: performance.now() }
    for (const [table, version] of versions) if (!(await isThere(bench, table, version))) return false
    return isAllCommitted(bench)
  }
  const given = { deadlineMs: 5 * STANDSTILL_MS }
  const isOver = (): boolean => performance.now() - moved.atMs > STANDSTILL_MS
  const outcome = await waitFor(
    'the end',
    async () => (isOver() ? moved.place : (await isDone()) && 'done'),
    given,
  )
  if (outcome !== 'done') throw new Error(`For ${STANDSTILL_MS} ms nothing has moved: ${outcome}`)
  await bench.running()
}

/** How far source and sink are. */
async function placeOf(bench: Bench): Promise<string> {
  const ends: Record<string, number> = {}
  for (const table of bench.tables) ends[table] = await bench.worker.records(bench.topicOf(table))
  return `topics ${JSON.stringify(ends)}, indexed ${JSON.stringify(Object.fromEntries(await bench.sinkOffsets()))}`
}

async function isThere(bench: Bench, table: string, version: number): Promise<boolean> {
  const answer = await fetch(`${bench.searchUrl}/${bench.topicOf(table)}/_doc/${LAST_KEY}`)
  if (!answer.ok) return false
  const { _source: source } = (await answer.json()) as { _source: { version: number } }
  return source.version === version
}

async function isAllCommitted(bench: Bench): Promise<boolean> {
  const offsets = await bench.sinkOffsets()
  // The end of a transaction has an offset of its own in Kafka.
  const marker = bench.plan.log === 'kafka' && bench.plan.exactlyOnce ? 1 : 0
  for (const table of bench.tables) {
    const end = await bench.worker.records(bench.topicOf(table))
    if ((offsets.get(bench.topicOf(table)) ?? 0) < end - marker) return false
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
