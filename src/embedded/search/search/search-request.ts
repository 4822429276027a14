import { isJsonObject, tokenName, type JsonObject, toText } from '../json/json-object.ts'
import type { Parameters } from '../http/parameters.ts'
import { illegalArgument, parsingException } from '../search-error.ts'
import { parseAggregations, type Aggregation } from './aggregations.ts'
import { parseSearchAfter, parseSort, parseSortParameter, type SortKey, type SortLevel } from './sort.ts'
import { parseSourceFilter, SOURCE_PARAMETERS, sourceFilterOf, type SourceFilter } from './source-filter.ts'

export interface SearchRequest {
  /** Undefined: everything. */
  readonly query: unknown
  readonly postFilter: unknown
  readonly from: number
  readonly size: number
  /** Empty: by score. */
  readonly sort: readonly SortLevel[]
  readonly searchAfter: readonly SortKey[] | undefined
  readonly source: SourceFilter
  /** Up to how many hits are counted exactly; 0: no total is asked for. */
  readonly countUpTo: number
  readonly minScore: number
  readonly tracksScores: boolean
  readonly showsVersion: boolean
  readonly showsSeqNo: boolean
  readonly aggregations: ReadonlyMap<string, () => Aggregation>
}

/** `index.max_result_window` */
const MAX_WINDOW = 10_000

const KNOWN = new Set([
  'query',
  'post_filter',
  'from',
  'size',
  'sort',
  'search_after',
  '_source',
  'track_total_hits',
  'min_score',
  'track_scores',
  'version',
  'seq_no_primary_term',
  'aggs',
  'aggregations',
])
/** They make a search no different here. */
const IGNORED = new Set(['timeout', 'terminate_after', 'stats', 'ext', 'profile'])
const UNSUPPORTED = new Set([
  'highlight',
  'fields',
  'docvalue_fields',
  'stored_fields',
  'script_fields',
  'runtime_mappings',
  'suggest',
  'rescore',
  'collapse',
  'knn',
  'pit',
  'slice',
  'indices_boost',
  'explain',
  'rank',
])

export const QUERY_PARAMETERS = ['q', 'df', 'default_operator', 'analyzer', 'analyze_wildcard', 'lenient']

export const SEARCH_PARAMETERS = [
  ...QUERY_PARAMETERS,
  ...SOURCE_PARAMETERS,

  'from',
  'size',
  'sort',
  'track_total_hits',
  'track_scores',
  'version',
  'seq_no_primary_term',
  'rest_total_hits_as_int',

  'ignore_unavailable',
  'allow_no_indices',
  'expand_wildcards',
  'ignore_throttled',
  'preference',
  'routing',
  'timeout',
  'terminate_after',

  'search_type',
  'request_cache',
  'batched_reduce_size',
  'allow_partial_search_results',
  'ccs_minimize_roundtrips',
  'max_concurrent_shard_requests',
  'pre_filter_shard_size',
  'typed_keys',
  'stats',
]

export function parseSearchRequest(body: JsonObject, parameters: Parameters): SearchRequest {
  checkKeys(body)
  const from = parameters.integer('from') ?? integer(body, 'from') ?? 0
  const size = parameters.integer('size') ?? integer(body, 'size') ?? 10
  if (from < 0) throw illegalArgument(`[from] parameter cannot be negative but was [${from}]`)
  if (size < 0) throw illegalArgument(`[size] parameter cannot be negative, found [${size}]`)
  if (from + size > MAX_WINDOW) {
    throw illegalArgument(
      `Result window is too large, from + size must be less than or equal to: [${MAX_WINDOW}] but was [${from + size}]. ` +
        'Page with [search_after] to go further.',
    )
  }
  const sortText = parameters.text('sort')
  const sort = sortText === undefined ? parseSort(body['sort']) : parseSortParameter(sortText)
  const flag = (name: string): boolean => parameters.flag(name, body[name] === true)
  return {
    query: parseQueryParameter(parameters) ?? body['query'],
    postFilter: body['post_filter'],
    from,
    size,
    sort: isByScore(sort) && body['search_after'] === undefined ? [] : sort,
    searchAfter: parseSearchAfter(sort, body['search_after']),
    source: sourceFilterOf(parameters) ?? parseSourceFilter(body['_source']),
    countUpTo: parseCountUpTo(parameters.text('track_total_hits') ?? body['track_total_hits']),
    minScore: Number(body['min_score'] ?? 0),
    tracksScores: flag('track_scores'),
    showsVersion: flag('version'),
    showsSeqNo: flag('seq_no_primary_term'),
    aggregations: parseAggregations(body['aggs'] ?? body['aggregations']),
  }
}

/** The order that hits have anyway: then they show no sort values either. */
function isByScore(sort: readonly SortLevel[]): boolean {
  return sort.length === 1 && sort[0]?.by === '_score' && sort[0].isDescending
}

function checkKeys(body: JsonObject): void {
  for (const [key, value] of Object.entries(body)) {
    if (KNOWN.has(key) || IGNORED.has(key)) continue
    if (UNSUPPORTED.has(key))
      throw parsingException(`[${key}] is not supported by tailrace's embedded search node`)
    throw parsingException(`Unknown key for a ${tokenName(value)} in [${key}].`)
  }
}

function integer(body: JsonObject, name: string): number | undefined {
  const value = body[name]
  if (value === undefined) return undefined
  const number = Number(value)
  if (Number.isSafeInteger(number) && typeof value !== 'object') return number
  throw parsingException(
    `Failed to parse [${name}]: [${isJsonObject(value) ? 'START_OBJECT' : toText(value)}] is not an integer`,
  )
}

function parseCountUpTo(value: unknown): number {
  if (value === undefined) return 10_000
  if (value === true || value === 'true') return Infinity
  if (value === false || value === 'false') return 0
  const number = Number(value)
  if (Number.isInteger(number) && number >= 0) return number
  throw illegalArgument(`[track_total_hits] parameter must be positive or equals to -1, got ${toText(value)}`)
}

/** `?q=` as a query; undefined where it is not given. */
export function parseQueryParameter(parameters: Parameters): JsonObject | undefined {
  const query = parameters.text('q')
  if (query === undefined) return undefined
  const field = parameters.text('df')
  const options = {
    query,
    default_operator: parameters.text('default_operator') ?? 'or',
    lenient: parameters.flag('lenient'),
    ...(field === undefined ? {} : { default_field: field }),
  }
  return { query_string: options }
}
