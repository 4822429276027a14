import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describeError } from '../../../src/api/errors.ts'
import { untilStreamed } from '../../servers/streaming.ts'
import { waitFor } from '../../wait-for.ts'
import { Dice } from '../ledger.ts'
import { Bench } from './bench.ts'
import { checkHistory } from './check-history.ts'
import { collect, recordsOf, type Place } from './collect.ts'
import { committedRecords } from './committed-records.ts'
import { faultNamed } from './fault-catalogue.ts'
import { HistoryFile } from './history-file.ts'
import { History, type Violation } from './history.ts'
import type { PlannedFault, RunPlan } from './run-plan.ts'
import { settle } from './settle.ts'
import { Watcher } from './watcher.ts'

export interface RunResult {
  readonly plan: RunPlan
  /** Where all that happened is written down. */
  readonly historyFile: string
  readonly violations: readonly Violation[]
  readonly changes: number
  readonly records: number
  readonly documents: number
}

/** Runs a plan and judges it. */
export async function runSchedule(plan: RunPlan, directory: string): Promise<RunResult> {
  await mkdir(directory, { recursive: true })
  const historyFile = join(directory, `${plan.log}-${plan.seed}.jsonl`)
  {
    await using history = new HistoryFile(historyFile)
    history.note(`plan ${JSON.stringify(plan)}`)
    await live(plan, history)
  }
  const mayRepeat = plan.log === 'kafka' && !plan.exactlyOnce
  const history = await History.read(historyFile, { mayRepeat })
  const counted = (kind: 'change' | 'record' | 'document'): number => history.of(kind).length
  const violations = checkHistory(history)
  return { plan, historyFile, violations, changes: counted('change'), records: counted('record'), documents: counted('document') } // prettier-ignore
}

/** From nothing to the end of the story. What goes wrong with a server is trouble like any other. */
async function live(plan: RunPlan, history: HistoryFile): Promise<void> {
  await using bench = await Bench.start(plan, history)
  await bench.workload.createTables(3)
  await bench.workload.fill(plan.rows)
  await bench.findTables()
  await bench.createConnectors()
  const watcher = new Watcher(bench)
  bench.workload.start()
  const streamed = untilStreamed(bench.postgres, bench.slot).then(() => (bench.workload.altersTables = true))
  if (!plan.isFromSnapshot) await streamed
  // Faults that come before may keep it away for long; then there is no DDL.
  streamed.catch(() => {})
  history.note('all is ready')
  try {
    const ordinary = plan.faults.filter(({ name }) => faultNamed(name).outcome === 'survived')
    await Promise.all([delay(plan.workMs), ...ordinary.map((fault) => strike(bench, fault))])
    for (const fault of plan.faults) if (!ordinary.includes(fault)) await strike(bench, { ...fault, atMs: 0 })
    await bench.workload.stop()
    await settle(bench)
  } catch (error) {
    history.trouble(`${describeError(error)}; ${await stateOf(bench)}`)
  }
  await bench.workload.stop()
  await watcher.stop()
  try {
    await waitFor('PostgreSQL', async () => (await bench.findTables()).length > 0)
    const { postgres, searchUrl, topicOf } = bench
    await collect({ postgres, records: recordsThatCount(bench), searchUrl, topicOf }, history)
  } catch (error) {
    history.trouble(`What there is could not be read: ${describeError(error)}`)
  }
  history.note(`The worker wrote at last: ${bench.worker.output.slice(-20_000)}`)
}

/** Without transactions all that is in a topic counts. */
function recordsThatCount({ plan, kafka, worker }: Bench): Place['records'] {
  return plan.log === 'kafka' && plan.exactlyOnce
    ? (topic) => committedRecords(kafka, topic)
    : (topic) => recordsOf(worker, topic)
}

async function strike(bench: Bench, { name, atMs, seed }: PlannedFault): Promise<void> {
  await delay(atMs)
  bench.history.note(`begins: ${name}`)
  try {
    await faultNamed(name).strike(bench, new Dice(seed))
    bench.history.note(`is over: ${name}`)
  } catch (error) {
    bench.history.trouble(`${name}: ${describeError(error)}`)
  }
}

async function stateOf({ worker }: Bench): Promise<string> {
  try {
    const states = await Promise.all(['source', 'sink'].map((name) => worker.states(name)))
    return JSON.stringify(states)
  } catch (error) {
    return `no state: ${describeError(error)}`
  }
}
