import { ok, type Answer, type ApiRequest } from '../http/api-request.ts'
import type { Routes } from '../http/router.ts'
import type { NodeServices } from '../node-services.ts'
import {
  parseQueryParameter,
  parseSearchRequest,
  QUERY_PARAMETERS,
  SEARCH_PARAMETERS,
} from '../search/search-request.ts'
import { parsingException } from '../search-error.ts'
import { beginScroll } from './scroll.ts'
import { describeHits, requestedIndices, searchShards } from './search-answer.ts'

const COUNT_PARAMETERS = [
  ...QUERY_PARAMETERS,
  'ignore_unavailable',
  'allow_no_indices',
  'expand_wildcards',
  'ignore_throttled',
  'min_score',
  'preference',
  'routing',
  'terminate_after',
]

export function searchRoutes(node: NodeServices): Routes {
  const search = {
    parameters: [...SEARCH_PARAMETERS, 'scroll'],
    handle: (request: ApiRequest) =>
      request.parameters.text('scroll') === undefined
        ? searchDocuments(node, request)
        : beginScroll(node, request),
  }
  const count = {
    parameters: COUNT_PARAMETERS,
    handle: (request: ApiRequest) => countDocuments(node, request),
  }
  return {
    'GET,POST /_search': search,
    'GET,POST /{index}/_search': search,
    'GET,POST /_count': count,
    'GET,POST /{index}/_count': count,
  }
}

async function searchDocuments(node: NodeServices, request: ApiRequest): Promise<Answer> {
  const startMs = performance.now()
  const search = parseSearchRequest(request.bodyObject({ optional: true }), request.parameters)
  const indices = requestedIndices(node, request)
  const result = await node.searcher.search(indices, search, request.signal)
  const asNumber = request.parameters.flag('rest_total_hits_as_int')
  return ok({
    took: Math.round(performance.now() - startMs),
    timed_out: false,
    _shards: searchShards(indices),
    hits: describeHits(search, result, asNumber),
    aggregations: result.aggregations,
  })
}

async function countDocuments(node: NodeServices, request: ApiRequest): Promise<Answer> {
  const body = request.bodyObject({ optional: true })
  const unknown = Object.keys(body).find((key) => key !== 'query')
  if (unknown !== undefined) throw parsingException(`request does not support [${unknown}]`)
  const query = parseQueryParameter(request.parameters) ?? body['query']
  const indices = requestedIndices(node, request)
  const count = await node.searcher.count(indices, query, request.signal)
  return ok({ count, _shards: searchShards(indices) })
}
