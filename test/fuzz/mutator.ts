/** Numbers from a seed, always the same ones: xorshift32. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) >>> 0 || 1
  }

  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state % limit
  }
}

/** Where parsers count wrongly. */
const EDGES = [0, 1, -1, 2, 4, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, -0x8000_0000]

export interface MutatorParts {
  /** What is well formed: mutations begin with one of these. */
  readonly seeds: readonly Buffer[]
  /** What means something to the parser. */
  readonly words: readonly Buffer[]
  readonly mostBytes: number
}

/** Makes inputs that are nearly well formed, in a buffer that it uses again for the next one. */
export class Mutator {
  readonly #random: SeededRandom
  readonly #parts: MutatorParts
  readonly #bytes: Buffer
  #length = 0

  constructor(random: SeededRandom, parts: MutatorParts) {
    this.#random = random
    this.#parts = parts
    this.#bytes = Buffer.allocUnsafeSlow(parts.mostBytes)
  }

  /** Valid until the next call. */
  next(): Buffer {
    const { seeds } = this.#parts
    const random = this.#random
    const seed = seeds[random.below(seeds.length)]!
    this.#length = 0
    this.#replace([0, 0], seed)
    // Most damage is small: parsers are hard to deceive by noise.
    const mutations = 1 << random.below(4)
    for (let i = 0; i < mutations; i++) this.#mutate()
    return this.#bytes.subarray(0, this.#length)
  }

  #mutate(): void {
    const random = this.#random
    const bytes = this.#bytes
    const at = random.below(this.#length + 1)
    if (at === this.#length || random.below(3) === 0) return this.#reshape(at)
    switch (random.below(4)) {
      case 0:
        bytes[at]! ^= 1 << random.below(8)
        return
      case 1:
        bytes[at] = random.below(256)
        return
      case 2:
        bytes[at] = EDGES[random.below(EDGES.length)]! & 0xff
        return
      default: {
        if (at + 4 > this.#length) return
        const edge = EDGES[random.below(EDGES.length)]! + random.below(3) - 1
        if (random.below(2) === 0) bytes.writeInt32BE(edge | 0, at)
        else bytes.writeInt32LE(edge | 0, at)
      }
    }
  }

  /** Makes the input longer or shorter. */
  #reshape(at: number): void {
    const random = this.#random
    const { seeds, words } = this.#parts
    const count = random.below(Math.min(64, this.#length - at + 1))
    switch (random.below(5)) {
      case 0:
        this.#replace([at, count], NOTHING)
        return
      case 1:
        this.#replace([at, 0], this.#bytes.subarray(at, at + count))
        return
      case 2:
        this.#length = at
        return
      case 3: {
        const other = seeds[random.below(seeds.length)]!
        const start = random.below(other.length + 1)
        this.#replace([at, count], other.subarray(start, start + random.below(64)))
        return
      }
      default:
        if (words.length > 0) this.#replace([at, 0], words[random.below(words.length)]!)
    }
  }

  /** Puts other bytes in the place of some; what gets too long loses its end. */
  #replace([at, count]: readonly [at: number, count: number], by: Buffer): void {
    const bytes = this.#bytes
    const added = Buffer.from(by)
    const end = Math.min(this.#length + added.length - count, bytes.length)
    bytes.copyWithin(Math.min(at + added.length, bytes.length), at + count, this.#length)
    added.copy(bytes, at)
    this.#length = Math.max(at, end)
  }
}

const NOTHING = Buffer.alloc(0)
