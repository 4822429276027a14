import type { PostgresOptions } from '../options/postgres-options.ts'
import { positionLost } from '../wire/failure.ts'
import { formatLsn } from '../wire/lsn.ts'
import type { SlotState } from './slot.ts'
import { doneUpTo, type SnapshotOffset, type SourceOffset } from './source-offset.ts'

/** What a start finds on the server. */
export interface ServerPosition {
  /** Null: there is no slot of that name. */
  readonly slot: SlotState | null
  /** Where the server's WAL ends now. */
  readonly walLsn: bigint
  /** Where its history leaves the one that the offset was read from; null: it has all of it. */
  readonly forkLsn: bigint | null
}

/**
 * `snapshot`: read the tables first; `resume` is where an interrupted snapshot was, if it can go on. `stream`: go on at the offset. `stream-slot`: there is no offset; go on where the slot
 * is, or from now on with a new one.
 */
export type StartPlan =
  | { readonly kind: 'snapshot'; readonly resume: SnapshotOffset | null }
  /** `isMoved`: to where the slot is, past changes that nobody has. */
  | { readonly kind: 'stream'; readonly offset: SourceOffset; readonly isMoved: boolean }
  | { readonly kind: 'stream-slot' }

/** Decides how a task starts. Throws `postgres.position-lost` where going on would leave changes out. */
export function planStart(
  offset: SourceOffset | null,
  server: ServerPosition,
  options: PostgresOptions,
): StartPlan {
  const { data, onLostPosition, thenStream } = options.snapshotPolicy
  const resume = resumable(offset, server, options)
  if (data === 'always') return { kind: 'snapshot', resume }
  if (offset === null || (offset.kind === 'snapshot' && !offset.isCompleted)) {
    return data === 'never' ? { kind: 'stream-slot' } : { kind: 'snapshot', resume }
  }
  const problem = thenStream ? positionProblem(offset, server, options.slotName) : null
  if (problem === null) return { kind: 'stream', offset, isMoved: false }
  const moved = options.isSlotTrusted ? atSlot(offset, server) : null
  if (moved !== null) return { kind: 'stream', offset: moved, isMoved: true }
  if (onLostPosition) return { kind: 'snapshot', resume: null }
  throw positionLost(offset.lsn, problem)
}

/**
 * The snapshot that is not complete, if what was read since can be made up for by the stream: the slot must still be
 * where the snapshot began. Without streaming, a snapshot in two parts would be one of no moment at all.
 */
function resumable(
  offset: SourceOffset | null,
  server: ServerPosition,
  { snapshotResume, snapshotPolicy, slotName }: PostgresOptions,
): SnapshotOffset | null {
  if (offset?.kind !== 'snapshot' || offset.isCompleted || offset.progress === null) return null
  if (!snapshotResume || !snapshotPolicy.thenStream) return null
  return positionProblem(offset, server, slotName) === null ? offset : null
}

/** Where a slot that is trusted goes on beyond the offset; null where that is not what is wrong. */
function atSlot(offset: SourceOffset, { slot, walLsn }: ServerPosition): SourceOffset | null {
  if (slot === null || slot.isLost) return null
  const lsn = slot.confirmedFlushLsn
  if (lsn <= offset.lsn || lsn > walLsn) return null
  return {
    kind: 'stream',
    lsn,
    commitLsn: lsn,
    sequenceLsn: null,
    messageType: 'COMMIT',
    txId: null,
    timeUs: null,
    changesAtLsn: null,
    snapshotHolds: null,
    transactionCounts: new Map(),
  }
}

/** Settings of the server that take a slot away, by what it says of the slot. */
const LOST_BECAUSE: Readonly<Record<string, string>> = {
  wal_removed: 'the server removed WAL that it needs (max_slot_wal_keep_size)',
  idle_timeout: 'nobody streamed from it for too long (idle_replication_slot_timeout)',
  rows_removed: 'rows that it needs were removed on the primary (hot_standby_feedback was off)',
  wal_level_insufficient: 'the primary does not write what logical decoding needs (wal_level)',
}

/** Why the stream cannot go on at this offset, or null. */
export function positionProblem(
  offset: SourceOffset,
  { slot, walLsn, forkLsn }: ServerPosition,
  slotName: string,
): string | null {
  if (slot === null) return `the replication slot "${slotName}" does not exist any more`
  if (slot.isLost) {
    const reason = LOST_BECAUSE[slot.lostReason ?? 'wal_removed'] ?? slot.lostReason
    return `the replication slot "${slotName}" is lost: ${reason}`
  }
  const done = offset.kind === 'stream' ? doneUpTo(offset) : 0n
  const reached = offset.lsn > done ? offset.lsn : done
  if (slot.confirmedFlushLsn > reached) {
    return `the replication slot "${slotName}" was moved on to ${formatLsn(slot.confirmedFlushLsn)} by something else`
  }
  if (forkLsn !== null && reached > forkLsn) {
    return (
      `the server went on at ${formatLsn(forkLsn)}, before what was read already: a standby was promoted that had not received ` +
      'all, or the server was restored from a backup'
    )
  }
  // The server would wait in silence until its WAL gets there, and leave out all before it.
  if (reached > walLsn) {
    return `the WAL of the server ends at ${formatLsn(walLsn)}: it is another server, or was restored from a backup`
  }
  return null
}
