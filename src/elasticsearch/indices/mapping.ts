import { DataError } from '../../api/errors.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import type { Schema } from '../../api/schema.ts'
import { Decimal } from '../../api/decimal.ts'

const TEXT = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } }

const LOGICAL_TYPES: Readonly<Record<string, string>> = {
  'org.apache.kafka.connect.data.Date': 'date',
  'org.apache.kafka.connect.data.Time': 'date',
  'org.apache.kafka.connect.data.Timestamp': 'date',
  'org.apache.kafka.connect.data.Decimal': 'double',
}

/** The mapping that `schema.ignore=false` puts into an index without one. Throws `DataError` without a schema. */
export function mappingOf(schema: Schema | null): object {
  if (schema === null)
    throw new DataError('elasticsearch.record-invalid', 'Cannot infer mapping without schema.')
  return propertyOf(schema)
}

function propertyOf(schema: Schema): object {
  const logical = LOGICAL_TYPES[schema.name ?? '']
  if (logical !== undefined) return withNullValue(logical, schema)
  switch (schema.type) {
    case 'struct':
      return {
        properties: Object.fromEntries(
          (schema.fields ?? [])
            .filter((field) => !isDocument(field.schema))
            .map((field) => [field.name, propertyOf(field.schema)]),
        ),
      }
    case 'array':
      return propertyOf(requirePart(schema.valueSchema))
    case 'map':
      // Also for maps that are written as objects, as the reference has it; their fields are mapped as they come.
      return {
        properties: {
          key: propertyOf(requirePart(schema.keySchema)),
          value: propertyOf(requirePart(schema.valueSchema)),
        },
      }
    case 'string':
      return schema.name === LOGICAL.json ? { type: 'double' } : TEXT
    case 'bytes':
      return { type: 'binary' }
    case 'int8':
      return withNullValue('byte', schema)
    case 'int16':
      return withNullValue('short', schema)
    case 'int32':
      return withNullValue('integer', schema)
    case 'int64':
      return withNullValue('long', schema)
    case 'float':
    case 'double':
    case 'boolean':
      return withNullValue(schema.type, schema)
  }
}

/** JSON of any shape, which is mapped as it comes; or a list of such. JSON numbers are no documents. */
function isDocument(schema: Schema): boolean {
  if (schema.type === 'array') return isDocument(requirePart(schema.valueSchema))
  return schema.name === LOGICAL.json && schema.parameters?.['kind'] !== 'number'
}

function requirePart(schema: Schema | undefined): Schema {
  if (schema === undefined)
    throw new DataError('elasticsearch.record-invalid', 'Cannot infer mapping without schema.')
  return schema
}

/** A column's default is what Elasticsearch indexes in place of null. */
function withNullValue(type: string, schema: Schema): object {
  const { default: value } = schema
  if (value === undefined || value === null) return { type }
  if (value instanceof Date) return { type, null_value: value.getTime() }
  if (value instanceof Decimal) return { type, null_value: Number(value.toString()) }
  // JSON has no bigint, and a default beyond 2^53 is exact as text too.
  return { type, null_value: typeof value === 'bigint' ? jsonInteger(value) : value }
}

function jsonInteger(value: bigint): number | string {
  const number = Number(value)
  return BigInt(number) === value ? number : String(value)
}
