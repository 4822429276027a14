import {
  findField,
  firstName,
  isName,
  nextName,
  skipSpace,
  stringEnd,
  valueEnd,
} from '../documents/json-walk.ts'

const QUOTE = 0x22
const AFTER = Buffer.from('after')
const SOURCE = Buffer.from('source')
const LSN = Buffer.from('lsn')
const SEQUENCE = Buffer.from('sequence')
const OP = Buffer.from('op')

/** What `scanEnvelope` found: places in the bytes. Reused: one object for all records of a batch. */
export class EnvelopePlaces {
  /** The letter of `op`, 0 where there is none. */
  op = 0
  /** The row, -1 where there is none or it is null. */
  afterStart = -1
  afterEnd = -1
  /** The digits of `source.lsn`, -1 where there are none. */
  lsnStart = -1
  lsnEnd = -1
  /** The JSON of `source.sequence`, -1 where there is none. */
  sequenceStart = -1
  sequenceEnd = -1
}

/**
 * Finds the parts of one of Debezium's envelopes without parsing it.
 *
 * @param bytes in `[start, end)` a well-formed JSON object: `scanJsonObject` has accepted it
 */
export function scanEnvelope(bytes: Uint8Array, start: number, end: number, places: EnvelopePlaces): void {
  places.op = 0
  places.afterStart = places.afterEnd = places.lsnStart = places.lsnEnd = -1
  places.sequenceStart = places.sequenceEnd = -1
  for (let at = firstName(bytes, start, end); at >= 0;) {
    const nameEnd = stringEnd(bytes, at)
    const value = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1)
    const next = valueEnd(bytes, value)
    if (isName(bytes, at, nameEnd, AFTER)) {
      const isRow = bytes[value] === 0x7b
      places.afterStart = isRow ? value : -1
      places.afterEnd = isRow ? next : -1
    } else if (isName(bytes, at, nameEnd, OP)) {
      places.op = bytes[value] === QUOTE && next === value + 3 ? bytes[value + 1]! : 0
    } else if (isName(bytes, at, nameEnd, SOURCE) && bytes[value] === 0x7b) {
      findPosition(bytes, value, next, places)
    }
    at = nextName(bytes, next)
  }
}

function findPosition(bytes: Uint8Array, start: number, end: number, places: EnvelopePlaces): void {
  const lsn = findField(bytes, [start, end], LSN)
  if (lsn !== null && isDigit(bytes[lsn[0]]!)) [places.lsnStart, places.lsnEnd] = lsn
  const sequence = findField(bytes, [start, end], SEQUENCE)
  if (sequence !== null) [places.sequenceStart, places.sequenceEnd] = sequence
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
