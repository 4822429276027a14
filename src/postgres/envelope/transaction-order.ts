import type { ChangePosition } from './change-position.ts'
import { JavaKeyOrder } from '../../api/java/java-key-order.ts'

/** Counts the changes of the transaction at hand, of all tables and of each, for `provide.transaction.metadata`. */
export class TransactionOrder {
  readonly #position: ChangePosition
  readonly #counts = new Map<string, number>()
  readonly #keyOrder = new JavaKeyOrder()

  constructor(position: ChangePosition) {
    this.#position = position
  }

  /** How many changes there were, by table (`schema.table`). */
  get counts(): ReadonlyMap<string, number> {
    return new Map(this.#keyOrder.of(this.#counts.keys()).map((table) => [table, this.#counts.get(table)!]))
  }

  /** A transaction begins. @param counts of the part that was delivered before */
  begin(counts: ReadonlyMap<string, number>): void {
    this.#counts.clear()
    this.#position.totalOrder = 0
    for (const [table, count] of counts) {
      this.#counts.set(table, count)
      this.#position.totalOrder += count
    }
  }

  /** The next change is one of this table. */
  next(table: string): void {
    const count = (this.#counts.get(table) ?? 0) + 1
    this.#counts.set(table, count)
    this.#position.totalOrder++
    this.#position.collectionOrder = count
  }
}
