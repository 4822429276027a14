import type { ConnectValue } from './value.ts'

/** Kafka Connect's schema types (`org.apache.kafka.connect.data.Schema.Type`), in its JSON spelling. */
export type SchemaType =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float'
  | 'double'
  | 'boolean'
  | 'string'
  | 'bytes'
  | 'array'
  | 'map'
  | 'struct'

/** One field of a struct schema. Its index is its place in `Schema.fields`. */
export interface Field {
  readonly name: string
  readonly schema: Schema
}

/**
 * What a value is. Immutable: compiled emitters and caches key on the object's identity, so build a schema once
 * per relation version and share it.
 */
export interface Schema {
  readonly type: SchemaType
  readonly optional: boolean
  /** The semantic type, for example `io.debezium.time.MicroTimestamp`. */
  readonly name?: string
  readonly version?: number
  readonly doc?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly default?: ConnectValue
  /** Present for `struct`. */
  readonly fields?: readonly Field[]
  /** Present for `map`. */
  readonly keySchema?: Schema
  /** Present for `map` (value) and `array` (element). */
  readonly valueSchema?: Schema
}

/** The index of a field, or -1. Linear: structs have tens of fields, and hot paths resolve names once. */
export function fieldIndex(schema: Schema, name: string): number {
  return schema.fields?.findIndex((field) => field.name === name) ?? -1
}

/** A schema of a primitive type. `more` adds name, version, parameters, default. */
export function primitiveSchema(
  type: Exclude<SchemaType, 'array' | 'map' | 'struct'>,
  more: Partial<Omit<Schema, 'type' | 'fields' | 'keySchema' | 'valueSchema'>> = {},
): Schema {
  return { type, optional: false, ...more }
}

/** A struct schema over `fields`, in the order in which they are written. */
export function structSchema(
  fields: readonly Field[],
  more: Partial<Omit<Schema, 'type' | 'fields' | 'keySchema' | 'valueSchema'>> = {},
): Schema {
  return { type: 'struct', optional: false, ...more, fields }
}

/** The same schema, accepting null. */
export function optional(schema: Schema): Schema {
  return schema.optional ? schema : { ...schema, optional: true }
}
