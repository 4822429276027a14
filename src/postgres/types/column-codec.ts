import { DataError } from '../../api/errors.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { Column } from '../catalog/relation.ts'
import { NULL_COLUMN, UNCHANGED_TOAST, type Tuple } from '../wire/tuple.ts'
import { columnDefault } from './column-default.ts'
import { resolveCodec } from './resolve-codec.ts'
import type { ValueCodec } from './value-codec.ts'
import type { ValueModes } from './value-modes.ts'

/** How one column of a relation is represented. */
export interface ColumnCodec {
  readonly name: string
  /** `schema.table`, where it is known: who reads of a failure has many tables. */
  readonly table: string | null
  /** Its place in the relation and in tuples. */
  readonly index: number
  /** With the column's optionality and default. */
  readonly schema: Schema
  readonly value: ValueCodec
  /** What becomes of a value that the schema cannot hold. */
  readonly failureMode: ValueModes['convertingFailureMode']
  /** Told of each such value that becomes null; null: nobody asks. */
  readonly report: UnrepresentableReport | null
  /** What a null is: null, or for a NOT NULL column its default, else the type's zero. */
  readonly nullValue: ConnectValue
}

export type UnrepresentableReport = (column: string, why: string) => void

/** Null where columns of this type are left out. */
export function createColumnCodec(column: Column, index: number, modes: ValueModes): ColumnCodec | null {
  const value = resolveCodec(column.type, column.typeModifier, modes)
  if (value === null) return null
  const defaultValue = columnDefault(column, value)
  const schema: Schema = {
    ...value.schema,
    optional: value.schema.optional || !column.notNull,
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
  }
  return {
    name: column.name,
    table: null,
    index,
    schema,
    value,
    failureMode: modes.convertingFailureMode,
    report: null,
    nullValue: column.notNull ? (defaultValue ?? value.zero) : null,
  }
}

/**
 * A column's value. Throws `DataError` where a NOT NULL column's value cannot be represented.
 * @param fallback where an unchanged TOASTed value may be found: the old row
 */
export function columnValue(codec: ColumnCodec, tuple: Tuple, fallback: Tuple | null): ConnectValue {
  const start = tuple.starts[codec.index]!
  if (start === NULL_COLUMN) return codec.nullValue
  if (start === UNCHANGED_TOAST) {
    if (fallback !== null && fallback.starts[codec.index]! >= 0) return columnValue(codec, fallback, null)
    return codec.value.placeholder ?? unsentValue(codec)
  }
  try {
    return codec.value.decode(tuple.bytes, start, tuple.ends[codec.index]!) ?? unrepresentable(codec, CANNOT)
  } catch (error) {
    return unrepresentable(codec, malformedReason(error))
  }
}

const CANNOT = 'cannot be represented'

/** Null where the column allows it, as in the reference; otherwise there is no truthful record to write. */
export function unsentValue(codec: ColumnCodec): null {
  if (codec.schema.optional) return null
  throw unwritable(codec, 'was not sent by PostgreSQL, because it did not change')
}

/** Null where the column and `event.converting.failure.handling.mode` allow it. */
export function unrepresentable(codec: ColumnCodec, why = CANNOT): null {
  if (!codec.schema.optional || codec.failureMode === 'fail') throw unwritable(codec, why)
  codec.report?.(codec.name, why)
  return null
}

/** What is wrong with a value; any other error is thrown again. */
export function malformedReason(error: unknown): string {
  if (!(error instanceof DataError) || error.code !== 'postgres.value-malformed') throw error
  return `cannot be read (${error.message})`
}

function unwritable({ name, table, schema }: ColumnCodec, why: string): DataError {
  const column = table === null ? name : `${table}.${name}`
  return new DataError(
    'postgres.value-unrepresentable',
    `A value of the ${schema.optional ? '' : 'NOT NULL '}column ${column} ${why}. For NaN and infinity set decimal.handling.mode=string; for a ` +
      'value that was not sent, ALTER TABLE … REPLICA IDENTITY FULL.',
  )
}
