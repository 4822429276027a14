import { isJsonObject, type JsonObject, toText } from '../json/json-object.ts'
import { acknowledged, ok, type Answer, type ApiRequest } from '../http/api-request.ts'
import type { Routes } from '../http/router.ts'
import type { NodeServices } from '../node-services.ts'
import { illegalArgument, PlainError, SearchError } from '../search-error.ts'
import { resolveIndices } from '../store/index-expression.ts'
import { checkAliasName, invalidIndexName } from '../store/index-name.ts'
import type { SearchIndex } from '../store/search-index.ts'
import { matchesWildcard } from '../text/wildcard.ts'
import { requestedIndices } from './search-answer.ts'

const PARAMETERS = [
  'timeout',
  'master_timeout',
  'ignore_unavailable',
  'allow_no_indices',
  'expand_wildcards',
  'local',
]

/** Other names for indices. */
export function aliasRoutes(node: NodeServices): Routes {
  const on = (handle: (request: ApiRequest) => Answer) => ({ parameters: PARAMETERS, handle })
  const show = on((request) => showAliases(node, request))
  const put = on((request) => putAlias(node, request))
  const remove = on((request) => deleteAlias(node, request))
  return {
    'GET /_alias': show,
    'GET /_alias/{alias}': show,
    'GET /{index}/_alias': show,
    'GET /{index}/_alias/{alias}': show,
    'PUT,POST /{index}/_alias/{alias}': put,
    'PUT,POST /{index}/_aliases/{alias}': put,
    'DELETE /{index}/_alias/{alias}': remove,
    'DELETE /{index}/_aliases/{alias}': remove,
    'POST /_aliases': on((request) => changeAliases(node, request)),
  }
}

function showAliases(node: NodeServices, request: ApiRequest): Answer {
  const wanted = request.pathValue('alias')
  const indices = requestedIndices(node, request)
  const isWanted = (alias: string): boolean =>
    wanted === '' || wanted === '_all' || wanted.split(',').some((pattern) => matchesWildcard(pattern, alias))
  const shown = indices
    .map((index) => [index.name, Object.entries(index.aliases).filter(([alias]) => isWanted(alias))] as const)
    .filter(([, aliases]) => wanted === '' || aliases.length > 0)
  if (shown.length === 0 && wanted !== '' && !wanted.includes('*'))
    throw new PlainError(404, `alias [${wanted}] missing`)
  return ok(
    Object.fromEntries(shown.map(([name, aliases]) => [name, { aliases: Object.fromEntries(aliases) }])),
  )
}

function addAlias(
  node: NodeServices,
  index: SearchIndex,
  { alias, options }: { alias: string; options: JsonObject },
): void {
  checkAliasName(alias)
  if (node.registry.find(alias) !== undefined)
    throw invalidIndexName(alias, `an index exists with the same name as the alias`)
  index.aliases = { ...index.aliases, [alias]: options }
  node.registry.touch(index).isChanged = true
}

function removeAlias(node: NodeServices, indices: readonly SearchIndex[], alias: string): void {
  const having = indices.filter((index) =>
    Object.keys(index.aliases).some((name) => matchesWildcard(alias, name)),
  )
  if (having.length === 0) {
    throw new SearchError(404, 'aliases_not_found_exception', `aliases [${alias}] missing`, {
      'resource.type': 'aliases',
      'resource.id': alias,
    })
  }
  for (const index of having) {
    index.aliases = Object.fromEntries(
      Object.entries(index.aliases).filter(([name]) => !matchesWildcard(alias, name)),
    )
    node.registry.touch(index).isChanged = true
  }
}

function putAlias(node: NodeServices, request: ApiRequest): Answer {
  const options = request.bodyObject({ optional: true })
  const indices = requestedIndices(node, request)
  node.registry.transaction(() => {
    for (const index of indices) addAlias(node, index, { alias: request.pathValue('alias'), options })
  })
  return acknowledged
}

function deleteAlias(node: NodeServices, request: ApiRequest): Answer {
  const indices = requestedIndices(node, request)
  node.registry.transaction(() => removeAlias(node, indices, request.pathValue('alias')))
  return acknowledged
}

/** Several changes at once: all of them, or none. */
function changeAliases(node: NodeServices, request: ApiRequest): Answer {
  const actions = request.bodyObject()['actions']
  if (!Array.isArray(actions) || actions.length === 0) throw illegalArgument('No action specified')
  node.registry.transaction(() => {
    for (const action of actions as readonly unknown[]) {
      const [kind = '', body] = isJsonObject(action) ? (Object.entries(action)[0] ?? []) : []
      const { index, indices = index, alias, aliases = alias, ...options } = isJsonObject(body) ? body : {}
      const targets = resolveIndices(node.registry, [indices ?? []].flat().map(toText).join(','), {
        allowNoIndices: false,
      })
      for (const name of [aliases ?? []].flat().map(String)) {
        if (kind === 'add') for (const target of targets) addAlias(node, target, { alias: name, options })
        else if (kind === 'remove') removeAlias(node, targets, name)
      }
      if (kind === 'remove_index') for (const target of targets) node.registry.delete(target)
      else if (kind !== 'add' && kind !== 'remove')
        throw illegalArgument(`[alias_action] unknown field [${kind}]`)
    }
  })
  return acknowledged
}
