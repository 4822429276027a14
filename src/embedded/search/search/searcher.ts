import type { DatabaseSync } from 'node:sqlite'
import type { JsonObject } from '../json/json-object.ts'
import { compileQuery } from '../query/compile-query.ts'
import { matchAll, NO_MATCH, type Query } from '../query/query.ts'
import type { QueryContext } from '../query/query-context.ts'
import type { SourceDocument } from '../query/source-document.ts'
import type { ReaderPool } from '../store/reader-pool.ts'
import type { SearchIndex } from '../store/search-index.ts'
import type { Aggregation } from './aggregations.ts'
import { fetchHits } from './fetch-hits.ts'
import { scan } from './scan.ts'
import type { SearchRequest } from './search-request.ts'
import { SearchSnapshot } from './search-snapshot.ts'
import { askingIndex } from './shard-failure.ts'
import { compareKeys, compileSort } from './sort.ts'
import { IndexTermStatistics } from './term-statistics.ts'
import { TopHits, type Hit } from './top-hits.ts'

export interface SearchResult {
  readonly total: number
  /** Null where hits are not scored, or there are none. */
  readonly maxScore: number | null
  readonly hits: readonly JsonObject[]
  readonly aggregations: JsonObject | undefined
}

interface CompiledSearch {
  readonly index: SearchIndex
  readonly query: Query
  readonly postFilter: Query
}

/** Runs searches over one or several indices, each on a connection and in a snapshot of its own. */
export class Searcher {
  readonly #readers: ReaderPool
  readonly #now: () => number

  constructor(readers: ReaderPool, now: () => number) {
    this.#readers = readers
    this.#now = now
  }

  async search(
    indices: readonly SearchIndex[],
    request: SearchRequest,
    signal: AbortSignal,
  ): Promise<SearchResult> {
    return await this.#readers.use(async (connection) => {
      const compiled = indices.map((index) => this.#compile(connection, index, request))
      const isPlain = request.sort.length === 0 && request.minScore === 0 && request.aggregations.size === 0
      const found =
        isPlain && compiled.every(({ query, postFilter }) => query.isMatchAll && postFilter.isMatchAll)
          ? firstPage(connection, compiled, request)
          : await collect(connection, compiled, { request, signal })
      return { ...found, hits: fetchHits(connection, found.hits, request) }
    })
  }

  /** Searches, and keeps all that was found for who asks for one page after the other. */
  async open(
    indices: readonly SearchIndex[],
    request: SearchRequest,
    signal: AbortSignal,
  ): Promise<SearchSnapshot> {
    const { connection, release } = this.#readers.hold()
    try {
      const compiled = indices.map((index) => this.#compile(connection, index, request))
      const everything = { ...request, size: Infinity }
      const found = await collect(connection, compiled, { request: everything, signal })
      return new SearchSnapshot(found, { request, indices, connection, release })
    } catch (error) {
      release()
      throw error
    }
  }

  async count(indices: readonly SearchIndex[], query: unknown, signal: AbortSignal): Promise<number> {
    return await this.#readers.use(async (connection) => {
      let count = 0
      for (const index of indices) {
        const compiled = this.#compileQuery(connection, index, query)
        if (compiled.isMatchAll) count += index.counters.documents
        else {
          const visit = (document: SourceDocument): void => {
            if (compiled.score(document) !== NO_MATCH) count++
          }
          await scan(connection, { index, query: compiled }, { signal, visit })
        }
      }
      return count
    })
  }

  #compile(connection: DatabaseSync, index: SearchIndex, request: SearchRequest): CompiledSearch {
    return {
      index,
      query: this.#compileQuery(connection, index, request.query),
      postFilter: this.#compileQuery(connection, index, request.postFilter),
    }
  }

  #compileQuery(connection: DatabaseSync, index: SearchIndex, query: unknown): Query {
    if (query === undefined) return matchAll()
    const statistics = new IndexTermStatistics(connection, index)
    const context: QueryContext = { mapping: index.mapping, statistics, nowMs: this.#now(), depth: 0 }
    return askingIndex(index, () => compileQuery(context, query))
  }
}

interface Found {
  readonly total: number
  readonly maxScore: number | null
  readonly hits: readonly Hit[]
  readonly aggregations: JsonObject | undefined
}

/** Everything, in the order it came: SQLite pages, nothing is looked into. */
function firstPage(
  connection: DatabaseSync,
  compiled: readonly CompiledSearch[],
  { from, size }: SearchRequest,
): Found {
  const hits: Hit[] = []
  let total = 0
  let score = 0
  for (const { index, query } of compiled) {
    const offset = Math.max(0, from - total)
    total += index.counters.documents
    if (hits.length >= size || offset >= index.counters.documents) continue
    score = query.score(NOTHING)
    const rows = connection
      .prepare(`SELECT row_id, id FROM ${index.tableName('documents')} ORDER BY row_id LIMIT ? OFFSET ?`)
      .all(size - hits.length, offset)
    for (const row of rows) {
      hits.push({
        index,
        rowId: Number(row['row_id']),
        id: String(row['id']),
        score,
        keys: [],
        order: hits.length,
      })
    }
  }
  const maxScore = hits.length > 0 ? score : compiled.length === 0 ? 0 : null
  return { total, maxScore, hits, aggregations: undefined }
}

/** A query that matches everything looks at nothing. */
const NOTHING = undefined as unknown as SourceDocument

async function collect(
  connection: DatabaseSync,
  compiled: readonly CompiledSearch[],
  { request, signal }: { request: SearchRequest; signal: AbortSignal },
): Promise<Found> {
  const { from, size, sort, searchAfter, minScore } = request
  const isScored = sort.length === 0 || request.tracksScores || sort.some(({ by }) => by === '_score')
  const top = new TopHits(from + size, (a, b) =>
    sort.length === 0 ? b.score - a.score : compareKeys(sort, a.keys, b.keys),
  )
  const aggregations = new Map([...request.aggregations].map(([name, make]) => [name, make()]))
  let total = 0
  let maxScore = -1
  for (const { index, query, postFilter } of compiled) {
    const { readKeys, collectors } = askingIndex(index, () => prepare(index, { request, aggregations }))
    const visit = (document: SourceDocument): void => {
      const score = query.score(document)
      if (score === NO_MATCH || score < minScore) return
      for (const collectOne of collectors) collectOne(document)
      if (!postFilter.isMatchAll && postFilter.score(document) === NO_MATCH) return
      const order = total++
      if (score > maxScore) maxScore = score
      const keys = readKeys(document, score)
      if (searchAfter !== undefined && compareKeys(sort, keys, searchAfter) <= 0) return
      top.add({ index, rowId: document.rowId, id: document.id, score: isScored ? score : NaN, keys, order })
    }
    await scan(
      connection,
      { index, query },
      { signal, visit: (document) => askingIndex(index, () => visit(document)) },
    )
  }
  const results = [...aggregations].map(([name, aggregation]) => [name, aggregation.result()] as const)
  return {
    total,
    maxScore:
      isScored && total > 0 && size > 0 && (sort.length === 0 || request.tracksScores) ? maxScore : null,
    hits: top.best().slice(from),
    aggregations: results.length === 0 ? undefined : Object.fromEntries(results),
  }
}

function prepare(
  index: SearchIndex,
  { request, aggregations }: { request: SearchRequest; aggregations: ReadonlyMap<string, Aggregation> },
): { readKeys: ReturnType<typeof compileSort>; collectors: ((document: SourceDocument) => void)[] } {
  return {
    readKeys: compileSort(index, request.sort),
    collectors: [...aggregations.values()].map((aggregation) => aggregation.collector(index)),
  }
}
