import { isJsonObject, tokenName, type JsonObject, toText } from '../json/json-object.ts'
import { compareValues, type DocValue } from '../mapping/doc-value.ts'
import { findField, type FoundField } from '../mapping/mapping.ts'
import { QueryShardError } from '../query/query-context.ts'
import type { SourceDocument } from '../query/source-document.ts'
import { illegalArgument, parsingException, SearchError } from '../search-error.ts'
import type { SearchIndex } from '../store/search-index.ts'
import { MetricAggregation, METRICS } from './metric-aggregation.ts'
import { fielddataDisabled } from './sort.ts'

export interface Aggregation {
  /** What to do with each match of one index; says of a field that it cannot be counted by. */
  collector(index: SearchIndex): (document: SourceDocument) => void
  result(): JsonObject
}

const MAX_DEPTH = 10

/** Parses `aggs`: terms and the simple metrics. Anything else is refused by its name. */
export function parseAggregations(value: unknown, depth = 0): ReadonlyMap<string, () => Aggregation> {
  const made = new Map<string, () => Aggregation>()
  if (value === undefined) return made
  if (!isJsonObject(value)) throw parsingException(`Unknown key for a ${tokenName(value)} in [aggs].`)
  if (depth > MAX_DEPTH) throw parsingException(`aggregations nest deeper than ${MAX_DEPTH}`)
  for (const [name, definition] of Object.entries(value)) {
    const { aggs, aggregations = aggs, meta: _meta, ...rest } = isJsonObject(definition) ? definition : {}
    const [entry, other] = Object.entries(rest)
    if (entry === undefined) throw parsingException(`Missing definition for aggregation [${name}]`)
    if (other !== undefined)
      throw parsingException(
        `Found two aggregation type definitions in [${name}]: [${entry[0]}] and [${other[0]}]`,
      )
    made.set(name, parseOne(entry[0], entry[1], parseAggregations(aggregations, depth + 1)))
  }
  return made
}

function parseOne(
  type: string,
  body: unknown,
  inner: ReadonlyMap<string, () => Aggregation>,
): () => Aggregation {
  if (type !== 'terms' && !METRICS.has(type)) {
    throw parsingException(`Unknown aggregation type [${type}]`, {
      type: 'named_object_not_found_exception',
      reason: `unknown field [${type}]; the embedded search node has: terms, ${[...METRICS].join(', ')}`,
    })
  }
  const options = isJsonObject(body) ? body : {}
  const known =
    type === 'terms'
      ? [
          'field',
          'size',
          'shard_size',
          'order',
          'min_doc_count',
          'show_term_doc_count_error',
          'execution_hint',
        ]
      : ['field']
  const unknown = Object.keys(options).find((key) => !known.includes(key))
  if (unknown !== undefined)
    throw new SearchError(400, 'x_content_parse_exception', `[${type}] unknown field [${unknown}]`)
  if (options['field'] === undefined)
    throw illegalArgument('Required one of fields [field, script], but none were specified. ')
  const field = toText(options['field'])
  if (type === 'terms') return () => new TermsAggregation({ ...termsOptions(options), field, inner })
  if (inner.size > 0)
    throw new SearchError(
      500,
      'aggregation_initialization_exception',
      `Aggregator of type [${type}] cannot accept sub-aggregations`,
    )
  return () => new MetricAggregation(type, field)
}

interface TermsOptions {
  readonly field: string
  readonly size: number
  readonly minimum: number
  readonly orderBy: '_count' | '_key'
  readonly isAscending: boolean
  readonly inner: ReadonlyMap<string, () => Aggregation>
}

function termsOptions(options: JsonObject): Omit<TermsOptions, 'field' | 'inner'> {
  const size = Number(options['size'] ?? 10)
  if (!(size > 0))
    throw illegalArgument(`[size] must be greater than 0. Found [${String(options['size'])}] in [terms]`)
  const order = [options['order'] ?? { _count: 'desc' }].flat()[0] as JsonObject
  const [orderBy, direction] = Object.entries(order)[0] ?? ['_count', 'desc']
  if (orderBy !== '_count' && orderBy !== '_key')
    throw illegalArgument(`[order] by [${orderBy}] is not supported in [terms], only [_count] and [_key]`)
  return { size, minimum: Number(options['min_doc_count'] ?? 1), orderBy, isAscending: direction === 'asc' }
}

/** More different values than this are refused rather than counted wrongly or without bound. */
const MAX_BUCKETS = 65_536

interface Bucket {
  readonly key: DocValue
  readonly inner: ReadonlyMap<string, Aggregation>
  count: number
}

class TermsAggregation implements Aggregation {
  readonly #options: TermsOptions
  readonly #buckets = new Map<string, Bucket>()
  #family: string | undefined

  constructor(options: TermsOptions) {
    this.#options = options
  }

  collector(index: SearchIndex): (document: SourceDocument) => void {
    const found = findField(index.mapping, this.#options.field)
    if (found === undefined) return () => undefined
    if (found.field.type.family === 'text') throw fielddataDisabled(index, this.#options.field)
    this.#family = found.field.type.family
    return (document) => this.#collect(index, found, document)
  }

  #collect(index: SearchIndex, found: FoundField, document: SourceDocument): void {
    const seen = new Set<string>()
    for (const value of document.values(found)) {
      const text = String(value)
      if (seen.has(text)) continue
      seen.add(text)
      let bucket = this.#buckets.get(text)
      if (bucket === undefined) {
        if (this.#buckets.size >= MAX_BUCKETS) {
          throw new QueryShardError(
            `Trying to create too many buckets. Must be less than or equal to: [${MAX_BUCKETS}]`,
            { type: 'too_many_buckets_exception' },
          )
        }
        bucket = {
          key: value,
          inner: new Map([...this.#options.inner].map(([name, make]) => [name, make()])),
          count: 0,
        }
        this.#buckets.set(text, bucket)
      }
      bucket.count++
      for (const inner of bucket.inner.values()) inner.collector(index)(document)
    }
  }

  result(): JsonObject {
    const { size, minimum, orderBy, isAscending } = this.#options
    const buckets = [...this.#buckets.values()].filter(({ count }) => count >= minimum)
    const sign = isAscending ? 1 : -1
    buckets.sort((a, b) => {
      const byKey = compareValues(a.key, b.key)
      return orderBy === '_key' ? sign * byKey : sign * (a.count - b.count) || byKey
    })
    const shown = buckets.slice(0, size)
    const others = buckets.slice(size).reduce((sum, { count }) => sum + count, 0)
    return {
      doc_count_error_upper_bound: 0,
      sum_other_doc_count: others,
      buckets: shown.map((each) => this.#describe(each)),
    }
  }

  #describe({ key, count, inner }: Bucket): JsonObject {
    const asText =
      this.#family === 'date'
        ? dateText(Number(key))
        : typeof key === 'boolean'
          ? { key_as_string: String(key) }
          : {}
    const results = [...inner].map(([name, aggregation]) => [name, aggregation.result()] as const)
    return {
      key: typeof key === 'boolean' ? Number(key) : key,
      ...asText,
      doc_count: count,
      ...Object.fromEntries(results),
    }
  }
}

/** Beyond the year 275760 JavaScript has no dates; Elasticsearch has. */
function dateText(ms: number): JsonObject {
  return Math.abs(ms) <= 8.64e15 ? { key_as_string: new Date(ms).toISOString() } : {}
}
