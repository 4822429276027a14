import { parsingException } from '../search-error.ts'
import { type JsonObject, toText } from '../json/json-object.ts'
import { boostOf, clauseObject, refuseUnknown, scalar } from './clause-body.ts'
import { bestOf, boolQuery, withScore } from './compound-query.ts'
import { matchField, weightedFields } from './match-queries.ts'
import { matchAll, matchNone, type Query } from './query.ts'
import { QueryShardError, type QueryContext } from './query-context.ts'
import { QueryStringParser, QuerySyntaxError, type QueryNode } from './query-string-parser.ts'
import { rangeQuery } from './range-query.ts'
import { existsQuery, idsOf, patternQuery } from './term-queries.ts'

const OPTIONS = [
  'query',
  'default_field',
  'fields',
  'default_operator',
  'lenient',
  'analyze_wildcard',
  'allow_leading_wildcard',
  'type',
  'tie_breaker',
  'boost',
  '_name',
  'escape',
  'analyzer',
  'minimum_should_match',
  'time_zone',
]

interface Settings {
  readonly context: QueryContext
  /** The fields of what names none. */
  readonly fields: readonly string[]
  readonly isLenient: boolean
  readonly tieBreaker: number
}

/** `{"query_string": {"query": "name:alice AND age:>30"}}`, and `?q=`. */
export function queryStringQuery(context: QueryContext, body: unknown): Query {
  const options = clauseObject('query_string', body)
  refuseUnknown('query_string', options, OPTIONS)
  const text = String(scalar('query_string', options['query'] ?? undefined))
  const settings: Settings = {
    context,
    fields: fieldsOf(options),
    isLenient: options['lenient'] === true,
    tieBreaker: Number(options['tie_breaker'] ?? 0),
  }
  if (text.trim() === '') return matchNone
  return withBoost(compileNode(parse(text, options), settings), boostOf(options))
}

function fieldsOf(options: JsonObject): string[] {
  if (options['fields'] !== undefined) return [options['fields']].flat().map(String)
  return [toText(options['default_field'] ?? '*')]
}

function parse(text: string, options: JsonObject): QueryNode {
  const operator = toText(options['default_operator'] ?? 'or').toLowerCase()
  if (operator !== 'and' && operator !== 'or') {
    throw parsingException(
      `[query_string] default_operator needs to be either [or] or [and], but not [${operator}]`,
    )
  }
  try {
    return new QueryStringParser(text, operator).parse()
  } catch (error) {
    if (!(error instanceof QuerySyntaxError)) throw error
    throw new QueryShardError(`Failed to parse query [${text}]`, {
      causedBy: { type: 'parse_exception', reason: `Cannot parse '${text}': ${error.message}` },
    })
  }
}

function withBoost(query: Query, boost: number): Query {
  return boost === 1
    ? query
    : boolQuery({ must: [query], filter: [], should: [], mustNot: [], minimum: 0, boost })
}

function compileNode(node: QueryNode, settings: Settings): Query {
  const { context } = settings
  switch (node.kind) {
    case 'group': {
      const [only] = node.clauses
      if (node.clauses.length === 1 && only !== undefined && only.occurs !== 'must_not') {
        return withBoost(compileNode(only.node, settings), node.boost)
      }
      const clauses = (occurs: string): Query[] =>
        node.clauses
          .filter((clause) => clause.occurs === occurs)
          .map((clause) => compileNode(clause.node, settings))
      const [must, should, mustNot] = [clauses('must'), clauses('should'), clauses('must_not')]
      // Lucene's own rule: what only excludes finds nothing; Elasticsearch makes it "everything but".
      const minimum = must.length === 0 && should.length > 0 ? 1 : 0
      return boolQuery({ must, filter: [], should, mustNot, minimum, boost: node.boost })
    }
    case 'range':
      return rangeQuery(context, { [node.field]: { ...node.bounds, boost: node.boost } })
    case 'pattern':
      return compilePattern(node, settings)
    case 'phrase':
    case 'term':
      return compileText(node, settings)
  }
}

type TextNode = Extract<QueryNode, { kind: 'term' | 'phrase' | 'pattern' }>

function fieldsOfNode({ field }: TextNode, settings: Settings): ReturnType<typeof weightedFields> {
  return weightedFields(settings.context, field === undefined ? settings.fields : [field])
}

function compilePattern(node: TextNode, settings: Settings): Query {
  const { context } = settings
  const { field, text, boost } = node
  if (/^\*+$/.test(text)) {
    if (field === undefined || field === '*') return matchAll(boost)
    return existsQuery(context, { field, boost })
  }
  const clauses = fieldsOfNode(node, settings)
    .filter(({ found }) => ['text', 'keyword'].includes(found.field.type.family))
    .map(({ found, boost: weight }) => {
      // What is searched in a text field are lower-case tokens.
      const pattern = found.field.type.family === 'text' ? text.toLowerCase() : text
      return patternQuery(context, found.field.path, { pattern, boost: boost * weight })
    })
  return withScore(bestOf(clauses), boost)
}

function compileText(node: TextNode, settings: Settings): Query {
  const { field, text, boost } = node
  if (field === '_exists_') return existsQuery(settings.context, { field: text, boost })
  if (field === '_id') return idsOf([text], boost)
  const isLenient = settings.isLenient || field === undefined
  const kind = node.kind === 'phrase' ? 'match_phrase' : 'match'
  const clauses = fieldsOfNode(node, settings).map(({ found, boost: weight }) =>
    matchField(settings.context, found, {
      kind,
      options: { query: text, lenient: isLenient, boost: boost * weight },
    }),
  )
  return bestOf(clauses, settings.tieBreaker)
}
