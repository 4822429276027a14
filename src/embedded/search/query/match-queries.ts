import { parsingException } from '../search-error.ts'
import type { FoundField } from '../mapping/mapping.ts'
import { type JsonObject, toText } from '../json/json-object.ts'
import {
  boostOf,
  clauseObject,
  fieldClause,
  minimumShouldMatch,
  refuseUnknown,
  scalar,
} from './clause-body.ts'
import { bestOf, sumOf } from './compound-query.ts'
import { matchNone, type Query } from './query.ts'
import { fieldsMatching, QueryShardError, searchedField, type QueryContext } from './query-context.ts'
import { idsOf, startsWithQuery } from './term-queries.ts'
import { phraseQuery, tokensQuery } from './text-query.ts'
import { valueQuery } from './value-query.ts'

const MATCH_OPTIONS = [
  'operator',
  'minimum_should_match',
  'lenient',
  'zero_terms_query',
  'auto_generate_synonyms_phrase_query',
  'max_expansions',
  'slop',
  'analyzer',
  'fuzziness',
  'prefix_length',
  'fuzzy_transpositions',
  'fuzzy_rewrite',
]

export type MatchKind = 'match' | 'match_phrase' | 'match_phrase_prefix' | 'match_bool_prefix'

/** The match family: the text of the query is analysed as the field is. */
export function matchQuery(kind: MatchKind): (context: QueryContext, body: unknown) => Query {
  return (context, body) => {
    const { field, options } = fieldClause(kind, body, { valueKey: 'query', known: MATCH_OPTIONS })
    scalar(kind, options['query'])
    if (field === '_id') return idsOf([options['query']], boostOf(options))
    const found = searchedField(context, field)
    return found === undefined ? matchNone : matchField(context, found, { kind, options })
  }
}

/** One field against the text in `options.query`. */
export function matchField(
  context: QueryContext,
  found: FoundField,
  { kind, options }: { kind: MatchKind; options: JsonObject },
): Query {
  refuseUnsupported(kind, options)
  const boost = boostOf(options)
  const text = String(options['query'])
  if (found.field.type.family !== 'text') {
    if (kind.endsWith('prefix') && found.field.type.family === 'keyword') {
      return startsWithQuery(context, found.field.path, { value: text, boost })
    }
    return lenient(options, () => valueQuery(context, found, { value: options['query'], boost }))
  }
  const tokens = found.field.searchAnalyzer(text)
  if (tokens.length === 0) return matchNone
  const lastIsPrefix = kind === 'match_phrase_prefix' || kind === 'match_bool_prefix'
  if (kind === 'match_phrase' || kind === 'match_phrase_prefix') {
    return phraseQuery(context, found, { tokens, boost, lastIsPrefix })
  }
  return tokensQuery(context, found, {
    tokens,
    boost,
    lastIsPrefix,
    minimum: minimumOf(options, tokens.length),
  })
}

function refuseUnsupported(kind: MatchKind, options: JsonObject): void {
  if (options['fuzziness'] !== undefined) {
    throw parsingException(`[${kind}] query does not support [fuzziness] in the embedded search node`)
  }
  if (Number(options['slop'] ?? 0) !== 0) {
    throw parsingException(`[${kind}] query does not support a [slop] in the embedded search node`)
  }
}

function minimumOf(options: JsonObject, count: number): number {
  const operator = toText(options['operator'] ?? 'or').toLowerCase()
  if (operator === 'and') return count
  if (operator !== 'or')
    throw parsingException(`operator needs to be either [or] or [and], but not [${operator}]`)
  const spec = options['minimum_should_match']
  return spec === undefined ? 1 : minimumShouldMatch(spec, count)
}

/** With `lenient`, a value that does not fit the type of a field matches nothing there. */
function lenient(options: JsonObject, make: () => Query): Query {
  try {
    return make()
  } catch (error) {
    if (error instanceof QueryShardError && options['lenient'] === true) return matchNone
    throw error
  }
}

const MULTI_MATCH_KINDS: ReadonlyMap<string, MatchKind> = new Map<string, MatchKind>([
  ['best_fields', 'match'],
  ['most_fields', 'match'],
  ['phrase', 'match_phrase'],
  ['phrase_prefix', 'match_phrase_prefix'],
  ['bool_prefix', 'match_bool_prefix'],
])

export function multiMatchQuery(context: QueryContext, body: unknown): Query {
  const options = clauseObject('multi_match', body)
  refuseUnknown('multi_match', options, [
    ...MATCH_OPTIONS,
    'query',
    'fields',
    'type',
    'tie_breaker',
    'boost',
    '_name',
  ])
  scalar('multi_match', options['query'])
  const type = toText(options['type'] ?? 'best_fields')
  const kind = MULTI_MATCH_KINDS.get(type)
  if (kind === undefined)
    throw parsingException(`[multi_match] query does not support type [${type}] in the embedded search node`)
  const given = options['fields'] === undefined ? ['*'] : [options['fields']].flat().map(String)
  const isLenient = options['lenient'] === true || given.some((field) => field.includes('*'))
  const clauses = weightedFields(context, given).map(({ found, boost }) =>
    matchField(context, found, {
      kind,
      options: { ...options, lenient: isLenient, boost: boost * boostOf(options) },
    }),
  )
  const tieBreaker = Number(options['tie_breaker'] ?? 0)
  return type === 'most_fields' || type === 'bool_prefix' ? sumOf(clauses) : bestOf(clauses, tieBreaker)
}

/** `name^3` and patterns: the fields that are meant, with their boosts. */
export function weightedFields(
  context: QueryContext,
  patterns: readonly string[],
): { found: FoundField; boost: number }[] {
  return patterns.flatMap((pattern) => {
    const [name = '', boost = '1'] = pattern.split('^')
    return fieldsMatching(context, name)
      .filter(({ field }) => !name.includes('*') || field.type.family !== 'date')
      .map((found) => ({ found, boost: Number(boost) || 1 }))
  })
}
