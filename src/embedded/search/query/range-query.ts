import { compareValues, type DocValue } from '../mapping/doc-value.ts'
import { DateFormat } from '../mapping/date-format.ts'
import { readDateInQuery } from '../mapping/field-type.ts'
import type { FoundField } from '../mapping/mapping.ts'
import { parsingException } from '../search-error.ts'
import { type JsonObject, toText } from '../json/json-object.ts'
import { ALL, constantQuery, matchNone, type Query } from './query.ts'
import { readingValue, searchedField, type QueryContext } from './query-context.ts'
import { boostOf, fieldClause, scalar } from './clause-body.ts'
import { readQueryValue } from './value-query.ts'

const OPTIONS = [
  'gt',
  'gte',
  'lt',
  'lte',
  'from',
  'to',
  'include_lower',
  'include_upper',
  'format',
  'time_zone',
  'relation',
]

type Comparison = 'gt' | 'gte' | 'lt' | 'lte'

/** `{"range": {"age": {"gte": 10, "lt": 20}}}`. Ranges have no index: every source is looked at. */
export function rangeQuery(context: QueryContext, body: unknown): Query {
  const { field: path, options } = fieldClause('range', body, { valueKey: 'gte', known: OPTIONS })
  const found = searchedField(context, path)
  if (found === undefined) return matchNone
  const bounds = boundsOf(options).map(
    ([comparison, value]) => [comparison, readBound(context, found, { comparison, value, options })] as const,
  )
  const isInside = (value: DocValue): boolean =>
    bounds.every(([comparison, bound]) => holds(comparison, compareValues(value, bound)))
  const isText = found.field.type.family === 'text'
  return constantQuery(ALL, boostOf(options), (document) =>
    isText ? document.tokens(found).flat().some(isInside) : document.values(found).some(isInside),
  )
}

function boundsOf(options: JsonObject): (readonly [Comparison, unknown])[] {
  const lower: Comparison = options['include_lower'] === false ? 'gt' : 'gte'
  const upper: Comparison = options['include_upper'] === false ? 'lt' : 'lte'
  const all = [
    ['gt', options['gt']],
    ['gte', options['gte']],
    ['lt', options['lt']],
    ['lte', options['lte']],
    [lower, options['from']],
    [upper, options['to']],
  ] as const
  // A bound of null is an open one.
  return all.filter(([, value]) => value !== undefined && value !== null)
}

function readBound(
  context: QueryContext,
  { field }: FoundField,
  { comparison, value, options }: { comparison: Comparison; value: unknown; options: JsonObject },
): DocValue {
  scalar('range', value)
  if (field.type.family !== 'date') return readQueryValue(context, field, value)
  const timeZone = options['time_zone'] === undefined ? undefined : toText(options['time_zone'])
  if (timeZone !== undefined && !/^(?:Z|UTC|[+-]\d{2}:?\d{2})$/.test(timeZone)) {
    throw parsingException(
      `[range] query does not support the time_zone [${timeZone}], only an offset such as +09:00`,
    )
  }
  const format = options['format'] === undefined ? field.dateFormat : formatOf(toText(options['format']))
  const date = readingValue(() => readDateInQuery(value, { format, nowMs: context.nowMs, timeZone }))
  // A date that names a month means all of it: `gt` begins after it, `lte` ends with it.
  return comparison === 'gt' || comparison === 'lte' ? date.lastMs : date.ms
}

function formatOf(text: string): DateFormat {
  try {
    return new DateFormat(text)
  } catch (error) {
    throw parsingException(
      `[range] query cannot read the format [${text}]: ${error instanceof Error ? error.message : ''}`,
    )
  }
}

function holds(comparison: Comparison, order: number): boolean {
  switch (comparison) {
    case 'gt':
      return order > 0
    case 'gte':
      return order >= 0
    case 'lt':
      return order < 0
    case 'lte':
      return order <= 0
  }
}
