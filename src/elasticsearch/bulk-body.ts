import { ByteWriter } from '../api/byte-writer.ts'
import type { PartitionProgress } from './offset-tracker.ts'

const INITIAL_BYTES = 64 * 1024

/**
 * The items of one `_bulk` request: their lines, and for each where it ends, whose offset it stands for and what else is
 * needed to judge it. Parallel arrays, no object for each item.
 */
export class BulkBody {
  out: ByteWriter
  ends: number[] = []
  progress: PartitionProgress[] = []
  sequences: number[] = []
  /** Document ids (with their index) whose order matters; null where each record has a document of its own. */
  orderedIds: (string | null)[] = []
  /** How many requests with these items failed in a row. */
  failures = 0
  /** Bodies that must be finished first: they hold older versions of the same documents. */
  readonly waitsFor = new Set<BulkBody>()
  /** How many of the items, from the first, the next request holds. */
  requestCount = 0

  constructor(out = new ByteWriter(INITIAL_BYTES)) {
    this.out = out
  }

  get count(): number {
    return this.ends.length
  }

  /** Closes the item whose lines were written into `out`. */
  endItem(progress: PartitionProgress, sequence: number, orderedId: string | null): void {
    this.ends.push(this.out.position)
    this.progress.push(progress)
    this.sequences.push(sequence)
    this.orderedIds.push(orderedId)
  }

  /** The bytes of the next request. */
  requestBytes(): Buffer {
    return this.out.bytes.subarray(0, this.ends[this.requestCount - 1] ?? 0)
  }

  /** The lines of one item. */
  itemBytes(item: number): Buffer {
    return this.out.bytes.subarray(this.ends[item - 1] ?? 0, this.ends[item])
  }

  /**
   * Goes on with some of the items, in the given order of rising numbers. `replacements` holds new lines for some. The
   * bytes are copied to a fresh buffer: a socket may still be reading the old one.
   */
  keepItems(items: readonly number[], replacements: ReadonlyMap<number, Buffer>): void {
    const out = new ByteWriter(INITIAL_BYTES)
    const ends: number[] = []
    for (const item of items) {
      const lines = replacements.get(item) ?? this.itemBytes(item)
      out.copy(lines, 0, lines.length)
      ends.push(out.position)
    }
    this.progress = items.map((item) => this.progress[item]!)
    this.sequences = items.map((item) => this.sequences[item]!)
    this.orderedIds = items.map((item) => this.orderedIds[item]!)
    this.out = out
    this.ends = ends
  }
}
