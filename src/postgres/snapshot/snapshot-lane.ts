import type { PostgresConnection } from '../wire/connection.ts'
import { CopyStream, type CopyListener } from './copy-stream.ts'
import { HeldRow } from './held-row.ts'
import type { SnapshotRows } from './snapshot-rows.ts'
import { copyCommand, type TableChunk } from './table-copy.ts'

/** Who has the lanes read. */
export interface LaneOwner {
  readonly rows: SnapshotRows
  /** False: the batch is full and nobody takes it. */
  hasRoom(): boolean
  /** Everything that was received is read. @param rows how many */
  drained(chunk: TableChunk, rows: number): void
  finished(lane: SnapshotLane): void
  failed(error: unknown, chunk: TableChunk | null): void
}

/**
 * One connection that reads chunk after chunk. Each row is held back until the next one is there: only then it is known
 * whether it is the last, which its mark has to say.
 */
export class SnapshotLane implements CopyListener {
  readonly #owner: LaneOwner
  readonly #rows: SnapshotRows
  readonly #stream: CopyStream
  readonly #held = new HeldRow()
  #chunk: TableChunk | null = null
  #count = 0

  constructor(connection: PostgresConnection, owner: LaneOwner) {
    this.#owner = owner
    this.#rows = owner.rows
    this.#stream = new CopyStream(connection, this)
  }

  copy(chunk: TableChunk): void {
    this.#chunk = chunk
    this.#stream.copy(copyCommand(chunk))
  }

  release(): void {
    this.#stream.release()
  }

  close(): void {
    this.#stream.close()
  }

  row(bytes: Buffer, start: number, end: number): boolean {
    if (!this.#owner.hasRoom()) return false
    const chunk = this.#chunk!
    const held = this.#held
    this.#rows.before(chunk.table)
    if (held.chunk !== null) this.#rows.emit(held)
    held.set(chunk, bytes, start, end)
    this.#count++
    return true
  }

  drained(): void {
    this.#held.keep()
    if (this.#chunk === null) return
    this.#owner.drained(this.#chunk, this.#count)
    this.#count = 0
  }

  finished(): void {
    this.#rows.chunkRead(this.#chunk!, this.#held)
    this.#owner.drained(this.#chunk!, this.#count)
    this.#count = 0
    this.#chunk = null
    this.#owner.finished(this)
  }

  failed(error: unknown): void {
    this.#owner.failed(error, this.#chunk)
  }
}
