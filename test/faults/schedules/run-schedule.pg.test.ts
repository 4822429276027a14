import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { Dice } from '../ledger.ts'
import { planRun } from './plan-run.ts'
import { runSchedule } from './run-schedule.ts'

/** For each of the runs; `npm run faults` has the large dose, with other servers. */
const MINUTES = 0.1
/** As with all random values, CI looks at the same each time. */
const fresh = process.env['CI'] === 'true' ? 12 : new Dice().seed

for (const [what, seed] of [
  ['a seed that is always the same', 13],
  ['another seed', fresh],
] as const) {
  it(`work and faults of ${what}: nothing is lost, wrong or twice`, async (t) => {
    t.diagnostic(`npm run faults -- --seed ${seed} --minutes ${MINUTES}`)
    const directory = await mkdtemp(join(tmpdir(), 'tailrace-faults-'))
    const lacking = ['elasticsearch', 'standby', 'disk'] as const
    const planned = planRun({ seed, minutes: MINUTES, log: 'embedded', isSurvived: true, lacking })
    const plan = { ...planned, rows: 200 }
    t.diagnostic(plan.faults.map(({ name }) => name).join(', '))
    const { violations, historyFile, changes } = await runSchedule(plan, directory)
    t.diagnostic(`${changes} changes`)
    // What failed is kept to be looked at.
    assert.deepEqual(violations.slice(0, 10), [], `seed ${seed}, history ${historyFile}`)
    await rm(directory, { recursive: true })
  })
}
