import { ProtocolError } from './protocol-error.ts'

export interface FrameHandler {
  /**
   * One whole message: its type and its body `bytes[start, end)`, valid until `drained` has returned. False: not now; the
   * reader is held, and the same message comes again after `release`.
   */
  message(type: number, bytes: Buffer, start: number, end: number): boolean
  /** Every whole message received so far was handed out. */
  drained(): void
}

const HEADER_BYTES = 5
const USUAL_CARRY_BYTES = 64 * 1024
/** Above what PostgreSQL can put into one message. */
const MAX_MESSAGE_BYTES = 0x4000_0000

/** The types of messages that a server may send; anything else is not PostgreSQL, or the stream is out of step. */
const KNOWN_TYPES = new Uint8Array(256)
for (const type of '123ACDEGHIKNRSTVWZcdnstv') KNOWN_TYPES[type.charCodeAt(0)] = 1

/**
 * Cuts the server's byte stream into messages, without an object or a copy for each: messages are handed out where
 * they lie in the chunk; only one that spans chunks is put together in a buffer of its own.
 */
export class FrameReader {
  readonly #handler: FrameHandler
  /** Chunks not read yet: more than one only while the reader is held. */
  readonly #chunks: Buffer[] = []
  /** Where reading goes on in the first chunk. */
  #at = 0
  /** The beginning of a message whose rest is still to come: `#carry[0, #carried)`. */
  #carry: Buffer
  #carried = 0
  #isHeld = false
  #isReading = false

  /** @param carryBytes room for a message that spans chunks; larger ones get more */
  constructor(handler: FrameHandler, carryBytes = USUAL_CARRY_BYTES) {
    this.#handler = handler
    this.#carry = Buffer.allocUnsafeSlow(carryBytes)
  }

  /** True: nothing more is handed out until `release`; the source of the bytes should pause. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Throws `postgres.protocol`, and whatever the handler throws. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#read()
  }

  /** Stops after the message at hand. */
  hold(): void {
    this.#isHeld = true
  }

  /** Goes on, with what is here already. */
  release(): void {
    this.#isHeld = false
    this.#read()
  }

  #read(): void {
    // The handler may call `release`; the loop that is under way sees it.
    if (this.#isReading) return
    this.#isReading = true
    try {
      while (!this.#isHeld && this.#chunks.length > 0) this.#readChunk(this.#chunks[0]!)
    } finally {
      this.#isReading = false
    }
  }

  #readChunk(chunk: Buffer): void {
    if (this.#carried > 0 && !this.#finishCarried(chunk)) return
    const handler = this.#handler
    const { length } = chunk
    let at = this.#at
    while (at + HEADER_BYTES <= length) {
      const end = at + 1 + messageLength(chunk, at)
      if (end > length) break
      if (!handler.message(chunk[at]!, chunk, at + HEADER_BYTES, end)) {
        this.#isHeld = true
        this.#at = at
        return
      }
      at = end
      if (this.#isHeld) break
    }
    this.#at = at
    if (this.#isHeld) return
    handler.drained()
    // What was handed out may be in the carry buffer: it is written again only now.
    this.#carryOver(chunk, at)
    this.#chunks.shift()
    this.#at = 0
  }

  /** Completes the message under way from the chunk and hands it out. False: the chunk is used up, or we are held. */
  #finishCarried(chunk: Buffer): boolean {
    if (this.#carried < HEADER_BYTES) this.#carryUpTo(HEADER_BYTES, chunk)
    if (this.#carried >= HEADER_BYTES) {
      const total = 1 + messageLength(this.#carry, 0)
      this.#carryUpTo(total, chunk)
      if (this.#carried === total) {
        if (!this.#handler.message(this.#carry[0]!, this.#carry, HEADER_BYTES, total)) this.#isHeld = true
        else this.#carried = 0
        return !this.#isHeld
      }
    }
    this.#handler.drained()
    this.#chunks.shift()
    this.#at = 0
    return false
  }

  #carryUpTo(total: number, chunk: Buffer): void {
    const count = Math.min(total - this.#carried, chunk.length - this.#at)
    const needed = this.#carried + count
    if (needed > this.#carry.length) {
      // Room for what is there, not for what a length says that nobody has sent yet.
      const larger = Buffer.allocUnsafeSlow(Math.min(total, Math.max(needed, 2 * this.#carry.length)))
      this.#carry.copy(larger, 0, 0, this.#carried)
      this.#carry = larger
    }
    chunk.copy(this.#carry, this.#carried, this.#at, this.#at + count)
    this.#carried += count
    this.#at += count
  }

  #carryOver(chunk: Buffer, at: number): void {
    const count = chunk.length - at
    if (count === 0) return
    // One huge row must not keep its memory for ever.
    if (this.#carry.length > 16 * USUAL_CARRY_BYTES) this.#carry = Buffer.allocUnsafeSlow(USUAL_CARRY_BYTES)
    if (count > this.#carry.length) this.#carry = Buffer.allocUnsafeSlow(count)
    chunk.copy(this.#carry, 0, at)
    this.#carried = count
  }
}

/** The length field of the message that starts at `at`: its own four bytes and the body. */
function messageLength(bytes: Buffer, at: number): number {
  const type = bytes[at]!
  const length = (bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!
  if (KNOWN_TYPES[type] === 0 || length < 4 || length > MAX_MESSAGE_BYTES) {
    throw new ProtocolError(`a message of type 0x${type.toString(16)} and length ${length}`)
  }
  return length
}
