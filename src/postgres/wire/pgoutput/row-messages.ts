import { isPlainJson } from '../../../api/json/json-string.ts'
import type { Cursor } from '../cursor.ts'
import { ProtocolError } from '../protocol-error.ts'
import { NULL_COLUMN, type Tuple, UNCHANGED_TOAST } from '../tuple.ts'

const UPPER_K = 75
const UPPER_N = 78
const UPPER_O = 79
const LOWER_N = 110
const LOWER_T = 116
const LOWER_U = 117

/** Longer rows are not looked at: their values are looked at and copied one by one in as little time. */
const MOST_PLAIN_BYTES = 1024

/** What an update or delete tells of the old row. */
export type OldRow = 'none' | 'key' | 'full'

/** `I`, after the relation's oid. */
export function readInsert(cursor: Cursor, after: Tuple): void {
  if (cursor.uint8() !== UPPER_N) throw new ProtocolError('an insert without a row')
  readTuple(cursor, after)
}

/** `U`, after the relation's oid. `before` is filled unless the answer is `none`. */
export function readUpdate(cursor: Cursor, before: Tuple, after: Tuple): OldRow {
  let kind = cursor.uint8()
  let old: OldRow = 'none'
  if (kind === UPPER_K || kind === UPPER_O) {
    old = kind === UPPER_K ? 'key' : 'full'
    readTuple(cursor, before)
    kind = cursor.uint8()
  }
  if (kind !== UPPER_N) throw new ProtocolError('an update without a new row')
  readTuple(cursor, after)
  return old
}

/** `D`, after the relation's oid. */
export function readDelete(cursor: Cursor, before: Tuple): OldRow {
  const kind = cursor.uint8()
  if (kind !== UPPER_K && kind !== UPPER_O) throw new ProtocolError('a delete without an old row')
  readTuple(cursor, before)
  return kind === UPPER_K ? 'key' : 'full'
}

/** `T`: the oids of the tables that were emptied together. */
export function readTruncate(cursor: Cursor): readonly number[] {
  const count = cursor.uint32()
  cursor.uint8() // CASCADE, RESTART IDENTITY: nothing that a copy of the data could follow
  cursor.need(count * 4)
  return Array.from({ length: count }, () => cursor.uint32())
}

function readTuple(cursor: Cursor, tuple: Tuple): void {
  const columns = tuple.starts.length
  if (cursor.uint16() !== columns) {
    throw new ProtocolError(`a row that does not have the ${columns} columns of its relation`)
  }
  const { bytes, view, end } = cursor
  const { starts, ends } = tuple
  let at = cursor.at
  let isPlain = end - at <= MOST_PLAIN_BYTES
  tuple.bytes = bytes
  for (let i = 0; i < columns; i++) {
    const kind = at < end ? bytes[at++]! : 0
    if (kind === LOWER_T) {
      if (at + 4 > end) throw new ProtocolError('a row ends too early')
      const length = view.getInt32(at)
      at += 4
      if (length < 0 || at + length > end) throw new ProtocolError('a row ends too early')
      isPlain &&= isPlainJson(view, at, at + length)
      starts[i] = at
      ends[i] = at += length
    } else if (kind === LOWER_N) {
      starts[i] = ends[i] = NULL_COLUMN
    } else if (kind === LOWER_U) {
      starts[i] = ends[i] = UNCHANGED_TOAST
    } else {
      throw new ProtocolError(`a column of kind 0x${kind.toString(16)}`)
    }
  }
  tuple.plain = isPlain ? view : null
  cursor.at = at
}
