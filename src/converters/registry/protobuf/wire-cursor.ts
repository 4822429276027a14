import { isUtf8 } from 'node:buffer'
import { SerializationError } from '../../../api/errors.ts'
import { WIRE } from './wire-write.ts'

/** Deeper messages are an attack, not data: the reference has the same limit. */
const MOST_DEPTH = 100

/** A place in bytes of Protobuf's binary form, which it moves on, up to an end. Throws `SerializationError`. */
export class WireCursor {
  readonly #bytes: Buffer
  #at: number
  #end: number
  #depth = 0

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = at
    this.#end = bytes.length
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end
  }

  /** The number of a field and how it is written, as one; 0 at the end. */
  tag(): number {
    if (this.#at >= this.#end) return 0
    const tag = this.uint32()
    if (tag >>> 3 === 0) throw invalid('a field has the number 0')
    return tag
  }

  /** The lower 32 bits of a number. */
  uint32(): number {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte()
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw invalid('a number is too long')
  }

  int32(): number {
    return this.uint32() | 0
  }

  sint32(): number {
    const value = this.uint32()
    return (value >>> 1) ^ -(value & 1)
  }

  /** 64 bits without a sign. */
  varint64(): bigint {
    // Up to seven bytes, 49 bits, a double is exact.
    let double = 0
    let factor = 1
    for (let count = 0; count < 7; count++) {
      const byte = this.#byte()
      double += (byte & 0x7f) * factor
      if (byte < 0x80) return BigInt(double)
      factor *= 128
    }
    let value = BigInt(double)
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw invalid('a number is too long')
  }

  fixed32(): number {
    return this.#bytes.readUInt32LE(this.#take(4))
  }

  fixed64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#take(8))
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#take(4))
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8))
  }

  /** A view of the next bytes, whose length comes first. */
  bytes(): Buffer {
    const start = this.#take(this.uint32())
    return this.#bytes.subarray(start, this.#at)
  }

  text(): string {
    const bytes = this.bytes()
    if (!isUtf8(bytes)) throw invalid('a text is not UTF-8')
    return bytes.toString()
  }

  /** Goes into a message whose length comes first; its end is the end until `leave`, which gets what this answers. */
  enter(): number {
    if (++this.#depth > MOST_DEPTH) throw invalid(`nested deeper than ${MOST_DEPTH} levels`)
    const outer = this.#end
    const start = this.#take(this.uint32())
    this.#end = this.#at
    this.#at = start
    return outer
  }

  leave(outer: number): void {
    this.#depth--
    this.#at = this.#end
    this.#end = outer
  }

  /** Passes over a field that nobody knows. */
  skip(tag: number): void {
    switch (tag & 7) {
      case WIRE.varint:
        this.varint64()
        return
      case WIRE.fixed64:
        this.#take(8)
        return
      case WIRE.delimited:
        this.#take(this.uint32())
        return
      case WIRE.startGroup:
        this.#skipGroup(tag >>> 3)
        return
      case WIRE.fixed32:
        this.#take(4)
        return
      default:
        throw invalid(`field ${tag >>> 3} is written in a way that does not exist: ${tag & 7}`)
    }
  }

  #skipGroup(number: number): void {
    if (++this.#depth > MOST_DEPTH) throw invalid(`nested deeper than ${MOST_DEPTH} levels`)
    let tag = this.tag()
    for (; (tag & 7) !== WIRE.endGroup; tag = this.tag()) {
      if (tag === 0) throw truncated()
      this.skip(tag)
    }
    if (tag >>> 3 !== number) throw invalid('a group ends that did not begin')
    this.#depth--
  }

  #byte(): number {
    if (this.#at >= this.#end) throw truncated()
    return this.#bytes[this.#at++]!
  }

  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#end) throw truncated()
    this.#at += length
    return start
  }
}

function truncated(): SerializationError {
  return invalid('the bytes end within a value')
}

function invalid(reason: string): SerializationError {
  return new SerializationError('connect.data-invalid', `Error deserializing Protobuf message: ${reason}`)
}
