import type { KeyTexts } from './chunk-query.ts'
import type { WindowTable } from './chunk-window.ts'
import type { CollectionTable } from './describe-table.ts'
import type { SnapshotProgress, StoredProgress } from './incremental-progress.ts'
import type { JavaArrayValue } from './java-array.ts'

/** How far the table at hand is. */
export class TableProgress {
  /** Null: it was not looked up yet. */
  table: CollectionTable | null = null
  /** Up to here its rows are emitted. */
  lastKey: KeyTexts | null = null
  /** Up to here they belong to the snapshot. */
  maximumKey: KeyTexts | null = null
  /** Where the next chunk begins. */
  cursor: KeyTexts | null = null
  /** Its last chunk was asked for. */
  isRead = false
  /** Where a former run was; counts until the table is looked up. */
  #stored: StoredProgress | null = null

  restore(stored: StoredProgress): void {
    this.#stored = stored
  }

  /**
   * Its definition is known.
   * @param maximumKey of its rows now; null: it has none
   * @returns whether a key was stored that cannot be read: then it is read from its beginning
   */
  begin(table: CollectionTable, maximumKey: KeyTexts | null): boolean {
    const stored = this.#stored
    this.#stored = null
    const { length } = table.window.keyColumns
    const isKnown = stored !== null && !stored.hasUnknownKeys && stored.maximumKey?.length === length
    this.table = table
    this.maximumKey = isKnown ? stored.maximumKey : maximumKey
    this.lastKey = this.cursor = isKnown ? stored.lastKey : null
    return stored?.hasUnknownKeys === true
  }

  /** It has another definition now. False: and another key, by which what was read means nothing. */
  redefine(table: CollectionTable): boolean {
    const hasSameKey = sameKey(this.table!.window, table.window)
    this.table = table
    return hasSameKey
  }

  /** Chunks from here on are read once more. */
  goBack(to: KeyTexts | null): void {
    this.isRead = false
    this.cursor = to
  }

  /** Nothing more of its rows is wanted. */
  leave(): void {
    this.table = this.#stored = null
    this.lastKey = this.maximumKey = this.cursor = null
    this.isRead = false
  }

  /** What offsets say of it. */
  stored(): Pick<SnapshotProgress, 'lastKey' | 'maximumKey' | 'totalRows'> {
    const { table } = this
    const key = (texts: KeyTexts | null): readonly JavaArrayValue[] | null =>
      texts === null ? null : texts.map((text, i) => ({ typeName: this.#keyType(i), text }))
    return {
      lastKey: key(table === null ? (this.#stored?.lastKey ?? null) : this.lastKey),
      maximumKey: key(table === null ? (this.#stored?.maximumKey ?? null) : this.maximumKey),
      totalRows: table?.counts.total ?? null,
    }
  }

  #keyType(index: number): string {
    const table = this.table?.window
    const place = table?.keyColumns[index]
    const type = place === undefined ? undefined : table?.relation.columns[place]?.type
    return type?.base?.type.name ?? type?.name ?? 'text'
  }
}

function sameKey(a: WindowTable, b: WindowTable): boolean {
  const names = ({ relation, keyColumns }: WindowTable) =>
    keyColumns.map((place) => relation.columns[place]!.name).join('\u0000')
  return names(a) === names(b)
}
