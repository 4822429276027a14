import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { JsonObject } from '../json/json-object.ts'
import type { SearchRequest } from './search-request.ts'
import { writeKeys } from './sort.ts'
import { filterSource } from './source-filter.ts'
import type { Hit } from './top-hits.ts'

/** The hits as the answer shows them. Runs in the snapshot of the search: every row is still there. */
export function fetchHits(
  connection: DatabaseSync,
  hits: readonly Hit[],
  request: SearchRequest,
): JsonObject[] {
  const statements = new Map<string, StatementSync>()
  return hits.map((hit) => {
    const table = hit.index.tableName('documents')
    let statement = statements.get(table)
    if (statement === undefined) {
      statement = connection.prepare(`SELECT version, seq_no, source FROM ${table} WHERE row_id = ?`)
      statement.setReadBigInts(true)
      statements.set(table, statement)
    }
    const row = statement.get(hit.rowId)
    return {
      _index: hit.index.name,
      _id: hit.id,
      ...(request.showsVersion ? { _version: row?.['version'] } : {}),
      ...(request.showsSeqNo ? { _seq_no: row?.['seq_no'], _primary_term: 1 } : {}),
      _score: Number.isNaN(hit.score) ? null : shortFloat(hit.score),
      _source: filterSource(String(row?.['source']), request.source),
      ...(request.sort.length === 0 ? {} : { sort: writeKeys(request.sort, hit.keys, hit.index) }),
    }
  })
}

/** A score as Elasticsearch prints its 32-bit floats: with no more digits than tell it from its neighbours. */
export function shortFloat(value: number): number {
  const single = Math.fround(value)
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(single.toPrecision(digits))
    if (Math.fround(short) === single) return short
  }
  return single
}
