import type { Schema } from '../../api/schema.ts'
import { ValueStruct, type Struct } from '../../api/struct.ts'
import type { StructTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { fieldValue, nullAsDefault } from '../null-as-default.ts'

/** Which fields get another value, and which. */
export interface FieldChange {
  readonly replacesNull: boolean
  touches(name: string): boolean
  /** Throws `DataError`. */
  change(name: string, schema: Schema, value: ConnectValue): ConnectValue
}

/** The struct with some of its values changed. `schema` has the same fields, in the same order. */
export function changeFields(struct: Struct, schema: Schema, change: FieldChange): ValueStruct {
  const values = struct.schema.fields!.map((field, index) => {
    const value = fieldValue(struct, index, change.replacesNull)
    return change.touches(field.name) ? change.change(field.name, field.schema, value) : value
  })
  return new ValueStruct(schema, values)
}

/** The same of a template: possible where all that changes is known beforehand. */
export function compileFields(struct: StructTemplate, schema: Schema, change: FieldChange): Template | null {
  const fields: Template[] = []
  for (const [index, own] of struct.fields.entries()) {
    const field = change.replacesNull ? nullAsDefault(own) : own
    const { name, schema: before } = struct.schema.fields![index]!
    if (!change.touches(name)) {
      fields.push(field)
      continue
    }
    if (field.kind !== 'constant') return null
    const value = change.change(name, before, field.value)
    fields.push({ kind: 'constant', schema: schema.fields![index]!.schema, value })
  }
  return { kind: 'struct', schema, fields }
}
