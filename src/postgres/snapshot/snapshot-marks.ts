import type { SnapshotMark } from '../envelope/change-position.ts'

export interface RowPlace {
  readonly isFirstTable: boolean
  readonly isFirstRow: boolean
  readonly isLastRow: boolean
  /** No row follows, in any table. */
  readonly isLastOfAll: boolean
}

/**
 * The mark of a row. Where several fit, the last row of all comes before the first of all, and the last of a table before
 * the first of it. Where the first table is empty, no row is marked `first`; the last row is always marked `last`.
 */
export function snapshotMark(place: RowPlace): SnapshotMark {
  if (place.isLastOfAll) return 'last'
  if (place.isFirstRow && place.isFirstTable) return 'first'
  if (place.isLastRow) return 'last_in_data_collection'
  return place.isFirstRow ? 'first_in_data_collection' : 'true'
}
