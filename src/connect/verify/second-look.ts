import type { DocumentName, DocumentReader, DocumentRepair, StoredDocument } from '../../api/verification.ts'
import type { Difference, DifferenceKind } from './verification-state.ts'

/** Documents that are asked for at once. */
const AT_ONCE = 500
const MOST_LISTED = 1000

/** Something that may differ. */
export interface Suspect {
  /** Known where there was a document, or a row was read again. */
  name: DocumentName | null
  /** The row as it was read last, as a document; null: there is none. */
  row: string | null
  /** How often in a row it was a row without a document. */
  missed: number
  /** Of the document as it was seen last. */
  version: bigint | null
  /** It was written from an old moment. */
  isWritten: boolean
}

/** A moment of the tables. */
export interface Moment {
  /** Every change that it does not show has a higher version, where versions are positions in the database. */
  readonly version: bigint
  /**
   * Where they are offsets, by index: all records up to there were in the topics before this moment, so every change that
   * it does not show has a higher one. Null: versions are no offsets.
   */
  readonly lastOffsets: ReadonlyMap<string, bigint> | null
  /**
   * So long ago that an index may have forgotten the version of a document that was deleted since (`index.gc_deletes`):
   * nothing would keep a repair from bringing it back.
   */
  readonly isOld: boolean
}

/**
 * Looks at suspects again, with rows of a moment that the sink has caught up with. A document whose version is not above
 * that moment's owes its content to changes that the moment shows: if it is not as the row is then, it never will be. One
 * that is newer says nothing, and is looked at once more. Where versions are offsets, one is judged by a moment that came
 * after it was seen with the same version.
 */
export class SecondLook {
  readonly differences: Difference[] = []
  readonly counts: Record<DifferenceKind, number> = { missing: 0, stale: 0, extra: 0 }
  repaired = 0
  readonly #documents: DocumentReader
  readonly #isRepairing: boolean

  constructor(documents: DocumentReader, isRepairing: boolean) {
    this.#documents = documents
    this.#isRepairing = isRepairing
  }

  /** Takes away what is settled. @param moment whose rows the suspects have */
  async settle(suspects: Map<number, Suspect>, moment: Moment): Promise<void> {
    const all = [...suspects]
    for (let at = 0; at < all.length; at += AT_ONCE) {
      const some = all.slice(at, at + AT_ONCE)
      // Neither a row nor a document is left.
      for (const [key, { name }] of some) if (name === null) suspects.delete(key)
      const named = some.filter(([, { name }]) => name !== null)
      const stored = await this.#documents.read(named.map(([, { name }]) => name!))
      const found: { readonly key: number; readonly suspect: Suspect; readonly kind: DifferenceKind }[] = []
      for (const [i, [key, suspect]] of named.entries()) {
        const verdict = this.#judge(suspect, stored[i]!, moment)
        if (verdict === 'same') suspects.delete(key)
        else if (verdict !== 'unsettled') found.push({ key, suspect, kind: verdict })
      }
      await this.#found(found, suspects, moment)
    }
  }

  #judge(
    suspect: Suspect,
    document: StoredDocument | null,
    { version, lastOffsets }: Moment,
  ): DifferenceKind | 'same' | 'unsettled' {
    const { row } = suspect
    if (document === null) {
      suspect.version = null
      if (row === null) return 'same'
      // A delete has no version that could be seen: twice in a row is no coincidence.
      return ++suspect.missed >= 2 ? 'missing' : 'unsettled'
    }
    suspect.missed = 0
    if (row !== null && this.#documents.isSame(row, document.json)) return 'same'
    const before = suspect.version
    suspect.version = document.version
    // Seen before this moment and again now that all that the moment shows is stored: it shows none after that version.
    const isOfRow = lastOffsets === null ? document.version <= version : document.version === before
    if (!isOfRow) return 'unsettled'
    return row === null ? 'extra' : 'stale'
  }

  async #found(
    found: readonly { readonly key: number; readonly suspect: Suspect; readonly kind: DifferenceKind }[],
    suspects: Map<number, Suspect>,
    { version, lastOffsets, isOld }: Moment,
  ): Promise<void> {
    const repairs = found.map(({ suspect }): DocumentRepair => ({
      ...suspect.name!,
      json: suspect.row,
      // Above that of a document that was deleted lately, which the index remembers for a while.
      version:
        lastOffsets === null ? version : (suspect.version ?? lastOffsets.get(suspect.name!.index) ?? 0n),
    }))
    const done = this.#isRepairing ? await this.#documents.repair(repairs) : null
    for (const [i, { key, suspect, kind }] of found.entries()) {
      // A change came between the look and the repair.
      if (done?.[i] === false) continue
      const isCounted = suspect.isWritten
      // Looked at once more: its row may be gone.
      suspect.isWritten = kind === 'missing' && done !== null && isOld
      if (!suspect.isWritten) suspects.delete(key)
      if (isCounted) continue
      this.counts[kind]++
      if (done !== null) this.repaired++
      if (this.differences.length >= MOST_LISTED) continue
      this.differences.push({ kind, ...suspect.name!, isRepaired: done !== null })
    }
  }
}
