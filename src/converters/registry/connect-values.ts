import { Decimal } from '../../api/decimal.ts'
import { DataError } from '../../api/errors.ts'
import { unscaledBytes, withScale } from '../../api/json/json-decimal.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'

export function numberOf(schema: Schema, value: ConnectValue): number {
  if (typeof value !== 'number') throw mismatch(schema, value)
  return value
}

export function textOf(schema: Schema, value: ConnectValue): string {
  if (typeof value !== 'string') throw mismatch(schema, value)
  return value
}

export function dateOf(schema: Schema, value: ConnectValue): number {
  if (!(value instanceof Date)) throw mismatch(schema, value)
  return value.getTime()
}

/** The bytes of a value of a `bytes` schema. */
export function bytesOf(schema: Schema, value: ConnectValue): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (!(value instanceof Decimal)) throw mismatch(schema, value)
  const scale = Number(schema.parameters?.['scale'] ?? 0)
  const scaled = withScale(value, scale)
  if (scaled !== null) return unscaledBytes(scaled.unscaled)
  throw new DataError(
    'connect.data-invalid',
    `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
  )
}

export function requiredNull(schema: Schema): DataError {
  const name = schema.name === undefined ? schema.type : `${schema.type} ${schema.name}`
  return new DataError('connect.data-invalid', `Found null value for non-optional schema: ${name}`)
}

export function mismatch(schema: Schema, value: ConnectValue): DataError {
  const given = typeof value === 'object' ? (value?.constructor.name ?? 'null') : typeof value
  return new DataError('connect.data-invalid', `Invalid type for ${schema.name ?? schema.type}: ${given}`)
}
