import { Decimal } from '../api/decimal.ts'
import { DataError } from '../api/errors.ts'
import { decimalText, unscaledFromBytes } from '../api/json/json-decimal.ts'
import { LOGICAL } from '../api/json/json-writer.ts'
import type { Schema, SchemaType } from '../api/schema.ts'
import { ValueStruct } from '../api/struct.ts'
import type { ConnectValue } from '../api/value.ts'
import { schemaTypeName } from '../api/schema-type-name.ts'

const MS_PER_DAY = 86_400_000

const INTEGER_BITS: Partial<Record<SchemaType, number>> = { int8: 8, int16: 16, int32: 32, int64: 64 }

/**
 * The value of a schema that JSON holds. Unlike the reference, which makes 0 of a text where a number is due and cuts
 * numbers that are too large, it takes no value for another: `DataError`.
 */
export function connectValue(
  schema: Schema,
  json: ConnectValue,
  replaceNullWithDefault: boolean,
): ConnectValue {
  if (json === null) {
    if (schema.default !== undefined && replaceNullWithDefault) return schema.default
    if (schema.optional) return null
    throw new DataError(
      'connect.data-invalid',
      `Invalid null value for required ${schemaTypeName(schema.type)} field`,
    )
  }
  const child = (childSchema: Schema, value: ConnectValue): ConnectValue =>
    connectValue(childSchema, value, replaceNullWithDefault)
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return integerValue(schema, json)
    case 'float':
    case 'double':
      return floatValue(schema, json)
    case 'boolean':
    case 'string':
      if (schema.name === LOGICAL.json) return jsonText(json)
      if (typeof json !== schema.type) throw mismatch(schema, json)
      return json
    case 'bytes':
      return bytesValue(schema, json)
    case 'array':
      if (!Array.isArray(json)) throw mismatch(schema, json)
      return (json as readonly ConnectValue[]).map((element) => child(schema.valueSchema!, element))
    case 'map':
      return mapValue(schema, json, child)
    case 'struct': {
      if (!(json instanceof Map)) {
        throw new DataError(
          'connect.data-invalid',
          `Structs should be encoded as JSON objects, but found ${jsonType(json)}`,
        )
      }
      const fields = json as ReadonlyMap<string, ConnectValue>
      return new ValueStruct(
        schema,
        schema.fields!.map(({ name, schema }) => child(schema, fields.get(name) ?? null)),
      )
    }
  }
}

/** JSON that was read exactly, as text again. */
function jsonText(json: ConnectValue): string {
  if (json instanceof Decimal) return decimalText(json)
  if (Array.isArray(json)) return `[${(json as readonly ConnectValue[]).map(jsonText).join(',')}]`
  if (json instanceof Map) {
    const fields = [...(json as ReadonlyMap<string, ConnectValue>)]
    return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${jsonText(value)}`).join(',')}}`
  }
  return typeof json === 'bigint' ? json.toString() : JSON.stringify(json)
}

/** What was read exactly, as values without a schema are: numbers with a fraction are doubles. */
export function plainValue(json: ConnectValue): ConnectValue {
  if (json instanceof Decimal) return Number(decimalNotation(json))
  if (Array.isArray(json)) return (json as readonly ConnectValue[]).map(plainValue)
  if (json instanceof Map) {
    return new Map([...(json as ReadonlyMap<ConnectValue, ConnectValue>)].map(([k, v]) => [k, plainValue(v)]))
  }
  return json
}

function integerValue(schema: Schema, json: ConnectValue): ConnectValue {
  const bits = INTEGER_BITS[schema.type]!
  if (typeof json !== 'bigint' || BigInt.asIntN(bits, json) !== json) throw mismatch(schema, json)
  if (schema.name === LOGICAL.date) return moment(schema, Number(json) * MS_PER_DAY)
  if (schema.name === LOGICAL.time || schema.name === LOGICAL.timestamp) return moment(schema, Number(json))
  return schema.type === 'int64' ? json : Number(json)
}

function moment(schema: Schema, ms: number): Date {
  const date = new Date(ms)
  if (!Number.isNaN(date.getTime())) return date
  throw new DataError(
    'connect.data-invalid',
    `Invalid value for ${schema.name}: it is beyond the year 275760`,
  )
}

function floatValue(schema: Schema, json: ConnectValue): number {
  let value: number
  if (typeof json === 'bigint') value = Number(json)
  else if (json instanceof Decimal) value = Number(decimalNotation(json))
  else if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') value = Number(json)
  else throw mismatch(schema, json)
  return schema.type === 'float' ? Math.fround(value) : value
}

function bytesValue(schema: Schema, json: ConnectValue): ConnectValue {
  const isDecimal = schema.name === LOGICAL.decimal
  if (isDecimal && json instanceof Decimal) return json
  if (isDecimal && typeof json === 'bigint') return new Decimal(json, 0)
  if (typeof json !== 'string') {
    if (!isDecimal) throw mismatch(schema, json)
    throw new DataError(
      'connect.data-invalid',
      `Invalid type for Decimal, underlying representation should be numeric or bytes but was ${jsonType(json)}`,
    )
  }
  const bytes = Buffer.from(json, 'base64')
  if (bytes.toString('base64') !== json || (isDecimal && bytes.length === 0)) {
    throw new DataError('connect.data-invalid', `Invalid bytes ${isDecimal ? 'for Decimal ' : ''}field`)
  }
  return isDecimal ? new Decimal(unscaledFromBytes(bytes), Number(schema.parameters?.['scale'] ?? 0)) : bytes
}

/** Maps with string keys are objects, others lists of pairs. */
function mapValue(
  schema: Schema,
  json: ConnectValue,
  child: (schema: Schema, value: ConnectValue) => ConnectValue,
): ConnectValue {
  const entry = (key: ConnectValue, value: ConnectValue): [ConnectValue, ConnectValue] => [
    child(schema.keySchema!, key),
    child(schema.valueSchema!, value),
  ]
  if (schema.keySchema!.type === 'string') {
    if (!(json instanceof Map)) {
      throw new DataError(
        'connect.data-invalid',
        `Maps with string fields should be encoded as JSON objects, but found ${jsonType(json)}`,
      )
    }
    return new Map([...(json as ReadonlyMap<string, ConnectValue>)].map(([key, value]) => entry(key, value)))
  }
  if (!Array.isArray(json)) {
    throw new DataError(
      'connect.data-invalid',
      `Maps with non-string fields should be encoded as JSON array of tuples, but found ${jsonType(json)}`,
    )
  }
  return new Map(
    (json as readonly ConnectValue[]).map((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new DataError(
          'connect.data-invalid',
          `Found invalid map entry, expected length 2 but found ${Array.isArray(pair) ? pair.length : jsonType(pair)}`,
        )
      }
      return entry(pair[0] as ConnectValue, pair[1] as ConnectValue)
    }),
  )
}

function decimalNotation({ unscaled, scale }: Decimal): string {
  return `${unscaled}e${-scale}`
}

function mismatch(schema: Schema, json: ConnectValue): DataError {
  return new DataError(
    'connect.data-invalid',
    `Invalid type for ${schema.name ?? schemaTypeName(schema.type)}: the JSON has ${jsonType(json)}`,
  )
}

function jsonType(json: ConnectValue): string {
  if (json === null) return 'NULL'
  if (typeof json === 'boolean') return 'BOOLEAN'
  if (typeof json === 'string') return 'STRING'
  if (Array.isArray(json)) return 'ARRAY'
  return json instanceof Map ? 'OBJECT' : 'NUMBER'
}
