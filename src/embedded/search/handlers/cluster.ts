import type { JsonObject } from '../json/json-object.ts'
import { ok, type Answer, type ApiRequest } from '../http/api-request.ts'
import type { Routes } from '../http/router.ts'
import type { NodeServices } from '../node-services.ts'
import { illegalArgument } from '../search-error.ts'
import { resolveIndices } from '../store/index-expression.ts'
import type { SearchIndex } from '../store/search-index.ts'
import { CLUSTER_NAME } from './node-info.ts'
import { requestedIndices } from './search-answer.ts'

const HEALTH_PARAMETERS = [
  'level',
  'local',
  'master_timeout',
  'timeout',
  'wait_for_active_shards',
  'wait_for_events',
  'wait_for_no_initializing_shards',
  'wait_for_no_relocating_shards',
  'wait_for_nodes',
  'wait_for_status',
  'expand_wildcards',
  'ignore_unavailable',
  'allow_no_indices',
]
const STATS_PARAMETERS = [
  'level',
  'expand_wildcards',
  'forbid_closed_indices',
  'include_unloaded_segments',
  'include_segment_file_sizes',
  'groups',
  'ignore_unavailable',
  'allow_no_indices',
]
const REFRESH_PARAMETERS = [
  'ignore_unavailable',
  'allow_no_indices',
  'expand_wildcards',
  'force',
  'wait_if_ongoing',
  'flush',
  'max_num_segments',
  'only_expunge_deletes',
  'wait_for_completion',
]

/** Health, statistics, and the operations that have nothing to do here. */
export function clusterRoutes(node: NodeServices): Routes {
  const refresh = {
    parameters: REFRESH_PARAMETERS,
    handle: (request: ApiRequest) => refreshIndices(node, request),
  }
  const health = {
    parameters: HEALTH_PARAMETERS,
    handle: (request: ApiRequest) => clusterHealth(node, request),
  }
  const stats = { parameters: STATS_PARAMETERS, handle: (request: ApiRequest) => indexStats(node, request) }
  const operations = ['_refresh', '_flush', '_forcemerge'].flatMap((name) => [
    [`GET,POST /${name}`, refresh] as const,
    [`GET,POST /{index}/${name}`, refresh] as const,
  ])
  return {
    ...Object.fromEntries(operations),
    'GET /_cluster/health': health,
    'GET /_cluster/health/{index}': health,
    'GET /_stats': stats,
    'GET /_stats/{metric}': stats,
    'GET /{index}/_stats': stats,
    'GET /{index}/_stats/{metric}': stats,
  }
}

/** Everything is visible and on disk when its answer is sent: there is nothing to refresh, flush or merge. */
function refreshIndices(node: NodeServices, request: ApiRequest): Answer {
  const { length } = requestedIndices(node, request)
  return ok({ _shards: { total: length * 2, successful: length, failed: 0 } })
}

/** Always green: there is one copy, and one is all there can be. */
function clusterHealth(node: NodeServices, request: ApiRequest): Answer {
  const names = request.pathValue('index')
  const { length } = resolveIndices(node.registry, names, { ignoreUnavailable: true })
  // Elasticsearch waits for an index that is not there, then says that it waited in vain.
  const isMissing = length === 0 && names !== '' && !names.includes('*')
  return {
    status: isMissing ? 408 : 200,
    body: describeHealth(length, isMissing),
  }
}

function describeHealth(length: number, isMissing: boolean): JsonObject {
  return {
    cluster_name: CLUSTER_NAME,
    status: isMissing ? 'red' : 'green',
    timed_out: isMissing,
    number_of_nodes: 1,
    number_of_data_nodes: 1,
    active_primary_shards: length,
    active_shards: length,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: 0,
    delayed_unassigned_shards: 0,
    number_of_pending_tasks: 0,
    number_of_in_flight_fetch: 0,
    task_max_waiting_in_queue_millis: 0,
    active_shards_percent_as_number: 100,
  }
}

const METRICS = new Map<string, (indices: readonly SearchIndex[]) => JsonObject>([
  ['docs', (indices) => ({ count: sum(indices, 'documents'), deleted: 0 })],
  ['indexing', describeIndexing],
])
/** Names that Elasticsearch has figures for and this node has not. */
const EMPTY_METRICS = new Set([
  '_all',
  'store',
  'get',
  'search',
  'merge',
  'refresh',
  'flush',
  'warmer',
  'query_cache',
  'fielddata',
  'completion',
  'segments',
  'translog',
  'request_cache',
  'recovery',
  'bulk',
  'shard_stats',
  'suggest',
])

type CounterName = 'documents' | 'indexTotal' | 'indexFailed' | 'deleteTotal' | 'noopTotal'

function sum(indices: readonly SearchIndex[], name: CounterName): number {
  return indices.reduce((total, { counters }) => total + counters[name], 0)
}

/** Counted since the index was made, over restarts too. */
function describeIndexing(indices: readonly SearchIndex[]): JsonObject {
  return {
    index_total: sum(indices, 'indexTotal'),
    index_time_in_millis: 0,
    index_current: 0,
    index_failed: sum(indices, 'indexFailed'),
    delete_total: sum(indices, 'deleteTotal'),
    delete_time_in_millis: 0,
    delete_current: 0,
    noop_update_total: sum(indices, 'noopTotal'),
    is_throttled: false,
    throttle_time_in_millis: 0,
  }
}

function indexStats(node: NodeServices, request: ApiRequest): Answer {
  const names = (request.pathValue('metric') || '_all').split(',')
  const unknown = names.find((name) => !METRICS.has(name) && !EMPTY_METRICS.has(name))
  if (unknown !== undefined)
    throw illegalArgument(`request [${request.path}] contains unrecognized metric: [${unknown}]`)
  const shown = [...METRICS].filter(([name]) => names.includes('_all') || names.includes(name))
  const describe = (indices: readonly SearchIndex[]): JsonObject => {
    const figures = Object.fromEntries(shown.map(([name, figure]) => [name, figure(indices)]))
    return { primaries: figures, total: figures }
  }
  const indices = requestedIndices(node, request)
  const each = indices.map((index) => [
    index.name,
    { uuid: index.uuid, health: 'green', status: 'open', ...describe([index]) },
  ])
  const shards = { total: indices.length * 2, successful: indices.length, failed: 0 }
  return ok({ _shards: shards, _all: describe(indices), indices: Object.fromEntries(each) as JsonObject })
}
