import type { SchemaType } from './schema.ts'

const NAMES: Readonly<Record<SchemaType, string>> = {
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float: 'FLOAT32',
  double: 'FLOAT64',
  boolean: 'BOOLEAN',
  string: 'STRING',
  bytes: 'BYTES',
  array: 'ARRAY',
  map: 'MAP',
  struct: 'STRUCT',
}

/** Java's name of a type (`FLOAT64`), as messages of the reference have it. */
export function schemaTypeName(type: SchemaType): string {
  return NAMES[type]
}
