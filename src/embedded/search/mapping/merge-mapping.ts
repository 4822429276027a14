import { toText } from '../json/json-object.ts'
import { illegalArgument } from '../search-error.ts'
import { allFields, type FieldMapping, type ObjectMapping } from './mapping.ts'
import { parseField } from './parse-field.ts'

type MappingNode = FieldMapping | ObjectMapping

/** `index.mapping.total_fields.limit`: a source whose keys are data must not blow up the mapping. */
const MAX_FIELDS = 1_000

/** What may be said otherwise about a field that exists. */
const UPDATABLE = new Set([
  'fields',
  'ignore_above',
  'ignore_malformed',
  'coerce',
  'search_analyzer',
  'meta',
  'boost',
  'fielddata',
  'norms',
])

/** The mapping with what an update adds; an update that contradicts it is refused, and changes nothing. */
export function mergeMapping(current: ObjectMapping, update: ObjectMapping): ObjectMapping {
  const merged = mergeObjects(current, update)
  const count = [...allFields(merged)].length
  if (count > MAX_FIELDS) throw illegalArgument(`Limit of total fields [${MAX_FIELDS}] has been exceeded`)
  return merged
}

export function mergeObjects(current: ObjectMapping, update: ObjectMapping): ObjectMapping {
  const properties = new Map<string, MappingNode>(current.properties)
  for (const [name, node] of update.properties) {
    const existing = properties.get(name)
    properties.set(name, existing === undefined ? node : mergeNodes(existing, node))
  }
  return {
    ...current,
    isEnabled: current.isEnabled && update.isEnabled,
    dynamic: update.dynamic ?? current.dynamic,
    properties,
    extra: { ...current.extra, ...update.extra },
  }
}

function mergeNodes(current: MappingNode, update: MappingNode): MappingNode {
  if (current.kind === 'object' && update.kind === 'object') return mergeObjects(current, update)
  if (current.kind === 'field' && update.kind === 'field') return mergeFields(current, update)
  throw illegalArgument(
    current.kind === 'object'
      ? `can't merge a non object mapping [${current.path}] with an object mapping`
      : `can't merge an object mapping [${current.path}] with a non object mapping`,
  )
}

function mergeFields(current: FieldMapping, update: FieldMapping): FieldMapping {
  const { path } = current
  if (current.type.name !== update.type.name) {
    throw illegalArgument(
      `mapper [${path}] cannot be changed from type [${current.type.name}] to [${update.type.name}]`,
    )
  }
  const names = new Set([...Object.keys(current.definition), ...Object.keys(update.definition)])
  for (const name of names) {
    const [before, after] = [current.definition[name], update.definition[name]].map((value) =>
      JSON.stringify(value),
    )
    if (UPDATABLE.has(name) || before === after) continue
    const shown = [current.definition[name], update.definition[name]].map((value) =>
      toText(value ?? 'default'),
    )
    throw illegalArgument(
      `Mapper for [${path}] conflicts with existing mapper:\n\tCannot update parameter [${name}] from [${shown[0]}] to [${shown[1]}]`,
    )
  }
  const fields = new Map(current.subFields)
  for (const [name, sub] of update.subFields) {
    const existing = fields.get(name)
    fields.set(name, existing === undefined ? sub : mergeFields(existing, sub))
  }
  const definition = { ...current.definition, ...update.definition }
  const subFields = Object.fromEntries([...fields].map(([name, sub]) => [name, sub.definition]))
  const withSubFields = fields.size === 0 ? definition : { ...definition, fields: subFields }
  return parseField(path, path.slice(path.lastIndexOf('.') + 1), withSubFields)
}
