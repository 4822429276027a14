import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { FoundField } from '../mapping/mapping.ts'
import type { TermStatistics } from '../query/query-context.ts'
import { SourceDocument } from '../query/source-document.ts'
import type { SearchIndex } from '../store/search-index.ts'
import { foldTerm } from '../text/index-term.ts'

/** Fields are measured on this many documents: all of a small index, the newest ones of a large one. */
const SAMPLE_SIZE = 128

interface FieldStatistics {
  readonly documents: number
  readonly averageLength: number
}

/** What scores need to know about an index, read from one connection while a query is compiled. */
export class IndexTermStatistics implements TermStatistics {
  readonly #connection: DatabaseSync
  readonly #index: SearchIndex
  readonly #fields = new Map<string, FieldStatistics>()
  #vocabulary: StatementSync | undefined
  #sample: readonly SourceDocument[] | undefined

  constructor(connection: DatabaseSync, index: SearchIndex) {
    this.#connection = connection
    this.#index = index
  }

  documentFrequency(term: string): number {
    const table = this.#index.tableName('vocabulary')
    this.#vocabulary ??= this.#connection.prepare(`SELECT doc FROM ${table} WHERE term = ?`)
    return Number(this.#vocabulary.get(foldTerm(term))?.['doc'] ?? 0)
  }

  field(found: FoundField): FieldStatistics {
    const { path } = found.field
    let statistics = this.#fields.get(path)
    if (statistics === undefined) this.#fields.set(path, (statistics = this.#measure(found)))
    return statistics
  }

  #measure(found: FoundField): FieldStatistics {
    const sample = (this.#sample ??= this.#readSample())
    let withField = 0
    let length = 0
    for (const document of sample) {
      const values = document.values(found)
      if (values.length === 0) continue
      withField++
      if (found.field.type.family === 'text')
        for (const tokens of document.tokens(found)) length += tokens.length
    }
    const share = sample.length === 0 ? 0 : withField / sample.length
    return {
      documents: Math.max(1, Math.round(share * this.#index.counters.documents)),
      averageLength: withField === 0 ? 1 : length / withField,
    }
  }

  #readSample(): SourceDocument[] {
    const rows = this.#connection
      .prepare(
        `SELECT row_id, id, source FROM ${this.#index.tableName('documents')} ORDER BY row_id DESC LIMIT ?`,
      )
      .all(SAMPLE_SIZE)
    return rows.map(
      (row) => new SourceDocument(Number(row['row_id']), String(row['id']), String(row['source'])),
    )
  }
}
