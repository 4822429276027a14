import { waitFor } from '../../wait-for.ts'
import { untilStreamed } from '../../servers/streaming.ts'
import type { Bench } from './bench.ts'
import { lastNote } from './journal.ts'
import { parseLsn } from '../../../src/postgres/wire/lsn.ts'

/**
 * For what takes the stream's position away: the status and the log must say so, and `snapshot.mode=when_needed`, which
 * is the way out, must lead to an index that is right. Only changes between `provoke` and that snapshot may be missing.
 */
export async function namedAndRead(
  bench: Bench,
  {
    reason,
    trace,
    provoke,
    wayOut = () => Promise.resolve(),
  }: {
    readonly reason: string
    readonly trace: RegExp
    readonly provoke: () => Promise<void>
    /** What the status tells the operator to do before. */
    readonly wayOut?: () => Promise<void>
  },
): Promise<void> {
  const { workload, worker, history } = bench
  await workload.stop()
  await bench.running()
  await untilStreamed(bench.postgres, bench.slot)
  const fromSeq = (await lastNote(bench.postgres)) + 1
  await waitFor('all of before to be acknowledged', () => isAcknowledged(bench))
  workload.altersTables = false
  workload.start()
  bench.mayFail = true
  await provoke()
  const said = await waitFor(`the source to fail for ${reason}`, async () => {
    const { tasks, trace } = await worker.states('source')
    return tasks[0] === 'FAILED' && trace
  })
  if (!trace.test(said)) history.trouble(`${reason}: the status says ${said}`)
  await waitFor('the trace in the log', () => worker.output.includes(JSON.stringify(said)))
  await wayOut()
  await worker.rest(
    'PUT',
    '/connectors/source/config',
    bench.sourceConfig({ 'snapshot.mode': 'when_needed' }),
  )
  await waitFor('the stream', async () => {
    await bench.running()
    await untilStreamed(bench.postgres, bench.slot)
    return true
  })
  history.add({ kind: 'gap', reason, fromSeq, toSeq: await lastNote(bench.postgres) })
  bench.mayFail = false
}

/** Whether the slot is past what there is now. */
export async function isAcknowledged({ postgres, slot }: Bench): Promise<boolean> {
  const [row] = await postgres.query(
    `select confirmed_flush_lsn::text as lsn, pg_current_wal_insert_lsn()::text as now from pg_replication_slots where slot_name = '${slot}'`,
    'postgres',
    'faults',
  )
  const { lsn, now } = row as { lsn: string; now: string }
  // A page header may lie between.
  return parseLsn(lsn) >= parseLsn(now) - 100n
}
