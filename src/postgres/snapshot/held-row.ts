import type { TableChunk } from './table-copy.ts'

/** Memory for one row is kept for the next one up to this size. */
const USUAL_BYTES = 64 * 1024
const NOTHING: Buffer = Buffer.alloc(0)

/**
 * A row that waits until it is known what comes after it. It stays where it lies, in what the socket has received, and is
 * copied only when that is about to be overwritten.
 */
export class HeldRow {
  /** Null: there is none. */
  chunk: TableChunk | null = null
  bytes = NOTHING
  start = 0
  end = 0
  #own = NOTHING

  set(chunk: TableChunk, bytes: Buffer, start: number, end: number): void {
    this.chunk = chunk
    this.bytes = bytes
    this.start = start
    this.end = end
  }

  clear(): void {
    this.chunk = null
    this.bytes = NOTHING
    // One huge row must not keep its memory for ever.
    if (this.#own.length > USUAL_BYTES) this.#own = NOTHING
  }

  /** Copies the row to memory of its own, if it is not there yet. */
  keep(): void {
    if (this.chunk === null || this.bytes === this.#own) return
    const length = this.end - this.start
    if (this.#own.length < length)
      this.#own = Buffer.allocUnsafeSlow(length < USUAL_BYTES ? Math.max(1024, length * 2) : length)
    this.bytes.copy(this.#own, 0, this.start, this.end)
    this.bytes = this.#own
    this.start = 0
    this.end = length
  }

  /** Takes the row of another one, which has none then. */
  take(other: HeldRow): void {
    this.set(other.chunk!, other.bytes, other.start, other.end)
    this.keep()
    other.clear()
  }
}
