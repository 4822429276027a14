import type { JsonObject } from '../../../api/record.ts'
import { readJavaArray, writeJavaArray, type JavaArrayValue } from './java-array.ts'

/** A table that is to be read, as a signal asked for it. */
export interface SnapshotCollection {
  /** `schema.table`. */
  readonly id: string
  /** SQL that rows must satisfy; null: all rows. */
  readonly condition: string | null
  /** The column to read in the order of, in place of the key; null: the key. */
  readonly surrogateKey: string | null
  /** The id of the signal. */
  readonly correlationId: string | null
}

const NAME = 'incremental_snapshot'
const COLLECTIONS = `${NAME}_collections`

/**
 * What of an incremental snapshot is still to be read, as Debezium keeps it in source offsets. The first collection is the
 * one at hand: its rows up to `lastKey` are done, those up to `maximumKey` belong to the snapshot.
 */
export interface SnapshotProgress {
  readonly collections: readonly SnapshotCollection[]
  readonly lastKey: readonly JavaArrayValue[] | null
  readonly maximumKey: readonly JavaArrayValue[] | null
  readonly correlationId: string | null
  /** Of the collection at hand; null: nobody has counted. */
  readonly totalRows: number | null
}

/** The fields that such a snapshot adds to offsets; none when it is over. */
export function writeProgress(progress: SnapshotProgress): JsonObject {
  if (progress.collections.length === 0) return {}
  const collections = progress.collections.map(({ id, condition, surrogateKey, correlationId }) => ({
    [`${COLLECTIONS}_id`]: id,
    [`${COLLECTIONS}_additional_condition`]: condition,
    [`${COLLECTIONS}_surrogate_key`]: surrogateKey,
    [`${COLLECTIONS}_correlation_id`]: correlationId,
  }))
  return {
    [`${NAME}_primary_key`]: writeJavaArray(progress.lastKey),
    [`${NAME}_maximum_key`]: writeJavaArray(progress.maximumKey),
    [COLLECTIONS]: JSON.stringify(collections),
    [`${NAME}_correlation_id`]: progress.correlationId,
    ...(progress.totalRows === null ? {} : { [`${NAME}_total_rows`]: String(progress.totalRows) }),
  }
}

/** What an offset says of a snapshot under way. */
export interface StoredProgress {
  readonly collections: readonly SnapshotCollection[]
  /** Texts of the last key's values; null: the first collection begins. */
  readonly lastKey: readonly (string | null)[] | null
  readonly maximumKey: readonly (string | null)[] | null
  readonly correlationId: string | null
  /** The keys were there and could not be read. */
  readonly hasUnknownKeys: boolean
}

/** Null: no incremental snapshot is under way. */
export function readProgress(offset: JsonObject): StoredProgress | null {
  const stored = offset[COLLECTIONS]
  if (typeof stored !== 'string') return null
  const collections = parseCollections(stored)
  if (collections.length === 0) return null
  const correlationId = textOf(offset[`${NAME}_correlation_id`])
  try {
    const lastKey = keyOf(offset[`${NAME}_primary_key`])
    const maximumKey = keyOf(offset[`${NAME}_maximum_key`])
    return { collections, lastKey, maximumKey, correlationId, hasUnknownKeys: false }
  } catch {
    return { collections, lastKey: null, maximumKey: null, correlationId, hasUnknownKeys: true }
  }
}

function parseCollections(json: string): readonly SnapshotCollection[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch {
    return []
  }
  if (!Array.isArray(parsed)) return []
  return parsed.flatMap((entry: Readonly<Record<string, unknown>>) => {
    const id = textOf(entry[`${COLLECTIONS}_id`])
    if (id === null) return []
    return [
      {
        id,
        condition: textOf(entry[`${COLLECTIONS}_additional_condition`]),
        surrogateKey: textOf(entry[`${COLLECTIONS}_surrogate_key`]),
        correlationId: textOf(entry[`${COLLECTIONS}_correlation_id`]),
      },
    ]
  })
}

function keyOf(value: unknown): readonly (string | null)[] | null {
  return typeof value === 'string' ? readJavaArray(value) : null
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
