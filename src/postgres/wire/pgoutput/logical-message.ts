import type { Cursor } from '../cursor.ts'

/** `M`: what was passed to `pg_logical_emit_message`. */
export interface LogicalMessage {
  /** Sent with its transaction, when that has committed; otherwise at once, outside of any. */
  readonly isTransactional: boolean
  readonly lsn: bigint
  readonly prefix: string
  readonly content: Buffer
}

export function readLogicalMessage(cursor: Cursor): LogicalMessage {
  const isTransactional = (cursor.uint8() & 1) === 1
  const lsn = cursor.uint64()
  const prefix = cursor.text()
  const length = cursor.uint32()
  cursor.need(length)
  const content = Buffer.from(cursor.bytes.subarray(cursor.at, cursor.at + length))
  cursor.at += length
  return { isTransactional, lsn, prefix, content }
}
