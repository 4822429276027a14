const QUOTE = 0x22
const BACKSLASH = 0x5c
const AFTER = Buffer.from('after')
const SOURCE = Buffer.from('source')
const LSN = Buffer.from('lsn')
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
}

/**
 * Finds the parts of one of Debezium's envelopes without parsing it.
 *
 * @param bytes in `[start, end)` a well-formed JSON object: `scanJsonObject` has accepted it
 */
export function scanEnvelope(bytes: Uint8Array, start: number, end: number, places: EnvelopePlaces): void {
  places.op = 0
  places.afterStart = places.afterEnd = places.lsnStart = places.lsnEnd = -1
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
      findLsn(bytes, value, next, places)
    }
    at = nextName(bytes, next)
  }
}

function findLsn(bytes: Uint8Array, start: number, end: number, places: EnvelopePlaces): void {
  for (let at = firstName(bytes, start, end); at >= 0;) {
    const nameEnd = stringEnd(bytes, at)
    const value = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1)
    const next = valueEnd(bytes, value)
    if (isName(bytes, at, nameEnd, LSN) && isDigit(bytes[value]!)) {
      places.lsnStart = value
      places.lsnEnd = next
      return
    }
    at = nextName(bytes, next)
  }
}

/** Where an object's first name begins, or -1. */
function firstName(bytes: Uint8Array, start: number, end: number): number {
  const open = skipSpace(bytes, start)
  const at = skipSpace(bytes, open + 1)
  return at < end && bytes[at] === QUOTE ? at : -1
}

/** Where the name after a value begins, or -1. */
function nextName(bytes: Uint8Array, at: number): number {
  const comma = skipSpace(bytes, at)
  return bytes[comma] === 0x2c ? skipSpace(bytes, comma + 1) : -1
}

function isName(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length + 2) return false
  for (let i = 0; i < name.length; i++) if (bytes[start + 1 + i] !== name[i]) return false
  return true
}

/** Behind the value that starts at `at`. */
function valueEnd(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!
  if (first === QUOTE) return stringEnd(bytes, at)
  if (first !== 0x7b && first !== 0x5b) return scalarEnd(bytes, at)
  let depth = 0
  for (;;) {
    const byte = bytes[at]!
    if (byte === QUOTE) {
      at = stringEnd(bytes, at)
      continue
    }
    at++
    if (byte === 0x7b || byte === 0x5b) depth++
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at
  }
}

/** Behind the string that starts at `at`. */
function stringEnd(bytes: Uint8Array, at: number): number {
  for (at++; ; at++) {
    const byte = bytes[at]!
    if (byte === QUOTE) return at + 1
    if (byte === BACKSLASH) at++
  }
}

function scalarEnd(bytes: Uint8Array, at: number): number {
  while (bytes[at] !== 0x2c && bytes[at] !== 0x7d && bytes[at] !== 0x5d && bytes[at]! > 0x20) at++
  return at
}

function skipSpace(bytes: Uint8Array, at: number): number {
  while (bytes[at]! <= 0x20) at++
  return at
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}
