import { SerializationError } from '../../../api/errors.ts'

/** Deeper data is an attack, not data. */
const MOST_DEPTH = 1000
/** Elements may take no bytes at all; more than this many of them in a block that is shorter are an attack. */
const MOST_EMPTY = 65_536

/** A place in bytes of Avro's binary form, which it moves on. Throws `SerializationError` at the end of the bytes. */
export class ByteCursor {
  readonly #bytes: Buffer
  #at: number
  #depth = 0

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = at
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw truncated()
    return byte
  }

  /** A number of at most 32 bits. */
  int(): number {
    const value = this.long()
    if (BigInt.asIntN(32, value) !== value) throw invalid('an int has more than 32 bits')
    return Number(value)
  }

  long(): bigint {
    // Up to seven bytes, 49 bits, a double is exact.
    let double = 0
    let factor = 1
    for (let count = 0; count < 7; count++) {
      const byte = this.byte()
      double += (byte & 0x7f) * factor
      if (byte < 0x80) return BigInt(double % 2 === 0 ? double / 2 : -(double + 1) / 2)
      factor *= 128
    }
    let value = BigInt(double)
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
    }
    throw invalid('a number is too long')
  }

  float(): number {
    return this.#take(4).readFloatLE()
  }

  double(): number {
    return this.#take(8).readDoubleLE()
  }

  /** A number that counts: never negative. */
  length(): number {
    const length = Number(this.long())
    if (length < 0) throw invalid('a length is negative')
    return length
  }

  /** A view of the next bytes. */
  bytes(length: number): Buffer {
    return this.#take(length)
  }

  text(): string {
    const length = this.length()
    const start = this.#at
    if (start + length > this.#bytes.length) throw truncated()
    this.#at += length
    return this.#bytes.toString('utf8', start, this.#at)
  }

  /** How many elements come next in an array or a map; 0 at its end. */
  blockCount(): number {
    let count = Number(this.long())
    if (count < 0) {
      this.length()
      count = -count
    }
    if (count > Math.max(this.#bytes.length - this.#at, MOST_EMPTY)) throw truncated()
    return count
  }

  enter(): void {
    if (++this.#depth > MOST_DEPTH) throw invalid(`nested deeper than ${MOST_DEPTH} levels`)
  }

  leave(): void {
    this.#depth--
  }

  #take(length: number): Buffer {
    const start = this.#at
    if (start + length > this.#bytes.length) throw truncated()
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }
}

function truncated(): SerializationError {
  return invalid('the bytes end within a value')
}

function invalid(reason: string): SerializationError {
  return new SerializationError('connect.data-invalid', `Error deserializing Avro message: ${reason}`)
}
