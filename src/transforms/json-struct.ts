import { DataError } from '../api/errors.ts'
import { primitiveSchema, structSchema, type Field, type Schema } from '../api/schema.ts'
import { ValueStruct } from '../api/struct.ts'
import type { ConnectValue } from '../api/value.ts'

const OPTIONAL = { optional: true } as const
const STRING = primitiveSchema('string', OPTIONAL)
const BOOLEAN = primitiveSchema('boolean', OPTIONAL)
const INT32 = primitiveSchema('int32', OPTIONAL)
const INT64 = primitiveSchema('int64', OPTIONAL)
const FLOAT64 = primitiveSchema('double', OPTIONAL)
const BYTES = primitiveSchema('bytes', OPTIONAL)

type JsonMap = ReadonlyMap<string, ConnectValue>

/**
 * The schema that Debezium infers for JSON: optional everywhere, fields in the order of the text. Null: there is none, and
 * the field is left out. Throws `DataError` for an array of mixed types.
 * @param withNulls null fields stay, as optional bytes
 */
export function inferSchema(
  value: ConnectValue,
  withNulls: boolean,
  name: string | null = null,
): Schema | null {
  if (value === null) return withNulls ? BYTES : null
  if (typeof value === 'string') return STRING
  if (typeof value === 'boolean') return BOOLEAN
  if (typeof value === 'bigint') return integerSchema(value)
  if (typeof value === 'number') return FLOAT64
  if (value instanceof Map) return objectSchema(value as JsonMap, withNulls, name)
  return Array.isArray(value) ? arraySchema(value as readonly ConnectValue[], withNulls, name) : null
}

/** JSON as data of the schema that was inferred for it. */
export function jsonData(value: ConnectValue, schema: Schema): ConnectValue {
  if (value === null) return null
  if (schema.type === 'struct') {
    const map = value as JsonMap
    return new ValueStruct(
      schema,
      schema.fields!.map((field) => jsonData(map.get(field.name) ?? null, field.schema)),
    )
  }
  if (schema.type === 'array')
    return (value as readonly ConnectValue[]).map((element) => jsonData(element, schema.valueSchema!))
  if (schema.type === 'int32' || schema.type === 'double') return Number(value)
  return value
}

function integerSchema(value: bigint): Schema {
  if (BigInt.asIntN(32, value) === value) return INT32
  return BigInt.asIntN(64, value) === value ? INT64 : FLOAT64
}

function objectSchema(map: JsonMap, withNulls: boolean, name: string | null): Schema {
  const fields: Field[] = []
  for (const [field, value] of map) {
    const schema = inferSchema(value, withNulls, name === null ? field : `${name}.${field}`)
    if (schema !== null) fields.push({ name: field, schema })
  }
  return structSchema(fields, { ...OPTIONAL, ...(name === null ? {} : { name }) })
}

function arraySchema(
  elements: readonly ConnectValue[],
  withNulls: boolean,
  name: string | null,
): Schema | null {
  if (elements.length === 0) return null
  const schemas = elements
    .filter((element) => element !== null)
    .map((element) => inferSchema(element, withNulls, element instanceof Map ? name : null))
  const [first] = schemas
  if (first == null)
    throw new DataError('connect.data-invalid', `Array '${name ?? ''}' has unrecognized member schema.`)
  const other = schemas.find((schema) => schema?.type !== first.type)
  if (other !== undefined) {
    throw new DataError(
      'connect.data-invalid',
      `Field is not a homogenous array (${first.type} x ${other?.type ?? 'null'}).`,
    )
  }
  const valueSchema = first.type === 'struct' ? merged(schemas as readonly Schema[]) : first
  return { type: 'array', ...OPTIONAL, valueSchema }
}

/** The fields of all: of those with the same name the first counts, unless it is only a null. */
function merged(schemas: readonly Schema[]): Schema {
  const fields = new Map<string, Field>()
  for (const field of schemas.flatMap((schema) => schema.fields!)) {
    const known = fields.get(field.name)
    if (known === undefined || (known.schema.type === 'bytes' && field.schema.type !== 'bytes'))
      fields.set(field.name, field)
  }
  return { ...schemas[0]!, fields: [...fields.values()] }
}
