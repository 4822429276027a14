import type { Relation } from '../../catalog/relation.ts'
import type { OldTuple, RelationEmitter } from '../../envelope/relation-emitter.ts'
import { CopyRowReader } from '../../wire/copy-row.ts'
import { Tuple, UNCHANGED_TOAST } from '../../wire/tuple.ts'
import type { ChunkedTable, KeyTexts } from './chunk-query.ts'

/** A table under way, with what its rows are emitted by. */
export interface WindowTable extends ChunkedTable {
  readonly emitter: RelationEmitter
  readonly fingerprint: string
  /** Columns by which changes in the stream tell of the same row. */
  readonly identity: readonly string[]
}

/**
 * A chunk's rows between being read and being emitted. Meanwhile the stream goes on: a row that it brings a change of is
 * left out here, because the change is newer.
 */
export class ChunkWindow {
  readonly id: string
  readonly table: WindowTable
  /** The key behind which the chunk begins. */
  readonly after: KeyTexts | null
  /** Rows were left out because they would have taken too much memory; the next chunk begins with them. */
  isCut = false
  /** All rows are here. */
  isRead = false
  /** The stream has passed the moment in which the rows were read. */
  isClosed = false
  /** Changes of its rows are noted. */
  isRecording = false
  isEmitting = false
  /** Its rows may be older than what was delivered before: to be read again. */
  isStale = false
  /** `pg_current_snapshot()` from before the rows were read. */
  snapshot = ''
  /** How many transactions the stream had delivered when recording began. */
  recordedFrom = 0
  /** With read-only watermarks: the window closes once the stream is there. */
  closesAt: bigint | null = null
  readonly openedAt = new Date()
  readonly #reader = new CopyRowReader()
  readonly #tuple: Tuple
  readonly #identityPlaces: readonly number[]
  readonly #touched = new Set<string>()
  /** Of those, rows that a change did not bring in whole: it left out a large value that it did not change. */
  readonly #broughtInPart = new Set<string>()
  #isAllTouched = false
  #bytes = Buffer.allocUnsafeSlow(16 * 1024)
  #length = 0
  readonly #ends: number[] = []
  #emitted = 0

  constructor(id: string, table: WindowTable, after: KeyTexts | null) {
    this.id = id
    this.table = table
    this.after = after
    this.#tuple = new Tuple(table.relation.columns.length)
    this.#identityPlaces = placesOf(table.identity, table.relation)
  }

  get rows(): number {
    return this.#ends.length
  }

  get bytes(): number {
    return this.#length
  }

  get isReady(): boolean {
    return this.isRead && this.isClosed
  }

  /** Forgets the rows: they are read again. */
  clear(): void {
    this.#length = this.#ends.length = 0
    this.isCut = false
  }

  addRow(bytes: Buffer, start: number, end: number): void {
    const length = this.#length + end - start
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2))
      this.#bytes.copy(grown, 0, 0, this.#length)
      this.#bytes = grown
    }
    bytes.copy(this.#bytes, this.#length, start, end)
    this.#length = length
    this.#ends.push(length)
  }

  /** The stream brings a change of a row of this table. */
  touch(places: readonly number[], before: OldTuple | null, after: Tuple | null): void {
    for (const row of [before?.tuple ?? null, after]) {
      const key = row === null ? null : identityText(row, places)
      if (key === null) continue
      this.#touched.add(key)
      if (after?.starts.includes(UNCHANGED_TOAST) === true) this.#broughtInPart.add(key)
    }
  }

  /** A value of a row would be in no record: the stream has brought the row without it, and so it is left out here. */
  get leavesOutValues(): boolean {
    if (this.#broughtInPart.size === 0) return false
    for (let row = 0; row < this.#ends.length; row++) {
      this.#read(row)
      const key = identityText(this.#tuple, this.#identityPlaces)
      if (key !== null && this.#broughtInPart.has(key)) return true
    }
    return false
  }

  /** The table was emptied. */
  touchAll(): void {
    this.#isAllTouched = true
  }

  /** The key of the chunk's last row; null for a chunk without rows. */
  get lastKey(): KeyTexts | null {
    return this.#keyOf(this.#ends.length - 1)
  }

  /** The key of the last row that was emitted or left out. */
  get emittedKey(): KeyTexts | null {
    return this.#keyOf(this.#emitted - 1)
  }

  /** Emits rows as long as there is room. True: all of them are. */
  emit(hasRoom: () => boolean): boolean {
    const { emitter } = this.table
    while (this.#emitted < this.#ends.length) {
      if (!hasRoom()) return false
      this.#read(this.#emitted++)
      if (!this.#isTouched()) emitter.read(this.#tuple)
    }
    return true
  }

  #isTouched(): boolean {
    if (this.#isAllTouched) return true
    if (this.#touched.size === 0) return false
    const key = identityText(this.#tuple, this.#identityPlaces)
    return key !== null && this.#touched.has(key)
  }

  #keyOf(row: number): KeyTexts | null {
    if (row < 0) return null
    this.#read(row)
    return this.table.keyColumns.map((place) => this.#tuple.text(place))
  }

  #read(row: number): void {
    const start = row === 0 ? 0 : this.#ends[row - 1]!
    this.#reader.read(this.#bytes, start, this.#ends[row]!, this.#tuple)
  }
}

/** The columns that tell of a row in every change of it; empty: changes of its rows cannot be told apart. */
export function identityColumns({ replicaIdentity, columns, keyColumns }: Relation): readonly string[] {
  if (replicaIdentity !== 'f') return columns.filter(({ isIdentity }) => isIdentity).map(({ name }) => name)
  const places = keyColumns.length > 0 ? keyColumns : columns.map((_, place) => place)
  return places.map((place) => columns[place]!.name)
}

export function placesOf(names: readonly string[], { columns }: Relation): readonly number[] {
  return names.map((name) => columns.findIndex((column) => column.name === name))
}

/** Null: a part of it is not there. */
function identityText(row: Tuple, places: readonly number[]): string | null {
  if (places.length === 0) return null
  let text = ''
  for (const place of places) {
    const start = row.starts[place]
    if (start === undefined || row.isUnchangedToast(place)) return null
    text += start < 0 ? '\u0001' : `\u0000${row.bytes.toString('latin1', start, row.ends[place])}`
  }
  return text
}
