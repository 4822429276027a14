import { Dice } from '../ledger.ts'
import type { Fault } from './fault.ts'
import { FAULTS } from './fault-catalogue.ts'
import type { Need, PlannedFault, RunPlan } from './run-plan.ts'

export interface PlanOptions {
  readonly seed: number
  readonly minutes: number
  readonly log: RunPlan['log']
  /** Parts of names: only such faults. */
  readonly only?: readonly string[]
  /** Only faults after which nobody has to do anything. */
  readonly isSurvived?: boolean
  /** What this machine cannot have. */
  readonly lacking?: readonly Need[]
}

const BETWEEN_MS = 7000

/** Decides by the seed alone what is done when. Of the faults that must be named there is one at most, and it is the last. */
export function planRun(options: PlanOptions): RunPlan {
  const { seed, minutes, log, only = [], isSurvived = false, lacking = [] } = options
  const dice = new Dice(seed)
  const workMs = minutes * 60_000
  const isPossible = ({ name, needs = [], log: onlyLog = log }: Fault): boolean =>
    onlyLog === log &&
    !needs.some((need) => lacking.includes(need)) &&
    (only.length === 0 || only.some((part) => name.includes(part)))
  const possible = FAULTS.filter(isPossible)
  if (possible.length === 0) throw new Error('None of the faults can be on this machine, with this log')
  const named = isSurvived ? [] : possible.filter(({ outcome }) => outcome === 'named')
  const survived = possible.filter(({ outcome }) => outcome === 'survived')
  const last = named.length > 0 && (survived.length === 0 || dice.below(3) === 0) ? dice.pick(named) : null
  const faults: PlannedFault[] = []
  // What two faults need may exclude each other: who comes first has what he needs.
  const needs = new Set(last?.needs ?? [])
  const fitting = survived.filter((fault) => fits(fault, needs))
  for (
    let atMs = dice.below(BETWEEN_MS);
    atMs < workMs && fitting.length > 0;
    atMs += 500 + dice.below(2 * BETWEEN_MS)
  ) {
    const fault = dice.pick(fitting.filter((one) => fits(one, needs)))
    for (const need of fault.needs ?? []) needs.add(need)
    faults.push({ name: fault.name, atMs, seed: dice.below(1e9) })
  }
  if (last !== null) faults.push({ name: last.name, atMs: workMs, seed: dice.below(1e9) })
  const isFiltered =
    needs.has('filtered publication') || (!needs.has('publication for all') && dice.below(2) === 0)
  return {
    seed,
    log,
    workMs,
    needs: [...needs],
    exactlyOnce: dice.below(2) === 0,
    rows: dice.pick([0, 100, 3000, 15_000]),
    isFromSnapshot: dice.below(2) === 0,
    truncates: needs.has('elasticsearch'),
    source: {
      'publication.autocreate.mode': isFiltered ? 'filtered' : 'all_tables',
      ...(isFiltered && { 'snapshot.new.tables': 'auto' }),
      'catch.up.threshold.bytes': dice.pick(['0', '100000', '64000000']),
      'snapshot.max.threads': dice.pick(['1', '2']),
    },
    faults,
  }
}

const EXCLUDING: readonly (readonly [Need, Need])[] = [
  ['filtered publication', 'publication for all'],
  ['failover slot', 'no failover slot'],
]

function fits({ needs = [] }: Fault, taken: ReadonlySet<Need>): boolean {
  return !EXCLUDING.some(
    ([one, other]) => (needs.includes(one) && taken.has(other)) || (needs.includes(other) && taken.has(one)),
  )
}
