import type { SchemaAndValue } from '../../api/plugin.ts'
import { fieldIndex } from '../../api/schema.ts'
import { isStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'

const NOTHING: SchemaAndValue = { schema: null, value: null }

/** A field of a struct or of a schemaless object; null where there is none. */
export function fieldOf({ value, schema }: SchemaAndValue, name: string): SchemaAndValue {
  if (isStruct(value)) {
    const index = fieldIndex(value.schema, name)
    return index < 0 ? NOTHING : { schema: value.schema.fields![index]!.schema, value: value.at(index) }
  }
  if (!(value instanceof Map)) return NOTHING
  const fields = value as ReadonlyMap<ConnectValue, ConnectValue>
  return { schema: schema?.valueSchema ?? null, value: fields.get(name) ?? null }
}

/** Whether it has the field at all, be it null. */
export function hasField(value: ConnectValue, name: string): boolean {
  if (isStruct(value)) return fieldIndex(value.schema, name) >= 0
  return value instanceof Map && (value as ReadonlyMap<ConnectValue, ConnectValue>).has(name)
}
