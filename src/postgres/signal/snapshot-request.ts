import { JavaPattern } from '../../api/java/java-pattern.ts'
import type { SnapshotCollection } from '../snapshot/incremental/incremental-progress.ts'
import type { JsonRecord } from './json-record.ts'

/** What `execute-snapshot` asks for. */
export interface SnapshotRequest {
  readonly type: 'incremental' | 'blocking'
  /** Regular expressions in Java's notation, or names, of `schema.table`. */
  readonly collections: readonly string[]
  readonly conditions: readonly { readonly collection: string; readonly filter: string }[]
  readonly surrogateKey: string | null
}

/** Throws, in words for a log, for data that cannot be understood. */
export function parseSnapshotRequest(data: JsonRecord): SnapshotRequest {
  const collections = parseCollections(data)
  if (collections === null) throw new Error('the field "data-collections" is missing or empty')
  const conditions = data['additional-conditions'] ?? []
  if (!Array.isArray(conditions)) throw new Error('"additional-conditions" is no array')
  return {
    type: parseSnapshotType(data),
    collections,
    conditions: conditions.map((condition: JsonRecord | null) => {
      const collection = condition?.['data-collection']
      const filter = condition?.['filter']
      if (typeof collection !== 'string' || typeof filter !== 'string')
        throw new Error('an additional condition needs a "data-collection" and a "filter"')
      void new JavaPattern(collection)
      return { collection, filter }
    }),
    surrogateKey: text(data['surrogate-key']),
  }
}

/** Null: all. Throws for names that are none, and for expressions that are wrong. */
export function parseCollections(data: JsonRecord): readonly string[] | null {
  const given = data['data-collections'] ?? []
  if (!Array.isArray(given)) throw new Error('"data-collections" is no array')
  if (given.length === 0) return null
  return given.map((collection: unknown) => {
    if (typeof collection !== 'string') throw new Error('"data-collections" has something that is no string')
    void new JavaPattern(collection.trim())
    return collection.trim()
  })
}

export function parseSnapshotType(data: JsonRecord): SnapshotRequest['type'] {
  const type = data['type'] ?? 'incremental'
  const lower = typeof type === 'string' ? type.toLowerCase() : ''
  if (lower === 'incremental' || lower === 'blocking') return lower
  throw new Error(`the snapshot type ${JSON.stringify(type)} is neither INCREMENTAL nor BLOCKING`)
}

/** Names that an expression matches; an expression that matches none stands for itself. */
export function expandCollections(
  collections: readonly string[],
  captured: readonly string[],
): readonly string[] {
  const expanded = collections.flatMap((collection) => {
    const pattern = new JavaPattern(collection)
    const matching = captured.filter((id) => id === collection || pattern.matches(id))
    return matching.length > 0 ? matching : [collection.replaceAll('\\.', '.')]
  })
  return [...new Set(expanded)]
}

export function requestedCollections(
  request: SnapshotRequest,
  ids: readonly string[],
  correlationId: string,
): readonly SnapshotCollection[] {
  return ids.map((id) => ({
    id,
    condition: inParentheses(conditionOf(request, id)),
    surrogateKey: request.surrogateKey,
    correlationId,
  }))
}

/** As the reference keeps it in offsets. */
function inParentheses(condition: string | null): string | null {
  return condition === null ? null : `(${condition})`
}

/** The filter of the first condition that names the table. */
export function conditionOf({ conditions }: SnapshotRequest, id: string): string | null {
  const found = conditions.find(
    ({ collection }) => collection === id || new JavaPattern(`(?i)${collection}`).matches(id),
  )
  return found === undefined ? null : text(found.filter)
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null
}
