import { ok, type Answer, type ApiRequest } from '../http/api-request.ts'
import type { Routes } from '../http/router.ts'
import type { NodeServices } from '../node-services.ts'
import type { SearchIndex } from '../store/search-index.ts'
import { CatTable } from './cat-table.ts'
import { CLUSTER_NAME, IMITATED_VERSION, NODE_NAME } from './node-info.ts'
import { requestedIndices } from './search-answer.ts'

const PARAMETERS = [
  'v',
  'h',
  's',
  'help',
  'bytes',
  'time',
  'ts',
  'local',
  'master_timeout',
  'expand_wildcards',
  'health',
  'pri',
  'include_unloaded_segments',
  'full_id',
  'ignore_unavailable',
  'allow_no_indices',
]

/** Tables for people: text, or JSON with `format=json`. */
export function catRoutes(node: NodeServices): Routes {
  const on = (table: (request: ApiRequest) => CatTable) => ({
    parameters: PARAMETERS,
    handle: (request: ApiRequest) => table(request).answer(request.parameters),
  })
  const indices = on((request) => indicesTable(requestedIndices(node, request)))
  const count = on((request) => countTable(requestedIndices(node, request), node.now()))
  const routes: Routes = {
    'GET /_cat/indices': indices,
    'GET /_cat/indices/{index}': indices,
    'GET /_cat/count': count,
    'GET /_cat/count/{index}': count,
    'GET /_cat/health': on(() => healthTable(node)),
    'GET /_cat/aliases': on(() => aliasTable(node)),
    'GET /_cat/nodes': on(() => nodesTable()),
  }
  return { ...routes, 'GET /_cat': { parameters: [], handle: () => listOf(routes) } }
}

function listOf(routes: Routes): Answer {
  const paths = Object.keys(routes).map((route) => route.slice(route.indexOf('/')))
  return { ...ok(`=^.^=\n${paths.join('\n')}\n`), contentType: 'text/plain; charset=UTF-8' }
}

function indicesTable(indices: readonly SearchIndex[]): CatTable {
  const table = new CatTable([
    'health',
    'status',
    'index',
    'uuid',
    '>pri',
    '>rep',
    '>docs.count',
    '>docs.deleted',
    '>store.size',
    '>pri.store.size',
    '-creation.date',
    '-creation.date.string',
  ])
  for (const index of indices) {
    const { settings, createdMs, counters } = index
    const [shards, replicas] = [settings['number_of_shards'] ?? 1, settings['number_of_replicas'] ?? 1]
    const created = [createdMs, new Date(createdMs).toISOString()]
    table.add(
      'green',
      'open',
      index.name,
      index.uuid,
      shards,
      replicas,
      counters.documents,
      0,
      '-',
      '-',
      ...created,
    )
  }
  return table
}

const clock = (ms: number): [number, string] => [
  Math.floor(ms / 1_000),
  new Date(ms).toISOString().slice(11, 19),
]

function countTable(indices: readonly SearchIndex[], nowMs: number): CatTable {
  const count = indices.reduce((total, { counters }) => total + counters.documents, 0)
  return new CatTable(['epoch', 'timestamp', 'count']).add(...clock(nowMs), count)
}

function healthTable(node: NodeServices): CatTable {
  const shards = node.registry.all().length
  const counts = [
    'shards',
    'pri',
    'relo',
    'init',
    'unassign',
    'pending_tasks',
    'max_task_wait_time',
    'active_shards_percent',
  ]
  return new CatTable([
    'epoch',
    'timestamp',
    'cluster',
    'status',
    '>node.total',
    '>node.data',
    ...counts.map((name) => `>${name}`),
  ]).add(...clock(node.now()), CLUSTER_NAME, 'green', 1, 1, shards, shards, 0, 0, 0, 0, '-', '100.0%')
}

function aliasTable(node: NodeServices): CatTable {
  const table = new CatTable([
    'alias',
    'index',
    'filter',
    'routing.index',
    'routing.search',
    'is_write_index',
  ])
  for (const index of node.registry.all()) {
    for (const alias of Object.keys(index.aliases)) table.add(alias, index.name, '-', '-', '-', '-')
  }
  return table
}

function nodesTable(): CatTable {
  return new CatTable(['ip', 'node.role', 'master', 'name', '-version']).add(
    '127.0.0.1',
    'dim',
    '*',
    NODE_NAME,
    IMITATED_VERSION,
  )
}
