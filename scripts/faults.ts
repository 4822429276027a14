// npm run faults -- [--seed N] [--runs N] [--minutes M] [--log embedded|kafka] [--only FAULT,…] [--without SERVER,…] [--record]:
// random work and, at random moments, faults; then all that was committed is looked for. A run that fails is made smaller
// (--attempts) and kept, with its history. --record adds runs that went well to docs/reliability.json and its page.
import { parseArgs } from 'node:util'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FAULTS } from '../test/faults/schedules/fault-catalogue.ts'
import { planRun } from '../test/faults/schedules/plan-run.ts'
import { reducePlan } from '../test/faults/schedules/reduce-plan.ts'
import { recordResult } from '../test/faults/schedules/results.ts'
import type { Need, RunPlan } from '../test/faults/schedules/run-plan.ts'
import { runSchedule } from '../test/faults/schedules/run-schedule.ts'
import { missingForSmallDisk } from '../test/servers/small-disk.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    runs: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1' },
    log: { type: 'string', default: 'embedded' },
    only: { type: 'string', default: '' },
    without: { type: 'string', default: '' },
    attempts: { type: 'string', default: '6' },
    record: { type: 'boolean', default: false },
    history: { type: 'string', default: join(tmpdir(), 'tailrace-faults') },
  },
})
const { log } = values
const firstSeed = Number(values.seed ?? Date.now() % 1_000_000)
const [runs, minutes, attempts] = [values.runs, values.minutes, values.attempts].map(Number) as [number, number, number] // prettier-ignore
if (
  (log !== 'embedded' && log !== 'kafka') ||
  ![firstSeed, runs, attempts].every(Number.isSafeInteger) ||
  !(minutes > 0)
) {
  console.error(
    'Usage: npm run faults -- [--seed N] [--runs N] [--minutes M] [--log embedded|kafka] [--only FAULT,…] [--without elasticsearch,standby,disk] [--attempts N] [--record]\n' +
      `FAULT is a part of a name:\n${FAULTS.map(({ name }) => `  ${name}`).join('\n')}`,
  )
  process.exit(2)
}
// Servers and mounts of a run go with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
const only = values.only.split(',').filter((part) => part !== '')
const without = values.without.split(',') as Need[]
const lacking: Need[] = missingForSmallDisk() === null ? without : [...without, 'disk']

for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
  const plan = planRun({ seed, minutes, log, only, lacking })
  console.log(`seed ${seed}, ${log}: ${plan.faults.map(({ name, atMs }) => `${Math.round(atMs / 1000)} s ${name}`).join('; ')}`) // prettier-ignore
  if (!(await fails(plan))) continue
  const smaller = await reducePlan(plan, fails, attempts)
  console.log(`This still fails:\n${JSON.stringify(smaller, null, 1)}`)
  process.exit(1)
}
process.exit(0)

async function fails(plan: RunPlan): Promise<boolean> {
  const result = await runSchedule(plan, values.history)
  const { violations, changes, records, documents, historyFile } = result
  console.log(`${violations.length} violations, ${changes} changes, ${records} records, ${documents} documents: ${historyFile}`) // prettier-ignore
  for (const { checker, where, what } of violations.slice(0, 10))
    console.log(`✖ ${checker}: ${where}: ${what}`)
  if (violations.length === 0 && values.record) recordResult(result)
  return violations.length > 0
}
