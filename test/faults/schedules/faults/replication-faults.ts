import { setTimeout as delay } from 'node:timers/promises'
import { untilStreamed } from '../../../servers/streaming.ts'
import { waitFor } from '../../../wait-for.ts'
import { LOOK_MS, type Bench } from '../bench.ts'
import type { Fault } from '../fault.ts'
import { namedAndRead } from '../lost-position.ts'
import { readTablesAnew } from '../read-anew.ts'

async function dropSlot({ postgres, slot }: Bench): Promise<void> {
  await waitFor('the slot to be dropped', async () => {
    await postgres.query(
      `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = '${slot}'`,
    )
    await postgres.query(`select pg_drop_replication_slot('${slot}')`)
    return true
  })
}

/** The primary ends, and the standby, which has received all that was streamed, goes on in its place. */
async function promoteStandby(bench: Bench): Promise<void> {
  await bench.postgresLock.run(async () => {
    const [primary, standby] = [bench.postgres, bench.standby!]
    // Another failover came first.
    if (primary === standby) return
    await waitFor('the standby to have received everything', async () => {
      const [{ lsn } = {}] = await primary.query('select pg_current_wal_flush_lsn()::text as lsn')
      const [{ has } = {}] = await standby.query(
        `select pg_last_wal_receive_lsn() >= '${String(lsn)}' as has`,
      )
      return has === true
    })
    await primary.kill()
    await standby.query('select pg_promote()')
    bench.postgres = standby
    bench.pointUpstreamTo(standby)
    bench.upstream.cut()
  })
}

export const REPLICATION_FAULTS: readonly Fault[] = [
  {
    name: 'slot dropped',
    outcome: 'named',
    strike: (bench) =>
      namedAndRead(bench, {
        reason: 'slot dropped',
        trace: /slot "faults" does not exist/,
        provoke: () => dropSlot(bench),
      }),
  },
  {
    name: 'slot dropped and made again',
    outcome: 'named',
    strike: (bench) =>
      namedAndRead(bench, {
        reason: 'slot dropped and made again',
        trace: /slot "faults" (was moved on|does not exist)/,
        provoke: async () => {
          await bench.workerLock.run(async () => {
            await bench.worker.kill()
            await dropSlot(bench)
            await bench.postgres.query(
              `select pg_create_logical_replication_slot('${bench.slot}', 'pgoutput')`,
            )
            await bench.worker.start()
          })
        },
      }),
  },
  {
    name: 'publication dropped',
    outcome: 'named',
    strike: (bench) =>
      namedAndRead(bench, {
        reason: 'publication dropped',
        trace: /publication "faults" cannot be streamed/,
        provoke: async () => void (await bench.postgres.query(`drop publication ${bench.slot}`)),
        wayOut: () => dropSlot(bench),
      }),
  },
  {
    name: 'table taken out of the publication',
    outcome: 'named',
    needs: ['filtered publication'],
    async strike(bench) {
      const { worker, history } = bench
      await bench.running()
      await untilStreamed(bench.postgres, bench.slot)
      // It is noticed by comparing with the look before.
      await delay(5 * LOOK_MS)
      bench.mayFail = true
      await bench.postgres.query(`alter publication ${bench.slot} drop table t0`)
      const said = await waitFor('the source to name the table', async () => {
        const { tasks, trace } = await worker.states('source')
        return tasks[0] === 'FAILED' && trace
      })
      if (!/"public"."t0" were taken out of the publication "faults"/.test(said)) {
        history.trouble(`A table out of the publication: the status says ${said}`)
      }
      await readTablesAnew(bench, 'table out of the publication', null)
      bench.mayFail = false
    },
  },
  {
    name: 'failover to a standby that has the slot (slot.failover=true)',
    outcome: 'survived',
    needs: ['standby', 'failover slot'],
    async strike(bench) {
      await waitFor('the slot to be on the standby', async () => {
        if (bench.postgres === bench.standby) return true
        // Slots are copied once their position is one that the standby has, too.
        await bench.postgres.query('select pg_log_standby_snapshot()')
        const slots = await bench.standby!.query(`select from pg_replication_slots where synced and not temporary and slot_name = '${bench.slot}'`) // prettier-ignore
        return slots.length === 1
      })
      await promoteStandby(bench)
    },
  },
  {
    name: 'failover to a standby without the slot',
    outcome: 'named',
    needs: ['standby', 'no failover slot'],
    strike: (bench) =>
      namedAndRead(bench, {
        reason: 'failover without slot',
        trace: /slot "faults" does not exist any more/,
        provoke: () => promoteStandby(bench),
      }),
  },
]
