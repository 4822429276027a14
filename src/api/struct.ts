import { ConnectError } from './errors.ts'
import { fieldIndex, type Schema } from './schema.ts'
import type { ConnectValue } from './value.ts'

/**
 * A value of a struct schema. An interface, because the source's structs are views over the bytes that PostgreSQL
 * sent and decode a column only when it is asked for.
 */
export interface Struct {
  readonly schema: Schema
  /** The value of the field at this index of `schema.fields`. */
  at(index: number): ConnectValue
  /** The value of a field by name. Throws `connect.field-unknown` for a name that the schema does not have. */
  get(name: string): ConnectValue
}

/** A struct over values that are already there. */
export class ValueStruct implements Struct {
  readonly schema: Schema
  readonly #values: readonly ConnectValue[]

  /** @param values one for each field of `schema`, in its order */
  constructor(schema: Schema, values: readonly ConnectValue[]) {
    this.schema = schema
    this.#values = values
  }

  at(index: number): ConnectValue {
    return this.#values[index] ?? null
  }

  get(name: string): ConnectValue {
    return this.at(requireField(this.schema, name))
  }
}

/** The index of a field; throws `connect.field-unknown` where there is none. */
export function requireField(schema: Schema, name: string): number {
  const index = fieldIndex(schema, name)
  if (index < 0) {
    throw new ConnectError('connect.field-unknown', `${name} is not a valid field name`)
  }
  return index
}

/** Tells a struct from the other values. */
export function isStruct(value: ConnectValue): value is Struct {
  return typeof value === 'object' && value !== null && 'schema' in value && 'at' in value
}
