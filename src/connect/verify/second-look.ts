import type {
  DocumentName,
  DocumentReader,
  DocumentRepair,
  StoredDocument,
  TablePass,
} from '../../api/verification.ts'
import type { Difference, DifferenceKind } from './verification-state.ts'

/** Documents that are asked for at once. */
const AT_ONCE = 500
const MOST_LISTED = 1000
/** Below that of every record but the very first of a partition. */
const LOWEST_OFFSET = 0n

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
}

/**
 * Looks at suspects again, with rows of a moment that the sink has caught up with. A document whose version is not above
 * that moment's owes its content to changes that the moment shows: if it is not as the row is then, it never will be. One
 * that is newer says nothing, and is looked at once more. Where
 * versions are offsets, one is judged by a moment that came after it was seen with the same version.
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

  /** Takes away what is settled. @param pass whose rows the suspects have */
  async settle(suspects: Map<number, Suspect>, { version }: TablePass): Promise<void> {
    const all = [...suspects]
    for (let at = 0; at < all.length; at += AT_ONCE) {
      const some = all.slice(at, at + AT_ONCE)
      // Neither a row nor a document is left.
      for (const [key, { name }] of some) if (name === null) suspects.delete(key)
      const named = some.filter(([, { name }]) => name !== null)
      const stored = await this.#documents.read(named.map(([, { name }]) => name!))
      const found: { readonly key: number; readonly suspect: Suspect; readonly kind: DifferenceKind }[] = []
      for (const [i, [key, suspect]] of named.entries()) {
        const verdict = this.#judge(suspect, stored[i]!, version)
        if (verdict === 'same') suspects.delete(key)
        else if (verdict !== 'unsettled') found.push({ key, suspect, kind: verdict })
      }
      await this.#found(found, { suspects, version })
    }
  }

  #judge(
    suspect: Suspect,
    document: StoredDocument | null,
    version: bigint,
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
    // It was there before this moment, and all changes that the moment shows are stored: none of them is its row's.
    const isOfRow = this.#documents.areVersionsOffsets
      ? document.version === before
      : document.version <= version
    if (!isOfRow) return 'unsettled'
    return row === null ? 'extra' : 'stale'
  }

  async #found(
    found: readonly { readonly key: number; readonly suspect: Suspect; readonly kind: DifferenceKind }[],
    { suspects, version }: { readonly suspects: Map<number, Suspect>; readonly version: bigint },
  ): Promise<void> {
    const repairs = found.map(({ suspect: { name, row, version: documentVersion } }): DocumentRepair => ({
      ...name!,
      json: row,
      version: this.#documents.areVersionsOffsets ? (documentVersion ?? LOWEST_OFFSET) : version,
    }))
    const done = this.#isRepairing ? await this.#documents.repair(repairs) : null
    for (const [i, { key, suspect, kind }] of found.entries()) {
      // A change came between the look and the repair.
      if (done?.[i] === false) continue
      suspects.delete(key)
      this.counts[kind]++
      if (done !== null) this.repaired++
      if (this.differences.length >= MOST_LISTED) continue
      this.differences.push({ kind, ...suspect.name!, isRepaired: done !== null })
    }
  }
}
