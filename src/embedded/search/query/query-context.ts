import { parsingException } from '../search-error.ts'
import { UnfitValueError } from '../mapping/doc-value.ts'
import { allFields, findField, type FoundField, type ObjectMapping } from '../mapping/mapping.ts'
import { matchesWildcard } from '../text/wildcard.ts'

/** How common a field and a term are, for scores. Asked for while a query is compiled, not per document. */
export interface TermStatistics {
  documentFrequency(term: string): number
  field(found: FoundField): { readonly documents: number; readonly averageLength: number }
}

/** A query that is well formed, but not for this index; it becomes a failure of the shard. */
export class QueryShardError extends Error {
  readonly type: string
  readonly causedBy: { readonly type: string; readonly reason: string } | undefined

  constructor(reason: string, options: { type?: string; causedBy?: { type: string; reason: string } } = {}) {
    super(reason)
    this.name = new.target.name
    this.type = options.type ?? 'query_shard_exception'
    this.causedBy = options.causedBy
  }
}

/** `indices.query.bool.max_nested_depth` */
export const MAX_QUERY_DEPTH = 30

/** What a query is compiled against: one index. */
export interface QueryContext {
  readonly mapping: ObjectMapping
  readonly statistics: TermStatistics
  readonly nowMs: number
  readonly depth: number
}

export function deeper(context: QueryContext): QueryContext {
  if (context.depth < MAX_QUERY_DEPTH) return { ...context, depth: context.depth + 1 }
  const setting = 'indices.query.bool.max_nested_depth'
  throw parsingException(
    `The nested depth of the query exceeds the maximum nested depth for bool queries set in [${setting}]`,
  )
}

/** The field of a clause; undefined where it is not mapped, or not searchable: such a clause matches nothing. */
export function searchedField(context: QueryContext, path: string): FoundField | undefined {
  const found = findField(context.mapping, path)
  if (found === undefined || found.field.isIndexed) return found
  const reason = `Cannot search on field [${path}] since it is not indexed.`
  throw new QueryShardError(`failed to create query: ${reason}`, {
    causedBy: { type: 'illegal_argument_exception', reason },
  })
}

/** The fields that a pattern of a `fields` list means. */
export function fieldsMatching(context: QueryContext, pattern: string): FoundField[] {
  if (!pattern.includes('*')) {
    const found = searchedField(context, pattern)
    return found === undefined ? [] : [found]
  }
  return [...allFields(context.mapping)].filter(
    ({ field }) => field.isIndexed && matchesWildcard(pattern, field.path),
  )
}

/** Runs `read`, and says of a value that does not fit its field that the query cannot be made. */
export function readingValue<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UnfitValueError)) throw error
    if (error.type === 'parse_exception') throw new QueryShardError(error.message, { type: error.type })
    const type = error.message.startsWith('For input string') ? 'number_format_exception' : error.type
    throw new QueryShardError(`failed to create query: ${error.message}`, {
      causedBy: { type, reason: error.message },
    })
  }
}
