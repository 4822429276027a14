import type { SnapshotMark } from '../envelope/change-position.ts'

export interface RowPlace {
  readonly isFirstTable: boolean
  readonly isLastTable: boolean
  readonly isFirstRow: boolean
  readonly isLastRow: boolean
}

/**
 * The mark of a row. Where several fit, the last row of all comes before the first of all, and the last of a table before
 * the first of it. Tables count even when they are empty: then nothing is marked `first`, or `last`.
 */
export function snapshotMark(place: RowPlace): SnapshotMark {
  if (place.isLastRow && place.isLastTable) return 'last'
  if (place.isFirstRow && place.isFirstTable) return 'first'
  if (place.isLastRow) return 'last_in_data_collection'
  return place.isFirstRow ? 'first_in_data_collection' : 'true'
}
