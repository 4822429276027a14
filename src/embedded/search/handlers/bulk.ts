import { parseBulkBody } from '../documents/bulk-body.ts'
import { ok, type Answer, type ApiRequest } from '../http/api-request.ts'
import type { Routes } from '../http/router.ts'
import type { NodeServices } from '../node-services.ts'
import { illegalArgument, SearchError } from '../search-error.ts'
import { isRefreshForced } from './documents.ts'

const PARAMETERS = [
  'refresh',
  'routing',
  'timeout',
  'wait_for_active_shards',
  'pipeline',
  'require_alias',
  'require_data_stream',
  '_source',
  '_source_includes',
  '_source_excludes',
  'list_executed_pipelines',
]

export function bulkRoutes(node: NodeServices): Routes {
  const endpoint = { parameters: PARAMETERS, handle: (request: ApiRequest) => bulk(node, request) }
  return { 'PUT,POST /_bulk': endpoint, 'PUT,POST /{index}/_bulk': endpoint }
}

function bulk(node: NodeServices, request: ApiRequest): Answer {
  const startMs = performance.now()
  if (!request.hasBody()) throw new SearchError(400, 'parse_exception', 'request body is required')
  const pipeline = request.parameters.text('pipeline')
  if (pipeline !== undefined && pipeline !== '_none')
    throw illegalArgument(`pipeline with id [${pipeline}] does not exist`)
  const isForced = isRefreshForced(request)
  const defaultIndex = request.pathValue('index')
  const items = parseBulkBody(request.body, {
    defaultIndex: defaultIndex === '' ? undefined : defaultIndex,
    nowMs: node.now(),
  })
  const requireAlias = request.parameters.flag('require_alias')
  const { hasErrors, items: results } = node.bulk.execute(items, { isRefreshForced: isForced, requireAlias })
  return ok({ errors: hasErrors, took: Math.round(performance.now() - startMs), items: results })
}
