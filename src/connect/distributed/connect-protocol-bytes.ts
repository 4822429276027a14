import { SerializationError } from '../../api/errors.ts'

/** Kafka's plain wire types: big-endian numbers, strings of a 16-bit length, arrays and bytes of a 32-bit one. */
export class ProtocolWriter {
  readonly #parts: Buffer[] = []

  int16(value: number): this {
    const bytes = Buffer.alloc(2)
    bytes.writeInt16BE(value)
    return this.#add(bytes)
  }

  int32(value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(value)
    return this.#add(bytes)
  }

  int64(value: bigint): this {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(value)
    return this.#add(bytes)
  }

  string(value: string): this {
    const bytes = Buffer.from(value)
    return this.int16(bytes.length).#add(bytes)
  }

  nullableBytes(value: Buffer | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).#add(value)
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts)
  }

  #add(bytes: Buffer): this {
    this.#parts.push(bytes)
    return this
  }
}

/** Throws `SerializationError` where the bytes end too early. */
export class ProtocolReader {
  readonly #bytes: Buffer
  #position = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#position === this.#bytes.length
  }

  int16(): number {
    return this.#take(2).readInt16BE()
  }

  int32(): number {
    return this.#take(4).readInt32BE()
  }

  int64(): bigint {
    return this.#take(8).readBigInt64BE()
  }

  string(): string {
    return this.#take(this.int16()).toString()
  }

  nullableBytes(): Buffer | null {
    const length = this.int32()
    return length < 0 ? null : this.#take(length)
  }

  #take(length: number): Buffer {
    const end = this.#position + length
    if (length < 0 || end > this.#bytes.length) {
      throw new SerializationError(
        'connect.data-invalid',
        `A worker of the group sent bytes that are not of Kafka Connect's protocol: they end after ${this.#bytes.length}`,
      )
    }
    const taken = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return taken
  }
}
