/** Numbers that look random and are the same for the same seed: sfc32, 2^32 steps at least. */
export class SeededRandom {
  #a: number
  #b: number
  #c = 0x9e3779b9 | 0
  #counter = 1

  constructor(seed: bigint, stream: bigint) {
    this.#a = Number(BigInt.asIntN(32, seed))
    this.#b = Number(BigInt.asIntN(32, stream * 0x9e3779b1n + (seed >> 32n)))
    for (let i = 0; i < 12; i++) this.next()
  }

  /** In [0, 1). */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t
    return (t >>> 0) / 2 ** 32
  }

  /** A whole number from `least` to `most`, both possible. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)]!
  }
}
