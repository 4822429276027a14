import { ProtocolError } from './protocol-error.ts'
import { NULL_COLUMN, type Tuple } from './tuple.ts'

const TAB = 9
const NEWLINE = 10
const QUOTE = 34
const BACKSLASH = 92
const UPPER_N = 78

/** A byte that means something between columns. */
const BETWEEN = 1
/** A byte that JSON has to escape, or Jackson does. */
const ESCAPED_IN_JSON = 2
/** What bytes are. A table, because a comparison of bytes that look random is often foreseen wrongly. */
const KIND = new Uint8Array(256).fill(ESCAPED_IN_JSON, 0, 0x20).fill(ESCAPED_IN_JSON, 0xf0)
KIND[QUOTE] = ESCAPED_IN_JSON
KIND[TAB] = KIND[BACKSLASH] = BETWEEN

/** What stands for a character after a backslash; others stand for themselves. */
const ESCAPED = new Uint8Array(256).map((_, byte) => byte)
for (const [letter, byte] of [
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
] as const) {
  ESCAPED[letter.charCodeAt(0)] = byte
}

/**
 * Reads rows of `COPY … TO STDOUT` in text form. A row without escapes stays where it is: the tuple points into the
 * message. Only a row with a backslash other than `\N` is written again, unescaped, into a buffer of the reader's own.
 */
export class CopyRowReader {
  #scratch = Buffer.allocUnsafeSlow(4096)
  #viewed: Buffer = this.#scratch
  #view: DataView = new DataView(this.#scratch.buffer)

  /** Fills the tuple from one CopyData body; it is valid as long as the bytes are, and until the next call. */
  read(bytes: Buffer, start: number, end: number, tuple: Tuple): void {
    const last = end > start && bytes[end - 1] === NEWLINE ? end - 1 : end
    const { starts, ends } = tuple
    const columns = starts.length
    tuple.bytes = bytes
    if (columns === 0) return
    let column = 0
    let columnStart = start
    let kinds = 0
    const lastFour = last - 3
    for (let at = start; at < last; at++) {
      for (; at < lastFour; at += 4) {
        const four = KIND[bytes[at]!]! | KIND[bytes[at + 1]!]! | KIND[bytes[at + 2]!]! | KIND[bytes[at + 3]!]!
        if ((four & BETWEEN) !== 0) break
        kinds |= four
      }
      if (at === last) break
      const byte = bytes[at]!
      const kind = KIND[byte]!
      kinds |= kind
      if (kind !== BETWEEN) continue
      if (byte === TAB) {
        if (column === columns - 1) throw wrongColumns(columns)
        starts[column] = columnStart
        ends[column] = at
        columnStart = at + 1
        column++
      } else {
        const isNull =
          at === columnStart && bytes[at + 1] === UPPER_N && (at + 2 === last || bytes[at + 2] === TAB)
        if (!isNull) return this.#readEscaped(bytes, start, last, tuple)
        // Marked for the end of the column: an empty column before its start.
        columnStart = NULL_COLUMN
        if (column === columns - 1) {
          if (at + 2 !== last) throw wrongColumns(columns)
          break
        }
        starts[column] = NULL_COLUMN
        ends[column] = NULL_COLUMN
        column++
        at += 2
        columnStart = at + 1
        if (at >= last) throw wrongColumns(columns)
      }
    }
    if (column !== columns - 1) throw wrongColumns(columns)
    starts[column] = columnStart
    ends[column] = columnStart === NULL_COLUMN ? NULL_COLUMN : last
    tuple.plain = (kinds & ESCAPED_IN_JSON) === 0 ? this.#viewOf(bytes) : null
  }

  /** One for all rows that lie in the same bytes. */
  #viewOf(bytes: Buffer): DataView {
    if (bytes !== this.#viewed) {
      this.#viewed = bytes
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    }
    return this.#view
  }

  #readEscaped(bytes: Buffer, start: number, last: number, tuple: Tuple): void {
    if (this.#scratch.length < last - start) {
      this.#scratch = Buffer.allocUnsafeSlow(Math.max(last - start, this.#scratch.length * 2))
    }
    const out = this.#scratch
    const { starts, ends } = tuple
    const columns = starts.length
    tuple.bytes = out
    tuple.plain = null
    let column = 0
    let written = 0
    let columnStart = 0
    let isNull = false
    for (let at = start; at <= last; at++) {
      const byte = at === last ? TAB : bytes[at]!
      if (byte === TAB) {
        if (column === columns) throw wrongColumns(columns)
        starts[column] = isNull ? NULL_COLUMN : columnStart
        ends[column] = isNull ? NULL_COLUMN : written
        column++
        columnStart = written
        isNull = false
      } else if (byte === BACKSLASH && at + 1 < last) {
        const next = bytes[++at]!
        if (next === UPPER_N && written === columnStart && (at + 1 === last || bytes[at + 1] === TAB)) {
          isNull = true
        } else {
          out[written++] = ESCAPED[next]!
        }
      } else {
        out[written++] = byte
      }
    }
    if (column !== columns) throw wrongColumns(columns)
  }
}

function wrongColumns(columns: number): ProtocolError {
  return new ProtocolError(`a COPY row that does not have ${columns} columns`)
}
