import { isJsonObject, type JsonObject, toText } from '../json/json-object.ts'
import { RawJson } from '../json/raw-json.ts'
import { compareValues, type DocValue } from '../mapping/doc-value.ts'
import { findField, type FoundField } from '../mapping/mapping.ts'
import { QueryShardError } from '../query/query-context.ts'
import type { SourceDocument } from '../query/source-document.ts'
import { illegalArgument, SearchError } from '../search-error.ts'
import type { SearchIndex } from '../store/search-index.ts'

/** One level of a sort, as asked for. */
export interface SortLevel {
  /** A field, `_score` or `_doc`. */
  readonly by: string
  readonly isDescending: boolean
  readonly missing: '_first' | '_last'
  /** With it, a field that is not mapped counts as missing. */
  readonly unmappedType: string | undefined
  /** Of several values, the one that counts. */
  readonly mode: 'min' | 'max'
}

/** A value to sort by; null where the document has none. */
export type SortKey = DocValue | null

const OPTIONS = new Set(['order', 'missing', 'unmapped_type', 'mode', 'format', 'numeric_type', 'nested'])

/** `"a"`, `"a:desc"` (of a query string), `{"a": "desc"}`, `{"a": {"order": "desc"}}`, or a list of them. */
export function parseSort(sort: unknown): SortLevel[] {
  if (sort === undefined || sort === null) return []
  const list: readonly unknown[] = Array.isArray(sort) ? sort : [sort]
  return list.flatMap((entry) => {
    if (typeof entry === 'string') return [level(entry, {})]
    if (!isJsonObject(entry))
      throw illegalArgument(
        'malformed sort format, within the sort array, an object, or an actual string are allowed',
      )
    return Object.entries(entry).map(([by, options]) =>
      level(by, isJsonObject(options) ? options : { order: options }),
    )
  })
}

/** `?sort=a:desc,b` */
export function parseSortParameter(text: string): SortLevel[] {
  return text.split(',').map((part) => {
    const [, by = part, order] = /^(.*):(asc|desc)$/.exec(part) ?? []
    return level(by, order === undefined ? {} : { order })
  })
}

function level(by: string, options: JsonObject): SortLevel {
  const unknown = Object.keys(options).find((key) => !OPTIONS.has(key))
  if (unknown !== undefined)
    throw new SearchError(400, 'x_content_parse_exception', `[field_sort] unknown field [${unknown}]`)
  const order = toText(options['order'] ?? (by === '_score' ? 'desc' : 'asc')).toLowerCase()
  if (order !== 'asc' && order !== 'desc') throw illegalArgument(`Unknown SortOrder [${order}]`)
  const missing = toText(options['missing'] ?? '_last')
  if (missing !== '_first' && missing !== '_last') {
    throw illegalArgument(
      `[missing] of a sort may be [_first] or [_last] in the embedded search node, not [${missing}]`,
    )
  }
  const isDescending = order === 'desc'
  const mode = options['mode'] ?? (isDescending ? 'max' : 'min')
  if (mode !== 'min' && mode !== 'max')
    throw illegalArgument(`sort mode [${toText(mode)}] is not supported, only [min] and [max]`)
  return {
    by,
    isDescending,
    missing,
    mode,
    unmappedType: options['unmapped_type'] === undefined ? undefined : toText(options['unmapped_type']),
  }
}

/** Reads the keys of one index's documents. */
export type KeyReader = (document: SourceDocument, score: number) => SortKey[]

export function compileSort(index: SearchIndex, levels: readonly SortLevel[]): KeyReader {
  const fields = levels.map((each) => (each.by.startsWith('_') ? undefined : sortField(index, each)))
  return (document, score) =>
    levels.map((each, position): SortKey => {
      if (each.by === '_score') return score
      if (each.by === '_doc') return document.rowId
      if (each.by === '_id') return document.id
      const field = fields[position]
      return field === undefined ? null : extreme(document.values(field), each.mode)
    })
}

function sortField(index: SearchIndex, { by, unmappedType }: SortLevel): FoundField | undefined {
  const found = findField(index.mapping, by)
  if (found === undefined) {
    if (unmappedType !== undefined) return undefined
    throw new QueryShardError(`No mapping found for [${by}] in order to sort on`)
  }
  if (found.field.type.family === 'text') throw fielddataDisabled(index, by)
  return found
}

/** Why a text field can neither be sorted nor counted by. */
export function fielddataDisabled(index: SearchIndex, path: string): QueryShardError {
  const reason =
    `Fielddata is disabled on [${path}] in [${index.name}]. Text fields are not optimised for operations that require per-document ` +
    `field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead, such as [${path}.keyword].`
  return new QueryShardError(reason, { type: 'illegal_argument_exception' })
}

function extreme(values: readonly DocValue[], mode: 'min' | 'max'): SortKey {
  let found: SortKey = null
  for (const value of values) {
    if (found === null) found = value
    else if (mode === 'min' ? compareValues(value, found) < 0 : compareValues(value, found) > 0) found = value
  }
  return found
}

export function compareKeys(
  levels: readonly SortLevel[],
  a: readonly SortKey[],
  b: readonly SortKey[],
): number {
  for (const [position, each] of levels.entries()) {
    const [left, right] = [a[position] ?? null, b[position] ?? null]
    let order: number
    if (left === null || right === null) {
      if (left === right) continue
      order = (left === null) === (each.missing === '_first') ? -1 : 1
    } else order = each.isDescending ? compareValues(right, left) : compareValues(left, right)
    if (order !== 0) return order
  }
  return 0
}

/** The keys of a hit as the answer shows them, and as `search_after` brings them back. */
export function writeKeys(
  levels: readonly SortLevel[],
  keys: readonly SortKey[],
  index: SearchIndex,
): unknown[] {
  return keys.map((key, position) => {
    if (typeof key === 'boolean') return Number(key)
    if (key !== null) return key
    const { by, isDescending, missing, unmappedType } = levels[position]!
    const type = findField(index.mapping, by)?.field.type ?? {
      family: 'number',
      name: unmappedType ?? 'long',
    }
    const isHighest = (missing === '_last') !== isDescending
    if (type.family === 'keyword') return null
    if (['float', 'double', 'half_float'].includes(type.name)) return isHighest ? 'Infinity' : '-Infinity'
    return new RawJson(isHighest ? '9223372036854775807' : '-9223372036854775808')
  })
}

const NO_VALUE = new Set<unknown>([
  null,
  'Infinity',
  '-Infinity',
  9223372036854775807n,
  -9223372036854775808n,
])

/** The keys of `search_after`, in the form of `KeyReader`. */
export function parseSearchAfter(levels: readonly SortLevel[], values: unknown): SortKey[] | undefined {
  if (values === undefined) return undefined
  if (!Array.isArray(values))
    throw illegalArgument('[search_after] must be an array of the sort values of a hit')
  if (levels.length === 0) throw illegalArgument('Sort must contain at least one field.')
  if (values.length !== levels.length) {
    throw illegalArgument(`search_after has ${values.length} value(s) but sort has ${levels.length}.`)
  }
  return values.map((value: unknown) => (NO_VALUE.has(value) ? null : (value as SortKey)))
}
