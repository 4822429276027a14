import type { Tuple } from '../wire/tuple.ts'

/**
 * Turns the changes of one relation version into records of the batch under way. Made once per relation version by
 * `createRelationEmitter`; the position is the `ChangePosition` that it was made with. Tuples are only read during the call.
 * Throws `DataError` for a value that cannot be represented; then nothing of the change was written.
 */
export interface RelationEmitter {
  /** A row of a snapshot. */
  read(row: Tuple): void
  insert(after: Tuple): void
  /** @param before what the replica identity sent: the old key, the whole old row, or nothing */
  update(before: OldTuple | null, after: Tuple): void
  delete(before: OldTuple | null): void
  truncate(): void
}

export interface OldTuple {
  /** `key`: only the columns of the replica identity are there. `full`: all columns (REPLICA IDENTITY FULL). */
  readonly kind: 'key' | 'full'
  readonly tuple: Tuple
}
