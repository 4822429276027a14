import { isJsonObject, tokenName } from '../json/json-object.ts'
import { illegalArgument, parsingException, SearchError } from '../search-error.ts'
import { boostOf, clauseObject, minimumShouldMatch, refuseUnknown } from './clause-body.ts'
import { bestOf, boolQuery, withScore } from './compound-query.ts'
import { matchQuery, multiMatchQuery } from './match-queries.ts'
import { matchAll, matchNone, type Query } from './query.ts'
import { deeper, type QueryContext } from './query-context.ts'
import { queryStringQuery } from './query-string.ts'
import { rangeQuery } from './range-query.ts'
import { existsQuery, idsQuery, prefixQuery, termQuery, termsQuery, wildcardQuery } from './term-queries.ts'

type Compiler = (context: QueryContext, body: unknown) => Query

/** `indices.query.bool.max_clause_count` of a small node. */
const MAX_CLAUSES = 1_024

const compilers: ReadonlyMap<string, Compiler> = new Map<string, Compiler>([
  ['bool', compileBool],
  ['constant_score', compileConstantScore],
  ['dis_max', compileDisMax],
  ['exists', existsQuery],
  ['ids', idsQuery],
  ['match', matchQuery('match')],
  ['match_all', (_context, body) => matchAll(boostOf(clauseObject('match_all', body)))],
  ['match_bool_prefix', matchQuery('match_bool_prefix')],
  ['match_none', () => matchNone],
  ['match_phrase', matchQuery('match_phrase')],
  ['match_phrase_prefix', matchQuery('match_phrase_prefix')],
  ['multi_match', multiMatchQuery],
  ['prefix', prefixQuery],
  ['query_string', queryStringQuery],
  ['range', rangeQuery],
  ['term', termQuery],
  ['terms', termsQuery],
  ['wildcard', wildcardQuery],
])

/** Compiles `{"<name>": {...}}` against one index. Throws what the client is told. */
export function compileQuery(context: QueryContext, query: unknown): Query {
  if (!isJsonObject(query)) throw parsingException(`Unknown key for a ${tokenName(query)} in [query].`)
  const [entry, other] = Object.entries(query)
  if (entry === undefined) throw illegalArgument('query malformed, empty clause found')
  const [name, body] = entry
  const compile = compilers.get(name)
  if (compile === undefined) throw unknownQuery(name)
  if (other !== undefined)
    throw parsingException(`[${name}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]`)
  return compile(context, body)
}

function unknownQuery(name: string): SearchError {
  const supported = [...compilers.keys()].join(', ')
  return parsingException(`unknown query [${name}]`, {
    type: 'named_object_not_found_exception',
    reason: `unknown field [${name}]; this node, tailrace's embedded search node, has: ${supported}`,
  })
}

const BOOL_CLAUSES = ['must', 'filter', 'should', 'must_not']

function compileBool(context: QueryContext, body: unknown): Query {
  const options = clauseObject('bool', body)
  const known = [...BOOL_CLAUSES, 'mustNot', 'minimum_should_match', 'adjust_pure_negative', 'boost', '_name']
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown !== undefined)
    throw new SearchError(400, 'x_content_parse_exception', `[bool] unknown field [${unknown}]`)
  const inner = deeper(context)
  const clauses = (name: string): Query[] => compileAll(inner, options[name])
  const [must, filter, should, mustNot] = [
    clauses('must'),
    clauses('filter'),
    clauses('should'),
    clauses('must_not'),
  ]
  if (must.length + filter.length + should.length + mustNot.length === 0) return matchAll(boostOf(options))
  const isOptional = must.length > 0 || filter.length > 0 || should.length === 0
  const spec = options['minimum_should_match']
  const minimum = spec === undefined ? (isOptional ? 0 : 1) : minimumShouldMatch(spec, should.length)
  return boolQuery({ must, filter, should, mustNot, minimum, boost: boostOf(options) })
}

/** One clause or a list of them. */
function compileAll(context: QueryContext, clauses: unknown): Query[] {
  if (clauses === undefined || clauses === null) return []
  const list: readonly unknown[] = Array.isArray(clauses) ? clauses : [clauses]
  if (list.length > MAX_CLAUSES)
    throw new SearchError(400, 'too_many_clauses', `maxClauseCount is set to ${MAX_CLAUSES}`)
  return list.map((clause) => compileQuery(context, clause))
}

function compileConstantScore(context: QueryContext, body: unknown): Query {
  const options = clauseObject('constant_score', body)
  refuseUnknown('constant_score', options, ['filter', 'boost', '_name'])
  if (options['filter'] === undefined) throw parsingException("[constant_score] requires a 'filter' element")
  return withScore(compileQuery(deeper(context), options['filter']), boostOf(options))
}

function compileDisMax(context: QueryContext, body: unknown): Query {
  const options = clauseObject('dis_max', body)
  refuseUnknown('dis_max', options, ['queries', 'tie_breaker', 'boost', '_name'])
  const queries = compileAll(deeper(context), options['queries'])
  if (queries.length === 0)
    throw parsingException("[dis_max] requires 'queries' field with at least one clause")
  return bestOf(queries, Number(options['tie_breaker'] ?? 0), boostOf(options))
}
