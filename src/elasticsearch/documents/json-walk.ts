// Steps through well-formed JSON bytes: what `scanJsonObject` has accepted. Nothing here looks for an end that is not there.

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Bytes from, and up to. */
export type Place = readonly [start: number, end: number]

/** Where the value of an object's field lies in the bytes, or null: the object at `start` has no such field. */
export function findField(bytes: Uint8Array, object: Place, name: Uint8Array): Place | null {
  const value = findValue(bytes, object, name)
  return value < 0 ? null : [value, valueEnd(bytes, value)]
}

/** Where the value of an object's field begins, or -1. Does not look for its end, which may be far away. */
export function findValue(bytes: Uint8Array, [start, end]: Place, name: Uint8Array): number {
  for (let at = firstName(bytes, start, end); at >= 0;) {
    const nameEnd = stringEnd(bytes, at)
    const value = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1)
    if (isName(bytes, at, nameEnd, name)) return value
    at = nextName(bytes, valueEnd(bytes, value))
  }
  return -1
}

/** Where an object's first name begins, or -1. */
export function firstName(bytes: Uint8Array, start: number, end: number): number {
  const open = skipSpace(bytes, start)
  const at = skipSpace(bytes, open + 1)
  return at < end && bytes[at] === QUOTE ? at : -1
}

/** Where the name after a value begins, or -1. */
export function nextName(bytes: Uint8Array, at: number): number {
  const comma = skipSpace(bytes, at)
  return bytes[comma] === 0x2c ? skipSpace(bytes, comma + 1) : -1
}

export function isName(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length + 2) return false
  for (let i = 0; i < name.length; i++) if (bytes[start + 1 + i] !== name[i]) return false
  return true
}

/** Where the elements of the array at `at` lie. */
export function arrayElements(bytes: Uint8Array, at: number): readonly Place[] {
  const found: Place[] = []
  for (let next = skipSpace(bytes, at + 1); bytes[next] !== 0x5d; next = skipSpace(bytes, next)) {
    if (bytes[next] === 0x2c) next = skipSpace(bytes, next + 1)
    const end = valueEnd(bytes, next)
    found.push([next, end])
    next = end
  }
  return found
}

/** Behind the value that starts at `at`. */
export function valueEnd(bytes: Uint8Array, at: number): number {
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
export function stringEnd(bytes: Uint8Array, at: number): number {
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

export function skipSpace(bytes: Uint8Array, at: number): number {
  while (bytes[at]! <= 0x20) at++
  return at
}
