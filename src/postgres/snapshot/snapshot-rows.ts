import type { ChangePosition } from '../envelope/change-position.ts'
import { nowUs } from '../source-session.ts'
import { CopyRowReader } from '../wire/copy-row.ts'
import { HeldRow } from './held-row.ts'
import { snapshotMark } from './snapshot-marks.ts'
import type { SnapshotProgress } from './snapshot-progress.ts'
import type { TableChunk, TableCopy } from './table-copy.ts'

export interface SnapshotRowsListener {
  /** All rows of one of its chunks are emitted. */
  chunkDone(table: TableCopy): void
  /** All of its rows were read; the last one may wait until it is known whether it is the last of all. */
  tableRead(table: TableCopy, rows: number): void
  /** All rows of all its chunks are emitted. */
  tableDone(table: TableCopy): void
}

/**
 * Emits rows with their marks and notes what is done. The last row of a chunk is parked with its table until another one
 * of the table comes, and the last row of a table until one of another table does. A chunk counts as done only when its
 * last row is emitted: the offset that says so goes with the batch that has it.
 */
export class SnapshotRows {
  readonly #position: ChangePosition
  readonly #progress: SnapshotProgress
  readonly #listener: SnapshotRowsListener
  readonly #reader = new CopyRowReader()
  /** Tables come in no order: the very first row is marked so, whatever its table. */
  isParallel = false
  #isBegun = false
  /** Of the last table that is read. */
  readonly #last = new HeldRow()
  #parked = 0
  /** Ask for the time once for all rows that came in one piece. */
  #isClockStale = true

  constructor(position: ChangePosition, progress: SnapshotProgress, listener: SnapshotRowsListener) {
    this.#position = position
    this.#progress = progress
    this.#listener = listener
  }

  /** A row of the table is there: what is parked is not the last one. */
  before(table: TableCopy): void {
    if (this.#parked === 0) return
    if (this.#last.chunk !== null) this.#emitParked(this.#last, true, false)
    if (table.parked.chunk !== null) this.#emitParked(table.parked, false, false)
  }

  /** Another row of its chunk follows. */
  emit(row: HeldRow): void {
    this.#emit(row, false, false)
  }

  drained(): void {
    this.#isClockStale = true
  }

  /** @param held the chunk's last row, if it has any */
  chunkRead(chunk: TableChunk, held: HeldRow): void {
    const { table } = chunk
    table.unread--
    const isEmpty = held.chunk === null
    if (!isEmpty) {
      if (table.parked.chunk !== null) this.#emitParked(table.parked, false, false)
      table.parked.take(held)
      this.#parked++
    }
    if (table.unread === 0)
      this.#listener.tableRead(table, table.rows + (table.parked.chunk === null ? 0 : 1))
    if (isEmpty) this.#chunkDone(chunk)
    if (table.unread > 0 || table.parked.chunk === null) return
    if (this.#last.chunk !== null) this.#emitParked(this.#last, true, false)
    this.#last.take(table.parked)
  }

  /** There are no more rows. */
  end(): void {
    if (this.#last.chunk !== null) this.#emitParked(this.#last, true, true)
  }

  #emitParked(row: HeldRow, isLastRow: boolean, isLastOfAll: boolean): void {
    const chunk = row.chunk!
    this.#emit(row, isLastRow, isLastOfAll)
    row.clear()
    this.#parked--
    this.#chunkDone(chunk)
  }

  #emit(row: HeldRow, isLastRow: boolean, isLastOfAll: boolean): void {
    const { table } = row.chunk!
    const { emitter, tuple } = table.output!
    const position = this.#position
    if (this.#isClockStale) {
      this.#isClockStale = false
      position.processedTimeUs = nowUs()
    }
    this.#reader.read(row.bytes, row.start, row.end, tuple)
    const isFirstRow = table.rows++ === 0 && !table.isContinued
    position.snapshot =
      isFirstRow || isLastRow
        ? snapshotMark({
            isFirstTable: this.isParallel ? !this.#isBegun : table.isFirst,
            isLastOfAll,
            isFirstRow,
            isLastRow,
          })
        : 'true'
    this.#isBegun = true
    emitter.read(tuple)
  }

  #chunkDone({ table, chunk }: TableChunk): void {
    const { relation, files } = table
    table.undone--
    this.#listener.chunkDone(table)
    if (table.undone === 0) {
      this.#progress.tableDone(relation.oid)
      this.#listener.tableDone(table)
    } else if (chunk.kind === 'blocks') this.#progress.rangeDone(relation.oid, files, chunk.range)
  }
}
