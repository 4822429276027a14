import type { Cursor } from '../cursor.ts'

/** From 1970, where tailrace counts, to 2000, where PostgreSQL does. */
const EPOCH_SHIFT_US = 946_684_800_000_000n

/** `B`: a transaction begins. pgoutput sends it only once the transaction has committed. */
export interface BeginMessage {
  /** Where its commit record starts: transactions arrive in the order of these. */
  readonly finalLsn: bigint
  /** Microseconds since 1970. */
  readonly commitTimeUs: bigint
  /** The 32 bits that WAL knows of the transaction's id. */
  readonly xid: number
}

export function readBegin(cursor: Cursor): BeginMessage {
  return { finalLsn: cursor.uint64(), commitTimeUs: cursor.int64() + EPOCH_SHIFT_US, xid: cursor.uint32() }
}

/** `C`: the transaction is complete. */
export interface CommitMessage {
  readonly commitLsn: bigint
  /** The end of its commit record: what is acknowledged once the transaction is durable. */
  readonly endLsn: bigint
  readonly commitTimeUs: bigint
}

export function readCommit(cursor: Cursor): CommitMessage {
  cursor.uint8() // flags, none defined
  return {
    commitLsn: cursor.uint64(),
    endLsn: cursor.uint64(),
    commitTimeUs: cursor.int64() + EPOCH_SHIFT_US,
  }
}

/** Now, as PostgreSQL writes times: microseconds since 2000. */
export function postgresTime(nowMs: number): bigint {
  return BigInt(Math.trunc(nowMs)) * 1000n - EPOCH_SHIFT_US
}
