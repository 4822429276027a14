import { parsingException } from '../search-error.ts'
import { isJsonObject, toText } from '../json/json-object.ts'
import type { FoundField } from '../mapping/mapping.ts'
import { allFields, findObject } from '../mapping/mapping.ts'
import { matchPrefix } from '../text/index-term.ts'
import { matchesWildcard } from '../text/wildcard.ts'
import { boostOf, clauseObject, fieldClause, refuseUnknown, scalar } from './clause-body.ts'
import { ALL, constantQuery, matchAll, matchNone, terms, type Candidates, type Query } from './query.ts'
import { fieldsMatching, QueryShardError, searchedField, type QueryContext } from './query-context.ts'
import type { SourceDocument } from './source-document.ts'
import { anyValueQuery, valueQuery } from './value-query.ts'

const MAX_TERMS = 65_536

export function idsOf(values: readonly unknown[], boost = 1): Query {
  const ids = new Set(values.map(String))
  return constantQuery({ kind: 'ids', ids: [...ids] }, boost, ({ id }) => ids.has(id))
}

export function termQuery(context: QueryContext, body: unknown): Query {
  const { field: path, options } = fieldClause('term', body, {
    valueKey: 'value',
    known: ['case_insensitive'],
  })
  const value = scalar('term', options['value'])
  const boost = boostOf(options)
  if (path === '_id') return idsOf([value], boost)
  const found = searchedField(context, path)
  if (found === undefined) return matchNone
  if (options['case_insensitive'] !== true) return valueQuery(context, found, { value, boost })
  const wanted = String(value).toLowerCase()
  return textsQuery(found, { candidates: ALL, boost, fits: (text) => text.toLowerCase() === wanted })
}

export function termsQuery(context: QueryContext, body: unknown): Query {
  const { boost, _name, ...rest } = clauseObject('terms', body)
  const [entry, other] = Object.entries(rest)
  if (entry === undefined)
    throw parsingException(
      '[terms] query requires a field name, followed by array of terms or a document lookup specification',
    )
  const [path, values] = entry
  if (other !== undefined) throw parsingException(`[terms] query does not support multiple fields`)
  if (isJsonObject(values))
    throw parsingException('[terms] query does not support lookups in the embedded search node')
  if (!Array.isArray(values)) throw parsingException(`[terms] query does not support [${path}]`)
  if (values.length > MAX_TERMS) {
    const reason = `The number of terms [${values.length}] used in the Terms Query request has exceeded the allowed maximum of [${MAX_TERMS}].`
    throw new QueryShardError(`failed to create query: ${reason}`, {
      causedBy: { type: 'illegal_argument_exception', reason },
    })
  }
  const scalars = values.map((value) => scalar('terms', value))
  const weight = boostOf({ boost: boost ?? 1 })
  if (path === '_id') return idsOf(scalars, weight)
  const found = searchedField(context, path)
  return found === undefined || scalars.length === 0
    ? matchNone
    : anyValueQuery(context, found, { values: scalars, boost: weight })
}

export function idsQuery(_context: QueryContext, body: unknown): Query {
  const options = clauseObject('ids', body)
  refuseUnknown('ids', options, ['values', 'boost', '_name'])
  const values = options['values']
  if (values === undefined) throw parsingException('[ids] requires providing a non-null value for "values"')
  return idsOf(
    Array.isArray(values) ? values.map((value) => scalar('ids', value)) : [scalar('ids', values)],
    boostOf(options),
  )
}

export function existsQuery(context: QueryContext, body: unknown): Query {
  const options = clauseObject('exists', body)
  refuseUnknown('exists', options, ['field', 'boost', '_name'])
  if (options['field'] === undefined) throw parsingException('[exists] must be provided with a [field]')
  const path = toText(options['field'])
  if (path === '_id' || path === '_index' || path === '_source') return matchAll(boostOf(options))
  const object = findObject(context.mapping, path)
  const fields = object === undefined ? fieldsMatching(context, path) : [...allFields(object)]
  if (fields.length === 0) return matchNone
  return constantQuery(ALL, boostOf(options), (document) =>
    fields.some((field) => document.values(field).length > 0),
  )
}

export function prefixQuery(context: QueryContext, body: unknown): Query {
  const { field: path, options } = fieldClause('prefix', body, {
    valueKey: 'value',
    known: ['case_insensitive', 'rewrite'],
  })
  const value = String(scalar('prefix', options['value']))
  return startsWithQuery(context, path, {
    value,
    boost: boostOf(options),
    ignoreCase: options['case_insensitive'] === true,
  })
}

export function startsWithQuery(
  context: QueryContext,
  path: string,
  { value, boost, ignoreCase = false }: { value: string; boost: number; ignoreCase?: boolean },
): Query {
  const found = searchedTexts(context, path, 'prefix')
  if (found === undefined) return matchNone
  if (ignoreCase) {
    const wanted = value.toLowerCase()
    return textsQuery(found, {
      candidates: ALL,
      boost,
      fits: (text) => text.toLowerCase().startsWith(wanted),
    })
  }
  const candidates = terms(matchPrefix(found.field.termPrefix, value))
  return textsQuery(found, { candidates, boost, fits: (text) => text.startsWith(value) })
}

export function wildcardQuery(context: QueryContext, body: unknown): Query {
  const known = ['wildcard', 'case_insensitive', 'rewrite']
  const { field, options } = fieldClause('wildcard', body, { valueKey: 'value', known })
  const pattern = String(scalar('wildcard', options['value'] ?? options['wildcard']))
  return patternQuery(context, field, {
    pattern,
    boost: boostOf(options),
    ignoreCase: options['case_insensitive'] === true,
  })
}

export function patternQuery(
  context: QueryContext,
  path: string,
  { pattern, boost, ignoreCase = false }: { pattern: string; boost: number; ignoreCase?: boolean },
): Query {
  const found = searchedTexts(context, path, 'wildcard')
  if (found === undefined) return matchNone
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text)
  const folded = fold(pattern)
  const start = /^[^*?\\]*/.exec(pattern)?.[0] ?? ''
  const candidates = start === '' || ignoreCase ? ALL : terms(matchPrefix(found.field.termPrefix, start))
  return textsQuery(found, { candidates, boost, fits: (text) => matchesWildcard(folded, fold(text), true) })
}

function searchedTexts(context: QueryContext, path: string, query: string): FoundField | undefined {
  const found = searchedField(context, path)
  const family = found?.field.type.family
  if (family === undefined || family === 'text' || family === 'keyword') return found
  throw new QueryShardError(
    `Can only use ${query} queries on keyword, text and wildcard fields - not on [${path}] which is of type [${found!.field.type.name}]`,
  )
}

/** Judges the tokens of a text field, the whole values of any other. */
function textsQuery(
  found: FoundField,
  { candidates, boost, fits }: { candidates: Candidates; boost: number; fits: (text: string) => boolean },
): Query {
  const matches =
    found.field.type.family === 'text'
      ? (document: SourceDocument) => document.tokens(found).some((tokens) => tokens.some(fits))
      : (document: SourceDocument) => document.values(found).some((value) => fits(String(value)))
  return constantQuery(candidates, boost, matches)
}
