import type { Relation } from '../../catalog/relation.ts'
import type { OldTuple } from '../../envelope/relation-emitter.ts'
import { SnapshotVisibility } from '../../replication/snapshot-visibility.ts'
import type { Tuple } from '../../wire/tuple.ts'
import { identityColumns, placesOf, type ChunkWindow } from './chunk-window.ts'
import { DeliveredTransactions } from './delivered-transactions.ts'

/** So many chunks, and bytes of them, are read ahead of the stream. */
const MOST_WINDOWS = 8
const MOST_BYTES = 16 * 1024 * 1024

/** Chunks that are read, or being read, and what the stream says that concerns them. The first one is emitted first. */
export class ChunkQueue {
  readonly #windows: ChunkWindow[] = []
  readonly #delivered = new DeliveredTransactions()
  /** Identity columns, by relation version. */
  readonly #identities = new WeakMap<Relation, readonly string[]>()

  get first(): ChunkWindow | null {
    return this.#windows[0] ?? null
  }

  /** One more may be read ahead. */
  get hasRoom(): boolean {
    const bytes = this.#windows.reduce((sum, window) => sum + window.bytes, 0)
    return this.#windows.length < MOST_WINDOWS && bytes < MOST_BYTES
  }

  push(window: ChunkWindow): void {
    this.#windows.push(window)
  }

  /** The first one is emitted. */
  shift(): void {
    this.#windows.shift()
  }

  /** Nothing of this one is wanted, and of those after it. */
  dropFrom(window: ChunkWindow): void {
    const place = this.#windows.indexOf(window)
    if (place >= 0) this.#windows.splice(place)
  }

  clear(): void {
    this.#windows.length = 0
  }

  /** Changes of its rows are noted from now on. */
  record(window: ChunkWindow): void {
    window.isRecording = true
    window.recordedFrom = this.#delivered.count
  }

  /** The stream passes a watermark. Those of former runs are not known any more. */
  watermark(id: string, kind: 'open' | 'close'): void {
    const window = this.#windows.find((candidate) => candidate.id === id)
    if (window === undefined) return
    if (kind === 'close') window.isClosed = true
    else this.record(window)
  }

  /** The stream brings a change of a row. */
  changed(relation: Relation, before: OldTuple | null, after: Tuple | null): void {
    if (this.#windows.length === 0) return
    let names = this.#identities.get(relation)
    if (names === undefined) this.#identities.set(relation, (names = identityColumns(relation)))
    for (const window of this.#windows) {
      if (!window.isRecording || window.table.relation.oid !== relation.oid) continue
      const { identity } = window.table
      if (names.length === identity.length && names.every((name, i) => name === identity[i]))
        window.touch(placesOf(identity, relation), before, after)
      else window.isStale = true
    }
  }

  truncated(oid: number): void {
    for (const window of this.#windows) if (window.table.relation.oid === oid) window.touchAll()
  }

  /** The stream has brought a transaction. */
  delivered(xid: number): void {
    this.#delivered.add(xid)
  }

  /** The stream has brought all that committed before `lsn`. */
  reached(lsn: bigint): void {
    for (const window of this.#windows)
      if (window.closesAt !== null && lsn >= window.closesAt) window.isClosed = true
  }

  /** No transaction whose changes were delivered before is missing in its rows. */
  isCurrent(window: ChunkWindow): boolean {
    if (window.isStale || !window.isRecording) return !window.isStale
    return !this.#delivered.isAheadOf(new SnapshotVisibility(window.snapshot, 0n), window.recordedFrom)
  }
}
