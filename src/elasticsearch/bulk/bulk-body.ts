import { ByteWriter } from '../../api/byte-writer.ts'
import type { SpanContext } from '../../api/tracing.ts'
import type { PartitionProgress } from './offset-tracker.ts'

const INITIAL_BYTES = 64 * 1024

/**
 * The items of one `_bulk` request: their lines, and for each where it ends, whose offset it stands for and what else is
 * needed to judge it. Parallel arrays, no object for each item; bodies are used again with their arrays and buffer
 * (making new ones for each request let the heap of a busy thread grow by 100 MB).
 */
export class BulkBody {
  readonly out = new ByteWriter(INITIAL_BYTES)
  count = 0
  /** When the oldest of its records was written, in milliseconds since 1970. */
  oldestMs = Infinity
  /** The `put`s that its items came with, where they are traced. */
  readonly puts: SpanContext[] = []
  /** How many requests with these items failed in a row. */
  failures = 0
  /** How many answers in a row had items that lost a race for a new field. */
  mappingRaces = 0
  /** Bodies that must be finished first: they hold older versions of the same documents. */
  readonly waitsFor = new Set<BulkBody>()
  /** How many of the items, from the first, the next request holds. */
  requestCount = 0
  readonly #ends: number[] = []
  readonly #progress: PartitionProgress[] = []
  readonly #sequences: number[] = []
  /** Empty where no item has one. */
  readonly #orderedIds: (string | null)[] = []

  /** Empties the body. The last request that held it must be over. */
  reset(): void {
    this.out.position = this.count = this.failures = this.mappingRaces = this.requestCount = 0
    this.oldestMs = Infinity
    this.#orderedIds.length = this.puts.length = 0
    this.waitsFor.clear()
  }

  /**
   * Closes the item whose lines were written into `out`.
   * @param orderedId names the document, with its index, where the order of its items matters; null otherwise
   */
  endItem(progress: PartitionProgress, sequence: number, orderedId: string | null): void {
    const item = this.count++
    this.#ends[item] = this.out.position
    this.#progress[item] = progress
    this.#sequences[item] = sequence
    if (orderedId !== null || this.#orderedIds.length > 0) {
      while (this.#orderedIds.length < item) this.#orderedIds.push(null)
      this.#orderedIds.push(orderedId)
    }
  }

  progressOf(item: number): PartitionProgress {
    return this.#progress[item]!
  }

  offsetOf(item: number): number {
    return this.#progress[item]!.offsetOf(this.#sequences[item]!)
  }

  orderedIdOf(item: number): string | null {
    return this.#orderedIds[item] ?? null
  }

  /** The documents whose order matters; some more than once, nulls between. */
  get orderedIds(): readonly (string | null)[] {
    return this.#orderedIds
  }

  /** The item is dealt with: its offset is not held back any more. */
  done(item: number): void {
    this.#progress[item]!.done(this.#sequences[item]!)
  }

  allDone(): void {
    for (let item = 0; item < this.count; item++) this.done(item)
  }

  get hasRevoked(): boolean {
    for (let item = 0; item < this.count; item++) if (this.#progress[item]!.isRevoked) return true
    return false
  }

  /** The bytes of the next request. */
  requestBytes(): Buffer {
    return this.out.bytes.subarray(0, this.requestCount === 0 ? 0 : this.#ends[this.requestCount - 1])
  }

  /** The lines of one item. */
  itemBytes(item: number): Buffer {
    return this.out.bytes.subarray(item === 0 ? 0 : this.#ends[item - 1], this.#ends[item])
  }

  /**
   * Goes on with some of the items, in rising order. `replacements` holds new lines for some. The last request with the
   * body must be over.
   */
  keepItems(items: readonly number[], replacements: ReadonlyMap<number, Buffer>): void {
    // Copies first: new lines may be longer than what they replace.
    const lines = items.map((item) => replacements.get(item) ?? Buffer.from(this.itemBytes(item)))
    const progress = items.map((item) => this.#progress[item]!)
    const sequences = items.map((item) => this.#sequences[item]!)
    const ids = items.map((item) => this.orderedIdOf(item))
    this.out.position = this.count = this.#orderedIds.length = 0
    for (const [item, bytes] of lines.entries()) {
      this.out.copy(bytes, 0, bytes.length)
      this.endItem(progress[item]!, sequences[item]!, ids[item]!)
    }
    this.requestCount = this.count
  }
}
