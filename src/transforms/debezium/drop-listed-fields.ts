import { DataError } from '../../api/errors.ts'
import type { ConnectRecord } from '../../api/record.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'

export interface DropListedOptions {
  readonly fromKey: boolean
  /** Required fields stay, so that the new schema remains compatible with the old one. */
  readonly optionalOnly: boolean
}

/** Takes the columns that a header lists out of the value, and out of the key where that is asked for. */
export function dropListedFields<R extends ConnectRecord>(
  record: R,
  headerName: string,
  options: DropListedOptions,
): R {
  const listed = record.headers.find((header) => header.name === headerName)?.value
  if (listed === undefined || listed === null) return record
  if (!Array.isArray(listed)) {
    throw new DataError('connect.data-invalid', `Header ${headerName} is no list of names of fields`)
  }
  if (listed.length === 0) return record
  const names = new Set<ConnectValue>(listed)
  const value = without(record.valueSchema, record.value, names, options.optionalOnly)
  const key = options.fromKey ? without(record.keySchema, record.key, names, options.optionalOnly) : null
  return {
    ...record,
    ...(value && { valueSchema: value.schema, value }),
    ...(key && { keySchema: key.schema, key }),
  }
}

function without(
  schema: Schema | null,
  value: ConnectValue,
  names: ReadonlySet<ConnectValue>,
  optionalOnly: boolean,
): ValueStruct | null {
  if (schema === null || !isStruct(value)) return null
  const kept = schema
    .fields!.map((_, index) => index)
    .filter((index) => {
      const field = schema.fields![index]!
      return !names.has(field.name) || (optionalOnly && !field.schema.optional)
    })
  if (kept.length === schema.fields!.length) return null
  return new ValueStruct(
    { ...schema, fields: kept.map((index) => schema.fields![index]!) },
    kept.map((index) => value.at(index)),
  )
}
