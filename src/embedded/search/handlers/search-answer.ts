import type { ApiRequest } from '../http/api-request.ts'
import type { JsonObject } from '../json/json-object.ts'
import type { NodeServices } from '../node-services.ts'
import { shortFloat } from '../search/fetch-hits.ts'
import type { SearchRequest } from '../search/search-request.ts'
import type { SearchResult } from '../search/searcher.ts'
import { resolveIndices } from '../store/index-expression.ts'
import type { SearchIndex } from '../store/search-index.ts'

/** The indices of the path, with the parameters that say what to do about missing ones. */
export function requestedIndices(node: NodeServices, request: ApiRequest): SearchIndex[] {
  return resolveIndices(node.registry, request.pathValue('index'), {
    ignoreUnavailable: request.parameters.flag('ignore_unavailable'),
    allowNoIndices: request.parameters.flag('allow_no_indices', true),
  })
}

export function searchShards({ length }: readonly SearchIndex[]): JsonObject {
  return { total: length, successful: length, skipped: 0, failed: 0 }
}

export function describeHits(
  { countUpTo }: SearchRequest,
  { total, maxScore, hits }: Omit<SearchResult, 'aggregations'>,
  asNumber: boolean,
): JsonObject {
  const counted = total > countUpTo ? { value: countUpTo, relation: 'gte' } : { value: total, relation: 'eq' }
  return {
    ...(countUpTo === 0 ? {} : { total: asNumber ? total : counted }),
    max_score: maxScore === null ? null : shortFloat(maxScore),
    hits,
  }
}
