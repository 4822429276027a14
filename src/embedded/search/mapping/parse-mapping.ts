import { isJsonObject, type JsonObject, toText } from '../json/json-object.ts'
import { SearchError } from '../search-error.ts'
import type { Dynamic, FieldMapping, ObjectMapping } from './mapping.ts'
import { mergeObjects } from './merge-mapping.ts'
import { parseField, unreadableMapping as unreadable } from './parse-field.ts'

/** Deeper objects are refused, as Elasticsearch does with its default `index.mapping.depth.limit`. */
export const MAX_MAPPING_DEPTH = 20

const ROOT_EXTRAS = [
  '_meta',
  'date_detection',
  'numeric_detection',
  'dynamic_date_formats',
  '_source',
  '_routing',
  'dynamic_templates',
  'runtime',
]

/** Reads the `mappings` of a new index, or the body of `PUT _mapping`. */
export function parseMapping(definition: JsonObject): ObjectMapping {
  return parseObject('', definition, 0)
}

function parseObject(path: string, definition: JsonObject, depth: number): ObjectMapping {
  if (depth > MAX_MAPPING_DEPTH) {
    throw unreadable(
      `Limit of mapping depth [${MAX_MAPPING_DEPTH}] has been exceeded due to object field [${path}]`,
    )
  }
  const { type, properties = {}, dynamic, enabled, ...rest } = definition
  const extras = path === '' ? ROOT_EXTRAS : ['subobjects', 'include_in_parent', 'include_in_root']
  const unknown = Object.keys(rest).filter((name) => !extras.includes(name))
  if (unknown.length > 0) {
    const list = unknown.map((name) => `[${name} : ${String(rest[name])}]`).join(' ')
    throw unreadable(
      path === ''
        ? `Root mapping definition has unsupported parameters:  ${list}`
        : `Mapping definition for [${path}] has unsupported parameters:  ${list}`,
    )
  }
  if (!isJsonObject(properties))
    throw unreadable(`Expected map for property [properties] on field [${path || '_doc'}]`)
  return {
    kind: 'object',
    path,
    isNested: type === 'nested',
    isEnabled: toText(enabled ?? true) !== 'false',
    dynamic: parseDynamic(dynamic),
    properties: parseProperties(path, properties, depth),
    extra: rest,
  }
}

function parseDynamic(value: unknown): Dynamic | undefined {
  if (value === undefined) return undefined
  const text = toText(value).toLowerCase()
  if (text === 'true' || text === 'false' || text === 'strict' || text === 'runtime') return text
  throw new SearchError(
    400,
    'mapper_parsing_exception',
    'Failed to parse mapping: Could not convert [dynamic.dynamic] to boolean',
    {
      caused_by: {
        type: 'illegal_argument_exception',
        reason: `Failed to parse value [${text}] as only [true] or [false] are allowed.`,
      },
    },
  )
}

function parseProperties(
  parent: string,
  properties: JsonObject,
  depth: number,
): Map<string, FieldMapping | ObjectMapping> {
  const parsed = new Map<string, FieldMapping | ObjectMapping>()
  for (const [name, definition] of Object.entries(properties)) {
    const path = parent === '' ? name : `${parent}.${name}`
    if (name === '' || name.split('.').some((part) => part.trim() === '')) {
      throw unreadable('field name cannot be an empty string')
    }
    if (!isJsonObject(definition))
      throw unreadable(`Expected map for property [fields] on field [${name}] but got a ${typeof definition}`)
    // A name with dots means objects in objects.
    const [first = '', ...rest] = name.split('.')
    if (rest.length > 0) {
      const inner = { properties: Object.fromEntries([[rest.join('.'), definition]]) }
      const object = parseObject(parent === '' ? first : `${parent}.${first}`, inner, depth + 1)
      const existing = parsed.get(first)
      parsed.set(first, existing?.kind === 'object' ? mergeObjects(existing, object) : object)
    } else parsed.set(name, parseNode(path, name, definition, depth))
  }
  return parsed
}

function parseNode(
  path: string,
  name: string,
  definition: JsonObject,
  depth: number,
): FieldMapping | ObjectMapping {
  const type = definition['type'] ?? ('properties' in definition ? 'object' : undefined)
  if (type === undefined && !('dynamic' in definition) && !('enabled' in definition)) {
    throw unreadable(`No type specified for field [${name}]`)
  }
  if (type === undefined || type === 'object' || type === 'nested')
    return parseObject(path, definition, depth + 1)
  return parseField(path, name, definition)
}
