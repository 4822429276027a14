import { SearchError } from '../search-error.ts'
import type { SearchIndex } from '../store/search-index.ts'
import { QueryShardError } from '../query/query-context.ts'

/** A search that an index refuses, wrapped as Elasticsearch reports it: its one shard failed. */
export function shardFailure(index: SearchIndex, error: QueryShardError): SearchError {
  const place = error.type === 'query_shard_exception' ? { index_uuid: index.uuid, index: index.name } : {}
  const root = new SearchError(400, error.type, error.message, place)
  const cause = error.causedBy === undefined ? {} : { caused_by: error.causedBy }
  const reason = { ...root.describe(), ...cause }
  const details = {
    phase: 'query',
    grouped: true,
    failed_shards: [{ shard: 0, index: index.name, node: 'tailrace', reason }],
  }
  return new SearchError(400, 'search_phase_execution_exception', 'all shards failed', details, root)
}

/** Runs what asks one index; a QueryShardError becomes its failure. */
export function askingIndex<T>(index: SearchIndex, ask: () => T): T {
  try {
    return ask()
  } catch (error) {
    throw error instanceof QueryShardError ? shardFailure(index, error) : error
  }
}
