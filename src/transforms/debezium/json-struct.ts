import { DataError } from '../../api/errors.ts'
import { primitiveSchema, structSchema, type Field, type Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'

const OPTIONAL = { optional: true } as const
const STRING = primitiveSchema('string', OPTIONAL)
const BOOLEAN = primitiveSchema('boolean', OPTIONAL)
const INT32 = primitiveSchema('int32', OPTIONAL)
const INT64 = primitiveSchema('int64', OPTIONAL)
const FLOAT64 = primitiveSchema('double', OPTIONAL)
const BYTES = primitiveSchema('bytes', OPTIONAL)

/** What becomes of JSON whose type is not known. */
export interface UnknownJson {
  /** Fields that are null stay, as optional bytes. */
  readonly withNulls: boolean
  /** Empty arrays stay, as arrays of optional text. */
  readonly withEmptyArrays: boolean
}

type JsonMap = ReadonlyMap<string, ConnectValue>

/**
 * The schema that Debezium infers for JSON: optional everywhere, fields in the order of the text. Null: there is none, and
 * the field is left out. Throws `DataError` for an array of mixed types, and for integers of more than 64 bits.
 */
export function inferSchema(
  value: ConnectValue,
  unknown: UnknownJson,
  name: string | null = null,
): Schema | null {
  if (value === null) return unknown.withNulls ? BYTES : null
  if (typeof value === 'string') return STRING
  if (typeof value === 'boolean') return BOOLEAN
  if (typeof value === 'bigint') return integerSchema(value)
  if (typeof value === 'number') return FLOAT64
  if (value instanceof Map) return objectSchema(value as JsonMap, unknown, name)
  return Array.isArray(value) ? arraySchema(value as readonly ConnectValue[], unknown, name) : null
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
  if (BigInt.asIntN(64, value) === value) return INT64
  throw new DataError(
    'connect.data-invalid',
    `${value} has more than 64 bits, which no type of Connect holds`,
  )
}

function objectSchema(map: JsonMap, unknown: UnknownJson, name: string | null): Schema {
  const fields: Field[] = []
  for (const [field, value] of map) {
    const schema = inferSchema(value, unknown, name === null ? field : `${name}.${field}`)
    if (schema !== null) fields.push({ name: field, schema })
  }
  return structSchema(fields, { ...OPTIONAL, ...(name === null ? {} : { name }) })
}

function arraySchema(
  elements: readonly ConnectValue[],
  unknown: UnknownJson,
  name: string | null,
): Schema | null {
  if (elements.length === 0) {
    return unknown.withEmptyArrays ? { type: 'array', ...OPTIONAL, valueSchema: STRING } : null
  }
  const schemas = elements
    .filter((element) => element !== null)
    .map((element) => inferSchema(element, unknown, element instanceof Map ? name : null))
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
