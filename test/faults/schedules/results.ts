import { readFileSync, writeFileSync } from 'node:fs'
import { withTable } from '../page-table.ts'
import { FAULTS, faultNamed } from './fault-catalogue.ts'
import type { RunResult } from './run-schedule.ts'

/** What came of runs with one log that went well; those that did not are mended, told of by hand, and run again. */
interface LogResults {
  readonly schedules: number
  readonly minutes: number
  readonly changes: number
  readonly records: number
  /** How often each fault struck. */
  readonly faults: Readonly<Record<string, number>>
}

/** `docs/reliability.json`. */
export interface Results {
  readonly embedded: LogResults
  readonly kafka: LogResults
}

const FILE = new URL('../../../docs/reliability.json', import.meta.url)
const PAGE = new URL('../../../docs/reliability.md', import.meta.url)

export function readResults(): Results {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Results
}

/** Adds a run, in the file and in the page. */
export function recordResult({ plan, changes, records }: RunResult): void {
  const results = readResults()
  const before = results[plan.log]
  const faults: Record<string, number> = { ...before.faults }
  for (const { name } of plan.faults) faults[name] = (faults[name] ?? 0) + 1
  const minutes = Math.round((before.minutes + plan.workMs / 60_000) * 10) / 10
  const after = { schedules: before.schedules + 1, minutes, changes: before.changes + changes, records: before.records + records, faults } // prettier-ignore
  const all: Results = { ...results, [plan.log]: after }
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`)
  writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), all))
}

/** The page with the tables that the results give, in place of those that it has. */
export function withTables(page: string, results: Results): string {
  return [runsTable(results), faultsTable(results)].reduce(withTable, page)
}

function runsTable(results: Results): string {
  const rows = (['embedded', 'kafka'] as const).map((log) => {
    const { schedules, minutes, changes, records, faults } = results[log]
    const struck = Object.values(faults).reduce((sum, count) => sum + count, 0)
    const shown = [schedules, minutes, struck, changes, records].map((number) =>
      number.toLocaleString('en-US'),
    )
    const outcome = schedules === 0 ? ' | | ' : `0 | 0 | ${log === 'embedded' ? '0' : '0 with transactions'}`
    return `| ${log} | ${shown.join(' | ')} | ${outcome} |\n`
  })
  return `| log | schedules | minutes of work | faults | changes committed | records | lost | wrong | twice |\n|---|---|---|---|---|---|---|---|---|\n${rows.join('')}`
}

function faultsTable(results: Results): string {
  const times = (log: keyof Results, name: string): string => {
    const { log: only = log } = faultNamed(name)
    return only === log ? String(results[log].faults[name] ?? 0) : ''
  }
  const outcomeOf = ({ name, outcome }: (typeof FAULTS)[number]): string => {
    if ((results.embedded.faults[name] ?? 0) + (results.kafka.faults[name] ?? 0) === 0) return 'not tried yet'
    return outcome === 'named' ? 'named, and read again' : 'survived'
  }
  const rows = FAULTS.map(
    (fault) =>
      `| ${fault.name} | ${times('embedded', fault.name)} | ${times('kafka', fault.name)} | ${outcomeOf(fault)} |\n`,
  )
  return `| fault | embedded log | Kafka | outcome |\n|---|---|---|---|\n${rows.join('')}`
}
