import type { PositionRecords } from '../envelope/position-records.ts'
import type { SourceBatchBuilder } from '../envelope/source-batch-builder.ts'
import type { TransactionOrder } from '../envelope/transaction-order.ts'

const NONE: ReadonlyMap<string, number> = new Map()
/** About what such a record holds. */
const RECORD_BYTES = 512

/** Writes where transactions begin and end, with `provide.transaction.metadata`. */
export class TransactionMarks {
  readonly #order: TransactionOrder
  readonly #records: PositionRecords
  readonly #batch: SourceBatchBuilder
  /** Of the transaction of which a part was delivered before. */
  readonly #deliveredCounts: ReadonlyMap<string, number>

  constructor(
    order: TransactionOrder,
    output: { readonly records: PositionRecords; readonly batch: SourceBatchBuilder },
    deliveredCounts: ReadonlyMap<string, number>,
  ) {
    this.#order = order
    this.#records = output.records
    this.#batch = output.batch
    this.#deliveredCounts = deliveredCounts
    // An offset that is handed over before the transaction comes once more still has them.
    order.begin(deliveredCounts)
  }

  /** @param isContinued a part of it was delivered before, and its beginning with that */
  begin(isContinued: boolean): void {
    this.#order.begin(isContinued ? this.#deliveredCounts : NONE)
    if (!isContinued) this.#batch.add([this.#records.transactionBegin()], RECORD_BYTES)
  }

  end(): void {
    this.#batch.add([this.#records.transactionEnd(this.#order.counts)], RECORD_BYTES)
    this.#order.begin(NONE)
  }
}
