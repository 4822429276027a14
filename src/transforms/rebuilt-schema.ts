import { DataError } from '../api/errors.ts'
import type { Field, Schema } from '../api/schema.ts'

/** A schema without what says how it may be absent: neither optional nor with a default. */
export function schemaBasics({ name, version, doc, parameters }: Schema): Partial<Schema> {
  return {
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(doc !== undefined && { doc }),
    ...(parameters !== undefined && { parameters }),
  }
}

/** The fields of a struct schema. Throws for other schemas. */
export function fieldsOf(schema: Schema): readonly Field[] {
  if (schema.fields !== undefined) return schema.fields
  throw new DataError('connect.data-invalid', 'Cannot list fields on non-struct type')
}

/** A struct schema with other fields. Throws where two of them have one name, or one has none. */
export function structOf(fields: readonly Field[], basics: Partial<Schema> = {}): Schema {
  const names = new Set<string>()
  for (const { name } of fields) {
    if (name === '') throw new DataError('connect.data-invalid', 'fieldName cannot be null.')
    if (names.has(name)) {
      throw new DataError(
        'connect.data-invalid',
        `Cannot create field because of field name duplication ${name}`,
      )
    }
    names.add(name)
  }
  return { type: 'struct', optional: false, ...basics, fields }
}

/** What a transformation makes of a schema, kept as long as that schema lives: one object for all records of a shape. */
export class PerSchema<T> {
  readonly #made = new WeakMap<Schema, T>()
  readonly #make: (schema: Schema) => T

  constructor(make: (schema: Schema) => T) {
    this.#make = make
  }

  get(schema: Schema): T {
    let made = this.#made.get(schema)
    if (made === undefined) this.#made.set(schema, (made = this.#make(schema)))
    return made
  }
}
