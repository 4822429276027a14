import { isJsonObject, type JsonObject, toText } from '../json/json-object.ts'
import { illegalArgument } from '../search-error.ts'
import type { SearchIndex } from '../store/search-index.ts'
import { IMITATED_VERSION } from './node-info.ts'

/** Known first names of settings. They are kept and shown; none changes what this node does. */
const KNOWN = new Set([
  'number_of_shards',
  'number_of_replicas',
  'auto_expand_replicas',
  'refresh_interval',
  'max_result_window',
  'hidden',
  'codec',

  'mapping',
  'analysis',
  'translog',
  'merge',
  'routing',
  'blocks',
  'lifecycle',
  'sort',
  'query',
  'search',
  'similarity',
  'store',

  'gc_deletes',
  'default_pipeline',
  'final_pipeline',
  'priority',
  'mode',
  'requests',
  'write',
  'soft_deletes',
  'unassigned',

  'max_inner_result_window',
  'max_docvalue_fields_search',
  'max_terms_count',
  'highlight',
  'indexing',
  'allocation',
  'shard',
])
/** Set once, when the index is made. */
const FIXED = new Set(['number_of_shards', 'codec', 'sort', 'mode', 'routing_partition_size'])

/** `{"index": {"a": {"b": 1}}}`, `{"index.a.b": 1}` and `{"a.b": 1}` all become `{"a.b": "1"}`. */
export function flattenSettings(settings: unknown): JsonObject {
  const flat: [string, unknown][] = []
  const walk = (value: unknown, path: string): void => {
    if (isJsonObject(value)) {
      for (const [key, child] of Object.entries(value)) walk(child, path === '' ? key : `${path}.${key}`)
    } else
      flat.push([
        path.replace(/^index\./, ''),
        Array.isArray(value) ? value : value === null ? null : toText(value),
      ])
  }
  walk(isJsonObject(settings) && isJsonObject(settings['settings']) ? settings['settings'] : settings, '')
  for (const [name] of flat) {
    if (KNOWN.has(name.split('.')[0] ?? '')) continue
    throw illegalArgument(
      `unknown setting [index.${name}] please check that any required plugins are installed, or check the breaking changes documentation for removed settings`,
    )
  }
  return Object.fromEntries(flat)
}

/** The settings with changes, which may not touch what is fixed; null takes a setting away. */
export function changeSettings(index: SearchIndex, changes: JsonObject): JsonObject {
  const fixed = Object.keys(changes).filter((name) => FIXED.has(name.split('.')[0] ?? ''))
  if (fixed.length > 0) {
    const names = fixed.map((name) => `index.${name}`).join(', ')
    throw illegalArgument(
      `Can't update non dynamic settings [[${names}]] for open indices [[${index.name}/${index.uuid}]]`,
    )
  }
  return Object.fromEntries(
    Object.entries({ ...index.settings, ...changes }).filter(([, value]) => value !== null),
  )
}

/** As `GET _settings` shows them: nested, with what the node adds. */
export function describeSettings(index: SearchIndex): JsonObject {
  const [major = '', minor = '', patch = ''] = IMITATED_VERSION.split('.')
  const settings = {
    number_of_shards: '1',
    number_of_replicas: '1',
    ...index.settings,
    provided_name: index.name,
    creation_date: String(index.createdMs),
    uuid: index.uuid,
    'version.created': `${major}${minor.padStart(2, '0')}${patch.padStart(2, '0')}99`,
  }
  const tree = new Map<string, unknown>()
  for (const [path, value] of Object.entries(settings)) {
    let level = tree
    const names = path.split('.')
    for (const name of names.slice(0, -1)) {
      const next = level.get(name)
      const inner: Map<string, unknown> =
        next instanceof Map ? (next as Map<string, unknown>) : new Map<string, unknown>()
      level.set(name, inner)
      level = inner
    }
    level.set(names.at(-1)!, value)
  }
  return { index: toObject(tree) }
}

function toObject(tree: ReadonlyMap<string, unknown>): JsonObject {
  return Object.fromEntries(
    [...tree].map(([key, value]) => [
      key,
      value instanceof Map ? toObject(value as Map<string, unknown>) : value,
    ]),
  )
}
