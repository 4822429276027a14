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
  /** Its place in the relation and in tuples. */
  readonly index: number
  /** With the column's optionality and default. */
  readonly schema: Schema
  readonly value: ValueCodec
  /** What a null is: null, or for a NOT NULL column its default, else the type's zero. */
  readonly nullValue: ConnectValue
}

/** Null where columns of this type are left out. */
export function createColumnCodec(column: Column, index: number, modes: ValueModes): ColumnCodec | null {
  const value = resolveCodec(column.type, column.typeModifier, modes)
  if (value === null) return null
  const defaultValue = columnDefault(column, value)
  const schema: Schema = {
    ...value.schema,
    optional: !column.notNull,
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
  }
  return {
    name: column.name,
    index,
    schema,
    value,
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
    return (
      codec.value.placeholder ?? missingValue(codec, 'was not sent by PostgreSQL, because it did not change')
    )
  }
  const value = codec.value.decode(tuple.bytes, start, tuple.ends[codec.index]!)
  return value ?? missingValue(codec, 'cannot be represented')
}

/** Null where the column allows it, as in the reference; otherwise there is no truthful record to write. */
export function missingValue(codec: ColumnCodec, why: string): null {
  if (codec.schema.optional) return null
  throw new DataError(
    'postgres.value-unrepresentable',
    `A value of the NOT NULL column ${codec.name} ${why}. For NaN and infinity set decimal.handling.mode=string; for a ` +
      'value that was not sent, ALTER TABLE … REPLICA IDENTITY FULL.',
  )
}
