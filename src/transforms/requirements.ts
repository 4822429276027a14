import { DataError } from '../api/errors.ts'
import type { Schema } from '../api/schema.ts'
import { fieldIndex } from '../api/schema.ts'
import { isStruct, type Struct } from '../api/struct.ts'
import type { ConnectValue } from '../api/value.ts'
import { javaClassName } from '../api/java/java-class-name.ts'

/** Schemaless data has names for keys, as JSON has. */
export type ConnectMap = ReadonlyMap<string, ConnectValue>

/** The struct, or the reference's complaint. `purpose` is what the transformation wanted it for. */
export function requireStruct(schema: Schema | null, value: ConnectValue, purpose: string): Struct {
  if (isStruct(value)) return value
  throw new DataError(
    'connect.data-invalid',
    `Only Struct objects supported for [${purpose}], found: ${javaClassName(schema, value)}`,
  )
}

export function requireStructOrNull(
  schema: Schema | null,
  value: ConnectValue,
  purpose: string,
): Struct | null {
  return value === null ? null : requireStruct(schema, value, purpose)
}

export function requireMap(value: ConnectValue, purpose: string): ConnectMap {
  if (value instanceof Map) return value as ConnectMap
  throw new DataError(
    'connect.data-invalid',
    `Only Map objects supported in absence of schema for [${purpose}], found: ${javaClassName(null, value)}`,
  )
}

export function requireMapOrNull(value: ConnectValue, purpose: string): ConnectMap | null {
  return value === null ? null : requireMap(value, purpose)
}

/** What a column of text holds. Throws `DataError` where it is not there or holds no text, as the reference does. */
export function textColumn(row: Struct, name: string): string | null {
  const index = fieldIndex(row.schema, name)
  if (index < 0) throw new DataError('connect.data-invalid', `${name} is not a valid field name`)
  if (row.schema.fields![index]!.schema.type !== 'string') {
    throw new DataError('connect.data-invalid', `Field '${name}' is not of type STRING`)
  }
  return row.at(index) as string | null
}
