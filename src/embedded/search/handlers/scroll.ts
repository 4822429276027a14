import { ok, type Answer, type ApiRequest } from '../http/api-request.ts'
import type { Routes } from '../http/router.ts'
import { toText, type JsonObject } from '../json/json-object.ts'
import type { NodeServices } from '../node-services.ts'
import { parseKeepAlive } from '../search/scrolls.ts'
import { parseSearchRequest } from '../search/search-request.ts'
import type { SearchSnapshot } from '../search/search-snapshot.ts'
import { parsingException, validationFailed } from '../search-error.ts'
import { describeHits, requestedIndices, searchShards } from './search-answer.ts'

const PARAMETERS = ['scroll', 'scroll_id', 'rest_total_hits_as_int']

export function scrollRoutes(node: NodeServices): Routes {
  const goOn = { parameters: PARAMETERS, handle: (request: ApiRequest) => nextPage(node, request) }
  const end = { parameters: PARAMETERS, handle: (request: ApiRequest) => endScrolls(node, request) }
  return {
    'GET,POST /_search/scroll': goOn,
    'GET,POST /_search/scroll/{scroll_id}': goOn,
    'DELETE /_search/scroll': end,
    'DELETE /_search/scroll/{scroll_id}': end,
  }
}

/** A search with `?scroll=`: its first page, and what to ask for the others with. */
export async function beginScroll(node: NodeServices, request: ApiRequest): Promise<Answer> {
  const startMs = performance.now()
  const keepAliveMs = parseKeepAlive(request.parameters.text('scroll'))
  const search = parseSearchRequest(request.bodyObject({ optional: true }), request.parameters)
  if (search.from > 0) throw validationFailed('using [from] is not allowed in a scroll context')
  if (search.size === 0) throw validationFailed('[size] cannot be [0] in a scroll context')
  if (search.searchAfter !== undefined) {
    throw validationFailed('[search_after] cannot be used in a scroll context')
  }
  if (search.aggregations.size > 0) {
    throw validationFailed("aggregations of a scroll are not supported by tailrace's embedded search node")
  }
  const indices = requestedIndices(node, request)
  const snapshot = await node.searcher.open(indices, search, request.signal)
  const id = node.scrolls.add(snapshot, keepAliveMs)
  return page(snapshot, { id, request, startMs })
}

function nextPage(node: NodeServices, request: ApiRequest): Answer {
  const startMs = performance.now()
  const body = request.bodyObject({ optional: true })
  const [id, ...more] = scrollIds(request, body)
  if (id === undefined || more.length > 0) throw validationFailed('scrollId is missing')
  const keepAlive = body['scroll'] ?? request.parameters.text('scroll')
  const snapshot = node.scrolls.get(id, keepAlive === undefined ? undefined : parseKeepAlive(keepAlive))
  return page(snapshot, { id, request, startMs })
}

function endScrolls(node: NodeServices, request: ApiRequest): Answer {
  const ids = scrollIds(request, request.bodyObject({ optional: true }))
  if (ids.length === 0) throw validationFailed('no scroll ids specified')
  const isAll = ids.length === 1 && ids[0] === '_all'
  const freed = node.scrolls.end(isAll ? node.scrolls.all : ids)
  return { ...ok({ succeeded: true, num_freed: freed }), status: freed === 0 && !isAll ? 404 : 200 }
}

function page(
  snapshot: SearchSnapshot,
  { id, request, startMs }: { readonly id: string; readonly request: ApiRequest; readonly startMs: number },
): Answer {
  const { total, maxScore } = snapshot
  const asNumber = request.parameters.flag('rest_total_hits_as_int')
  return ok({
    _scroll_id: id,
    took: Math.round(performance.now() - startMs),
    timed_out: false,
    _shards: searchShards(snapshot.indices),
    hits: describeHits(snapshot.request, { total, maxScore, hits: snapshot.next() }, asNumber),
  })
}

function scrollIds(request: ApiRequest, body: JsonObject): readonly string[] {
  const unknown = Object.keys(body).find((key) => key !== 'scroll' && key !== 'scroll_id')
  if (unknown !== undefined) throw parsingException(`Unknown parameter [${unknown}] in request body`)
  const given = body['scroll_id'] ?? request.parameters.text('scroll_id') ?? request.pathValue('scroll_id')
  if (given === '') return []
  return Array.isArray(given) ? given.map(toText) : toText(given).split(',')
}
