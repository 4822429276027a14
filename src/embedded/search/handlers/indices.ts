import { isJsonObject, type JsonObject } from '../json/json-object.ts'
import { acknowledged, ok, type Answer, type ApiRequest } from '../http/api-request.ts'
import type { Routes } from '../http/router.ts'
import { describeMapping } from '../mapping/mapping.ts'
import { mergeMapping } from '../mapping/merge-mapping.ts'
import { parseMapping } from '../mapping/parse-mapping.ts'
import type { NodeServices } from '../node-services.ts'
import { indexNotFound, SearchError } from '../search-error.ts'
import { refuseEverything } from '../store/index-expression.ts'
import { checkAliasName, checkIndexName } from '../store/index-name.ts'
import type { SearchIndex } from '../store/search-index.ts'
import { changeSettings, describeSettings, flattenSettings } from './index-settings.ts'
import { requestedIndices } from './search-answer.ts'

const PARAMETERS = [
  'timeout',
  'master_timeout',
  'ignore_unavailable',
  'allow_no_indices',
  'expand_wildcards',
  'wait_for_active_shards',
  'local',
  'flat_settings',
  'include_defaults',
  'preserve_existing',
  'write_index_only',
  'include_type_name',
  'features',
]

/** Indices: made, shown, deleted; their mappings and settings. */
export function indexRoutes(node: NodeServices): Routes {
  const on = (handle: (request: ApiRequest) => Answer) => ({ parameters: PARAMETERS, handle })
  const mappings = on((request) =>
    showEach(node, request, (index) => ({ mappings: describeMapping(index.mapping) })),
  )
  const settings = on((request) =>
    showEach(node, request, (index) => ({ settings: describeSettings(index) })),
  )
  return {
    'PUT /{index}': on((request) => createIndex(node, request)),
    'GET /{index}': on((request) => showEach(node, request, describeIndex)),
    'DELETE /{index}': on((request) => deleteIndices(node, request)),
    'GET /_mapping': mappings,
    'GET /{index}/_mapping': mappings,
    'PUT,POST /{index}/_mapping': on((request) => putMapping(node, request)),
    'GET /_settings': settings,
    'GET /{index}/_settings': settings,
    'PUT /{index}/_settings': on((request) => putSettings(node, request)),
  }
}

function showEach(
  node: NodeServices,
  request: ApiRequest,
  describe: (index: SearchIndex) => JsonObject,
): Answer {
  const indices = requestedIndices(node, request)
  return ok(Object.fromEntries(indices.map((index) => [index.name, describe(index)])))
}

function describeIndex(index: SearchIndex): JsonObject {
  return {
    aliases: index.aliases,
    mappings: describeMapping(index.mapping),
    settings: describeSettings(index),
  }
}

function createIndex(node: NodeServices, request: ApiRequest): Answer {
  const name = request.pathValue('index')
  checkIndexName(name)
  const { settings, mappings, aliases, ...rest } = request.bodyObject({ optional: true })
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined)
    throw new SearchError(400, 'parse_exception', `unknown key [${unknown}] for create index`)
  const newIndex = {
    settings: flattenSettings(settings ?? {}),
    mapping: parseMapping(isJsonObject(mappings) ? mappings : {}),
    aliases: isJsonObject(aliases) ? aliases : {},
  }
  for (const alias of Object.keys(newIndex.aliases)) checkAliasName(alias)
  node.registry.transaction(() => node.registry.create(name, newIndex))
  return ok({ acknowledged: true, shards_acknowledged: true, index: name })
}

function deleteIndices(node: NodeServices, request: ApiRequest): Answer {
  const expression = request.pathValue('index')
  refuseEverything(expression)
  const indices = requestedIndices(node, request)
  // An alias names an index for everything but deleting it.
  const alias = expression
    .split(',')
    .find((part) => !part.includes('*') && node.registry.find(part) === undefined)
  if (alias !== undefined && node.registry.aliasedBy(alias).length > 0) {
    throw new SearchError(
      400,
      'illegal_argument_exception',
      `The provided expression [${alias}] matches an alias, specify the corresponding concrete indices instead.`,
    )
  }
  node.registry.transaction(() => {
    for (const index of indices) node.registry.delete(index)
  })
  return acknowledged
}

function putMapping(node: NodeServices, request: ApiRequest): Answer {
  const update = parseMapping(request.bodyObject())
  const indices = requestedIndices(node, request)
  if (indices.length === 0) throw indexNotFound(request.pathValue('index'))
  node.registry.transaction(() => {
    for (const index of indices) node.registry.touch(index).mapping = mergeMapping(index.mapping, update)
  })
  return acknowledged
}

function putSettings(node: NodeServices, request: ApiRequest): Answer {
  const changes = flattenSettings(request.bodyObject())
  const indices = requestedIndices(node, request)
  node.registry.transaction(() => {
    for (const index of indices) {
      index.settings = changeSettings(index, changes)
      node.registry.touch(index).isChanged = true
    }
  })
  return acknowledged
}
