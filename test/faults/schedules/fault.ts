import type { Dice } from '../ledger.ts'
import type { Bench } from './bench.ts'
import type { Need } from './run-plan.ts'

export interface Fault {
  /** Completes "3 times: …", as the table of docs/reliability.md has it. */
  readonly name: string
  /**
   * `survived`: nobody has to do anything. `named`: something is lost or cannot be known, so the status says what, and the
   * way out that the documentation tells works; the fault itself looks to that.
   */
  readonly outcome: 'survived' | 'named'
  readonly needs?: readonly Need[]
  /** Only with this log. */
  readonly log?: 'embedded' | 'kafka'
  /** Resolves when it is over. */
  strike(bench: Bench, dice: Dice): Promise<void>
}
