import { Decimal } from '../../api/decimal.ts'
import { DataError } from '../../api/errors.ts'
import { floatText } from '../../api/json/json-number.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import { javaText, momentText } from '../../api/java/java-text.ts'
import type { Schema, SchemaType } from '../../api/schema.ts'
import { isStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { javaClassName } from '../../api/java/java-class-name.ts'
import { schemaTypeName } from '../../api/schema-type-name.ts'

/** The reference's names of the types that values can be cast to, in its order. */
export const CAST_TYPES = {
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'boolean',
  STRING: 'string',
} as const satisfies Record<string, SchemaType>

export type CastType = (typeof CAST_TYPES)[keyof typeof CAST_TYPES]

const BITS = { int8: 8, int16: 16, int32: 32, int64: 64 } as const
const MS_PER_DAY = 86_400_000
const FLOAT_TEXT = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)$/

/** A value of another type. `schema` is the value's own, null for schemaless data. Throws `DataError`. */
export function castValue(schema: Schema | null, value: ConnectValue, target: CastType): ConnectValue {
  if (value === null) return null
  refuseInput(schema, value)
  const raw = target === 'string' ? value : withoutLogicalType(schema, value)
  switch (target) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64': {
      const integer = toInteger(schema, raw, BITS[target])
      // Schemaless whole numbers are bigints, of whatever width.
      return schema === null || target === 'int64' ? integer : Number(integer)
    }
    case 'float': {
      const float = Math.fround(toDouble(schema, raw))
      // Schemaless numbers are written as doubles; this is the one with the float's shortest text.
      return schema === null ? Number(floatText(float)) : float
    }
    case 'double':
      return toDouble(schema, raw)
    case 'boolean':
      return toBoolean(schema, raw)
    case 'string':
      return raw instanceof Date ? momentText(raw) : javaText(schema, raw)
  }
}

function refuseInput(schema: Schema | null, value: ConnectValue): void {
  const type = schema?.type ?? schemalessType(value)
  if (type === null) {
    throw new DataError(
      'connect.data-invalid',
      `Cast transformation was passed a value of type class ${javaClassName(null, value)} which is not supported by Connect's data API`,
    )
  }
  if (type === 'array' || type === 'map' || type === 'struct') {
    throw new DataError(
      'connect.data-invalid',
      `Cast transformation does not support casting from ${schemaTypeName(type)}; supported types are [${Object.keys(CAST_TYPES).join(', ')}, BYTES]`,
    )
  }
}

/** Null: a type that data without a schema does not have. */
function schemalessType(value: ConnectValue): SchemaType | null {
  if (value instanceof Date || value instanceof Decimal) return null
  if (value instanceof Map) return 'map'
  if (Array.isArray(value)) return 'array'
  return isStruct(value) ? 'struct' : 'string'
}

function withoutLogicalType(schema: Schema | null, value: ConnectValue): ConnectValue {
  if (!(value instanceof Date)) return value
  const ms = value.getTime()
  return BigInt(schema?.name === LOGICAL.date ? Math.floor(ms / MS_PER_DAY) : ms)
}

function toInteger(schema: Schema | null, value: ConnectValue, bits: 8 | 16 | 32 | 64): bigint {
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'bigint') return BigInt.asIntN(bits, value)
  if (typeof value === 'number') return BigInt.asIntN(bits, saturated(value, bits === 64 ? 64 : 32))
  if (value instanceof Decimal) return BigInt.asIntN(bits, wholePart(value))
  if (typeof value !== 'string') throw unexpected(schema, value)
  const integer = /^[+-]?\d+$/.test(value) ? BigInt(value.replace('+', '')) : null
  if (integer === null || BigInt.asIntN(bits, integer) !== integer) throw outOfRange(value)
  return integer
}

function toDouble(schema: Schema | null, value: ConnectValue): number {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value)
  if (value instanceof Decimal) return Number(value.toString())
  if (typeof value !== 'string') throw unexpected(schema, value)
  const text = value.trim()
  if (!FLOAT_TEXT.test(text)) throw outOfRange(value)
  return Number(text.replace(/[fFdD]$/, ''))
}

function toBoolean(schema: Schema | null, value: ConnectValue): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') return value.toLowerCase() === 'true'
  return toInteger(schema, value, 64) !== 0n
}

/** As Java narrows a floating point number: cut towards zero, held at the ends of the type, 0 for NaN. */
function saturated(value: number, bits: 32 | 64): bigint {
  if (Number.isNaN(value)) return 0n
  const end = 2 ** (bits - 1)
  if (value >= end) return BigInt(end) - 1n
  return BigInt(Math.trunc(Math.max(value, -end)))
}

function wholePart({ unscaled, scale }: Decimal): bigint {
  return scale > 0 ? unscaled / 10n ** BigInt(scale) : unscaled * 10n ** BigInt(-scale)
}

function outOfRange(text: string): DataError {
  return new DataError('connect.data-invalid', `Value (${text}) was out of range for requested data type`)
}

function unexpected(schema: Schema | null, value: ConnectValue): DataError {
  return new DataError(
    'connect.data-invalid',
    `Unexpected type in Cast transformation: class ${javaClassName(schema, value)}`,
  )
}
