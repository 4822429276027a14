import type { Change } from './envelope.ts'

/** Where a change stands among all of its database. */
export interface ChangeVersion {
  /** Higher than that of every change that was committed before; equal or higher within a transaction. */
  readonly version: bigint
  /** No commit is known before this one: it may have been written before the snapshot that does not show it. */
  readonly isFirst: boolean
}

/**
 * The version of a change by its position in PostgreSQL's log; null: it has none. The position of a row's record does
 * not order changes by itself: a transaction may write before another one commits, or before a snapshot, and commit after
 * it. The last commit before its own, which the source gives in `source.sequence`, does. A row that an incremental snapshot
 * read has no position but that one: it is as new as what was streamed before it.
 */
export function changeVersion({ lsn, sequence }: Pick<Change, 'lsn' | 'sequence'>): ChangeVersion | null {
  const own = lsn !== null && /^\d+$/.test(lsn) ? BigInt(lsn) : null
  // `["123","124"]`, as text or with its quotes escaped.
  const positions = sequence === null ? null : SEQUENCE.exec(sequence)
  const lastCommit = positions?.[1] === undefined ? null : BigInt(positions[1])
  const last = own ?? (positions?.[2] === undefined ? null : BigInt(positions[2]))
  if (last === null) return lastCommit === null ? null : { version: lastCommit, isFirst: false }
  if (lastCommit === null) return { version: last, isFirst: positions !== null }
  return { version: lastCommit > last ? lastCommit : last, isFirst: false }
}

const SEQUENCE = /^"?\[(?:null|\\?"(\d+)\\?"),(?:null|\\?"(\d+)\\?")\]/
