import type { DocumentReader } from '../../api/verification.ts'
import { DigestTable, hashName, nameKey } from './digest-table.ts'
import { KnownRows } from './known-rows.ts'
import type { Suspect } from './second-look.ts'
import type { TableRows } from './table-rows.ts'

/** What is held in memory at once: of more documents, a share is compared at a time. */
const MOST_AT_ONCE = 4_000_000
const MOST_SUSPECTS = 50_000

/**
 * All documents and all rows by their digests, whenever each of them is read: in shares, where they are too many for the
 * memory. Documents first: a row that differs then tells its name by itself, and only documents without a row are looked
 * for once more.
 */
export class FirstLook {
  readonly suspects = new Map<number, Suspect>()
  readonly known = new KnownRows()
  rows = 0
  documents = 0
  /** False: there are more suspects than are kept. */
  isComplete = true
  readonly #rows: TableRows
  readonly #documents: DocumentReader
  readonly #indices: readonly string[]
  readonly #name = { low: 0, high: 0 }

  constructor(rows: TableRows, documents: DocumentReader, indices: readonly string[]) {
    this.#rows = rows
    this.#documents = documents
    this.#indices = indices
  }

  async run(): Promise<void> {
    let stored = 0
    for (const index of this.#indices) stored += await this.#documents.count(index)
    const shares = Math.max(1, Math.ceil(stored / MOST_AT_ONCE))
    for (let share = 0; share < shares; share++) {
      const isOther = (name: { readonly high: number }): boolean => name.high % shares !== share
      const table = await this.#readDocuments(stored, { expected: stored / shares, isOther })
      await this.#readRows(table, isOther)
      for (const name of table.missing()) this.#suspect(nameKey(name), null)
    }
    await this.#nameSuspects(stored)
  }

  async #readDocuments(
    stored: number,
    {
      expected,
      isOther,
    }: { readonly expected: number; readonly isOther: (name: { readonly high: number }) => boolean },
  ): Promise<DigestTable> {
    const table = new DigestTable(expected)
    const name = this.#name
    let done = 0
    for (const index of this.#indices) {
      await this.#documents.scan(index, (document) => {
        if (++done % 5000 === 0) this.#rows.tell('reading documents', Math.min(done, stored), stored)
        hashName(document, name)
        if (isOther(name)) return
        table.set(name, document.digest)
      })
    }
    this.documents += table.size
    return table
  }

  async #readRows(table: DigestTable, isOther: (name: { readonly high: number }) => boolean): Promise<void> {
    const { name } = this.#rows
    await this.#rows.readAll(await this.#rows.begin(null), 'reading rows', (row) => {
      if (isOther(name)) return
      this.rows++
      const key = nameKey(name)
      this.known.saw(row, key)
      if (table.meet(name, row.digest) !== 'same') this.#suspect(key, { index: row.index, id: row.id })
    })
  }

  #suspect(key: number, name: Suspect['name']): void {
    if (this.suspects.size >= MOST_SUSPECTS) this.isComplete = false
    else this.suspects.set(key, { name, row: null, missed: 0, version: null, isWritten: false })
  }

  /** Of documents without a row only hashes are known. */
  async #nameSuspects(stored: number): Promise<void> {
    if (![...this.suspects.values()].some(({ name }) => name === null)) return
    const hash = this.#name
    let done = 0
    for (const index of this.#indices) {
      await this.#documents.scanIds(index, (id) => {
        if (++done % 10_000 === 0) this.#rows.tell('reading documents', Math.min(done, stored), stored)
        const name = { index, id }
        hashName(name, hash)
        const suspect = this.suspects.get(nameKey(hash))
        if (suspect !== undefined) suspect.name ??= name
      })
    }
  }
}
