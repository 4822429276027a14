import type { DatabaseSync } from 'node:sqlite'
import type { JsonObject } from '../json/json-object.ts'
import type { SearchIndex } from '../store/search-index.ts'
import { fetchHits } from './fetch-hits.ts'
import type { SearchRequest } from './search-request.ts'
import type { Hit } from './top-hits.ts'

/** All that a search found, and the database as it was then: the pages are read from that, whatever is written meanwhile. */
export class SearchSnapshot {
  readonly request: SearchRequest
  readonly indices: readonly SearchIndex[]
  readonly total: number
  readonly maxScore: number | null
  readonly #connection: DatabaseSync
  readonly #release: () => void
  #hits: readonly Hit[]

  constructor(
    found: { readonly total: number; readonly maxScore: number | null; readonly hits: readonly Hit[] },
    of: {
      readonly request: SearchRequest
      readonly indices: readonly SearchIndex[]
      readonly connection: DatabaseSync
      readonly release: () => void
    },
  ) {
    this.request = of.request
    this.indices = of.indices
    this.total = found.total
    this.maxScore = found.maxScore
    this.#hits = found.hits
    this.#connection = of.connection
    this.#release = of.release
  }

  /** Empty at the end, and from then on. */
  next(): readonly JsonObject[] {
    const page = this.#hits.slice(0, this.request.size)
    this.#hits = this.#hits.slice(this.request.size)
    return fetchHits(this.#connection, page, this.request)
  }

  close(): void {
    this.#hits = []
    this.#release()
  }
}
