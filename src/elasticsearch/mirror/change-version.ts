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
 * it. The last commit before its own, which the source gives in `source.sequence`, does.
 */
export function changeVersion({ lsn, sequence }: Pick<Change, 'lsn' | 'sequence'>): ChangeVersion | null {
  if (lsn === null || !/^\d+$/.test(lsn)) return null
  const version = BigInt(lsn)
  // `["123","124"]`, as text or with its quotes escaped.
  const last = sequence === null ? null : /^"?\[(?:null|\\?"(\d+)\\?")/.exec(sequence)
  if (last === null) return { version, isFirst: false }
  if (last[1] === undefined) return { version, isFirst: true }
  const lastCommit = BigInt(last[1])
  return { version: lastCommit > version ? lastCommit : version, isFirst: false }
}
