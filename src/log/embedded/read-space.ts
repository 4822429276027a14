/** The most that is read at once, unless one batch is larger. Above 1 MB nothing gets faster. */
export const PIECE_BYTES = 1024 * 1024
const LEAST_BYTES = 64 * 1024

/** The memory that one poll reads into, one piece behind the other; used again by the next poll. */
export class ReadSpace {
  #bytes = Buffer.alloc(0)
  #used = 0

  /** Forgets what was read, and memory that only a very large batch needed. */
  reset(): void {
    if (this.#bytes.length > PIECE_BYTES && this.#used <= PIECE_BYTES) this.#bytes = Buffer.alloc(0)
    this.#used = 0
  }

  /** Room for `size` bytes; less, or none, where the space holds something already. */
  room(size: number): Buffer {
    if (this.#used === 0 && this.#bytes.length < size) {
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(LEAST_BYTES, 2 ** Math.ceil(Math.log2(size))))
    }
    return this.#bytes.subarray(this.#used, this.#used + size)
  }

  /** The first `count` bytes of the room that was given last are in use now. */
  keep(count: number): void {
    this.#used += count
  }
}
