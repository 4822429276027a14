import { isUtf8 } from 'node:buffer'
import { Decimal } from '../decimal.ts'
import { DataError, SerializationError } from '../errors.ts'
import type { ConnectValue } from '../value.ts'

/** Jackson's bound on nesting; recursion below it is safe. */
const MOST_DEPTH = 1000
/** A number longer than this would cost more to convert than any sender means. Jackson's bound as well. */
const MOST_NUMBER_BYTES = 1000

export interface JsonReading {
  /** What numbers with a point or an exponent become: doubles, or exact `Decimal`s. */
  readonly fractions: 'number' | 'decimal'
}

/**
 * Reads one JSON text, strictly (RFC 8259, nothing after it) and exactly: integers of any size are bigint, objects are
 * `Map`s in which the last of equal names wins. Null bytes of JSON text, or only white space, are null. Throws
 * `DataError`.
 */
export function readJson(
  bytes: Buffer,
  start = 0,
  end: number = bytes.length,
  reading: JsonReading = { fractions: 'number' },
): ConnectValue {
  return new JsonReader(bytes, start, end, reading).readAll()
}

class JsonReader {
  readonly #bytes: Buffer
  readonly #start: number
  readonly #end: number
  readonly #reading: JsonReading
  #at: number
  #depth = 0

  constructor(bytes: Buffer, start: number, end: number, reading: JsonReading) {
    this.#bytes = bytes
    this.#start = start
    this.#at = start
    this.#end = end
    this.#reading = reading
  }

  readAll(): ConnectValue {
    if (!isUtf8(this.#bytes.subarray(this.#start, this.#end))) throw this.#error('the text is not UTF-8')
    this.#skipByteOrderMark()
    this.#skipSpace()
    if (this.#at === this.#end) return null
    const value = this.#value()
    this.#skipSpace()
    if (this.#at < this.#end) throw this.#error('unexpected text after the value')
    return value
  }

  /** Some editors put one before UTF-8, and Jackson passes over it. */
  #skipByteOrderMark(): void {
    const [bytes, at] = [this.#bytes, this.#at]
    if (this.#end - at >= 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) {
      this.#at += 3
    }
  }

  #value(): ConnectValue {
    const byte = this.#peek()
    switch (byte) {
      case 0x7b:
        return this.#object()
      case 0x5b:
        return this.#array()
      case 0x22:
        return this.#string()
      case 0x74:
        return this.#word('true', true)
      case 0x66:
        return this.#word('false', false)
      case 0x6e:
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #object(): ConnectValue {
    const map = new Map<string, ConnectValue>()
    this.#enter()
    if (this.#peek() === 0x7d) return this.#leave(map)
    for (;;) {
      if (this.#peek() !== 0x22) throw this.#error('a field name is expected')
      const name = this.#string()
      if (this.#peek() !== 0x3a) throw this.#error('":" is expected')
      this.#at++
      this.#skipSpace()
      map.set(name, this.#value())
      if (!this.#isContinued(0x7d)) return this.#leave(map)
    }
  }

  #array(): ConnectValue {
    const values: ConnectValue[] = []
    this.#enter()
    if (this.#peek() === 0x5d) return this.#leave(values)
    for (;;) {
      values.push(this.#value())
      if (!this.#isContinued(0x5d)) return this.#leave(values)
    }
  }

  #enter(): void {
    if (++this.#depth > MOST_DEPTH) throw this.#error(`nested deeper than ${MOST_DEPTH} levels`)
    this.#at++
    this.#skipSpace()
  }

  #leave<V extends ConnectValue>(value: V): V {
    this.#depth--
    this.#at++
    return value
  }

  /** After an element: true at a comma, which it passes; false at the closing bracket. */
  #isContinued(close: number): boolean {
    const byte = this.#peek()
    if (byte === close) return false
    if (byte !== 0x2c) throw this.#error(`"," or "${String.fromCharCode(close)}" is expected`)
    this.#at++
    this.#skipSpace()
    return true
  }

  #string(): string {
    const bytes = this.#bytes
    const start = ++this.#at
    for (; this.#at < this.#end; this.#at++) {
      const byte = bytes[this.#at]!
      if (byte === 0x22) return bytes.toString('utf8', start, this.#at++)
      if (byte === 0x5c) return this.#escapedString(start)
      if (byte < 0x20) throw this.#error('a control character must be escaped')
    }
    throw this.#error('a string is not closed')
  }

  #escapedString(start: number): string {
    const bytes = this.#bytes
    let text = ''
    let from = start
    while (this.#at < this.#end) {
      const byte = bytes[this.#at]!
      if (byte === 0x22) return text + bytes.toString('utf8', from, this.#at++)
      if (byte < 0x20) throw this.#error('a control character must be escaped')
      if (byte !== 0x5c) {
        this.#at++
        continue
      }
      text += bytes.toString('utf8', from, this.#at)
      text += this.#escape()
      from = this.#at
    }
    throw this.#error('a string is not closed')
  }

  #escape(): string {
    const letter = String.fromCharCode(this.#bytes[this.#at + 1] ?? 0)
    const plain = ESCAPES.get(letter)
    if (plain !== undefined) {
      this.#at += 2
      return plain
    }
    const hex = this.#bytes.toString('latin1', this.#at + 2, Math.min(this.#at + 6, this.#end))
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#error('an escape is not one of JSON')
    this.#at += 6
    return String.fromCharCode(Number.parseInt(hex, 16))
  }

  #number(): ConnectValue {
    const start = this.#at
    while (this.#at < this.#end && NUMBER_BYTE[this.#bytes[this.#at]!] === 1) this.#at++
    const text = this.#bytes.toString('latin1', start, this.#at)
    const match =
      text.length > MOST_NUMBER_BYTES ? null : /^-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.exec(text)
    if (match === null) {
      this.#at = start
      throw this.#error(text.length > MOST_NUMBER_BYTES ? 'a number is too long' : 'a value is expected')
    }
    if (match[1] === undefined && match[2] === undefined) return BigInt(text)
    return this.#reading.fractions === 'number' ? Number(text) : parseDecimal(text)
  }

  #word(word: string, value: ConnectValue): ConnectValue {
    if (this.#bytes.toString('latin1', this.#at, Math.min(this.#at + word.length, this.#end)) !== word) {
      throw this.#error('a value is expected')
    }
    this.#at += word.length
    return value
  }

  /** The next byte that is not white space; it is left there. */
  #peek(): number {
    this.#skipSpace()
    if (this.#at >= this.#end) throw this.#error('the text ends too early')
    return this.#bytes[this.#at]!
  }

  #skipSpace(): void {
    while (this.#at < this.#end) {
      const byte = this.#bytes[this.#at]!
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return
      this.#at++
    }
  }

  #error(what: string): SerializationError {
    return new SerializationError(
      'connect.data-invalid',
      `Not JSON at byte ${this.#at - this.#start}: ${what}`,
    )
  }
}

/** Parses `-1.5e3` exactly. A huge exponent is refused: writing such a number out would take that many digits. */
export function parseDecimal(text: string): Decimal {
  const e = text.search(/[eE]/)
  if (e < 0) return Decimal.parse(text)
  const { unscaled, scale } = Decimal.parse(text.slice(0, e))
  const exponent = Number(text.slice(e + 1))
  if (Math.abs(exponent) > 100_000) {
    throw new DataError('connect.data-invalid', `The exponent of the number ${text} is out of bounds`)
  }
  return new Decimal(unscaled, scale - exponent)
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

const NUMBER_BYTE = new Uint8Array(256)
for (const character of '0123456789+-.eE') NUMBER_BYTE[character.charCodeAt(0)] = 1

/**
 * Where the JSON value that starts at `start` ends, by its brackets and quotes alone: what is inside is not checked.
 * `end` where it is not closed.
 */
export function jsonValueEnd(bytes: Buffer, start: number, end: number): number {
  let depth = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte === 0x22) {
      for (at++; at < end && bytes[at] !== 0x22; at++) if (bytes[at] === 0x5c) at++
      if (depth === 0) return Math.min(at + 1, end)
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++
    } else if (byte === 0x7d || byte === 0x5d) {
      // A plain value ends before the bracket that closes what is around it.
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (byte === 0x2c && depth === 0) {
      return at
    }
  }
  return end
}
