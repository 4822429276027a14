import { isJsonObject, type JsonObject, toText } from '../json/json-object.ts'
import { SearchError } from '../search-error.ts'
import { fieldPrefix } from '../text/index-term.ts'
import { findAnalyzer, type Analyzer } from '../text/standard-analyzer.ts'
import { DateFormat } from './date-format.ts'
import { COMMON_PARAMETERS, defaultDateFormat, findFieldType, type FieldType } from './field-type.ts'
import type { FieldMapping } from './mapping.ts'

/** The mapping cannot be read; Elasticsearch wraps the reason once more. */
export function unreadableMapping(reason: string): SearchError {
  const root = new SearchError(400, 'mapper_parsing_exception', reason)
  const cause = { type: root.type, reason }
  return new SearchError(400, root.type, `Failed to parse mapping: ${reason}`, { caused_by: cause }, root)
}

/** Compiles one field. Used for sub-fields and for what dynamic mapping derives, too. */
export function parseField(path: string, name: string, definition: JsonObject): FieldMapping {
  const type = findFieldType(String(definition['type']))
  if (type === undefined)
    throw unreadableMapping(`No handler for type [${String(definition['type'])}] declared on field [${name}]`)
  for (const parameter of Object.keys(definition)) {
    if (COMMON_PARAMETERS.includes(parameter) || type.parameters.includes(parameter)) continue
    throw unreadableMapping(`unknown parameter [${parameter}] on mapper [${name}] of type [${type.name}]`)
  }
  const subFields = new Map<string, FieldMapping>()
  for (const [sub, child] of Object.entries(isJsonObject(definition['fields']) ? definition['fields'] : {})) {
    if (isJsonObject(child)) subFields.set(sub, parseField(`${path}.${sub}`, sub, child))
  }
  const options = {
    coerce: toText(definition['coerce'] ?? true) !== 'false',
    dateFormat: dateFormatOf(type, name, definition),
  }
  return {
    kind: 'field',
    path,
    type,
    definition,
    subFields,
    ...options,
    termPrefix: fieldPrefix(path),
    isIndexed: type.family !== 'opaque' && toText(definition['index'] ?? true) !== 'false',
    ignoreMalformed: toText(definition['ignore_malformed'] ?? false) === 'true',
    ignoreAbove: Number(definition['ignore_above'] ?? Infinity),
    nullValue: definition['null_value'] == null ? undefined : type.read(definition['null_value'], options),
    analyzer: analyzerOf(definition['analyzer'], name),
    searchAnalyzer: analyzerOf(definition['search_analyzer'] ?? definition['analyzer'], name),
  }
}

function dateFormatOf(type: FieldType, name: string, definition: JsonObject): DateFormat {
  if (type.family !== 'date' || definition['format'] === undefined) return defaultDateFormat
  const text = toText(definition['format'])
  try {
    return new DateFormat(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw unreadableMapping(`Error parsing [format] on field [${name}]: Invalid format: [${text}]: ${reason}`)
  }
}

function analyzerOf(value: unknown, name: string): Analyzer {
  const analyzer = findAnalyzer(value === undefined ? 'standard' : toText(value))
  if (analyzer === undefined)
    throw unreadableMapping(
      `analyzer [${String(value)}] has not been configured in mappings for field [${name}]`,
    )
  return analyzer
}
