import { DataError } from '../../api/errors.ts'
import { LOGICAL } from '../../api/json/json-writer.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import { javaClassName } from '../../api/java/java-class-name.ts'
import type { SimpleDateFormat } from './simple-date-format.ts'

export const TIMESTAMP_TYPES = ['string', 'unix', 'Date', 'Time', 'Timestamp'] as const
export type TimestampType = (typeof TIMESTAMP_TYPES)[number]
/** How many of a unit are a millisecond, or, as a negative number, how many milliseconds it has. */
const PER_MS = { nanoseconds: 1_000_000n, microseconds: 1000n, milliseconds: 1n, seconds: -1000n } as const
export type UnixPrecision = keyof typeof PER_MS

export interface TimestampOptions {
  readonly target: TimestampType
  /** Null: no format is configured, so no text can be read. */
  readonly format: SimpleDateFormat | null
  readonly precision: UnixPrecision
}

const MS_PER_DAY = 86_400_000
const MOST_INT64 = 2n ** 63n - 1n

/** The schema of values of a type. */
export function timestampSchema(type: TimestampType, optional: boolean): Schema {
  switch (type) {
    case 'string':
      return { type: 'string', optional }
    case 'unix':
      return { type: 'int64', optional }
    case 'Date':
      return { type: 'int32', optional, name: LOGICAL.date, version: 1 }
    case 'Time':
      return { type: 'int32', optional, name: LOGICAL.time, version: 1 }
    case 'Timestamp':
      return { type: 'int64', optional, name: LOGICAL.timestamp, version: 1 }
  }
}

/** Which type values of a schema are of. Throws `DataError` for schemas that are no timestamps. */
export function typeOfSchema(schema: Schema): TimestampType {
  const { name, type } = schema
  if (name === LOGICAL.timestamp) return 'Timestamp'
  if (name === LOGICAL.date) return 'Date'
  if (name === LOGICAL.time) return 'Time'
  if (type === 'string') return 'string'
  if (type === 'int64') return 'unix'
  const shown = (name === undefined ? '' : `${name}:`) + schemaTypeName(schema)
  throw new DataError(
    'connect.data-invalid',
    `Schema Schema{${shown}} does not correspond to a known timestamp type format`,
  )
}

/** The same of a value without a schema. */
export function typeOfValue(value: ConnectValue): TimestampType {
  if (value instanceof Date) return 'Timestamp'
  if (typeof value === 'bigint') return 'unix'
  if (typeof value === 'string') return 'string'
  throw new DataError(
    'connect.data-invalid',
    `TimestampConverter does not support class ${javaClassName(null, value)} objects as timestamps`,
  )
}

/** A timestamp of one type as one of another. Throws `DataError`. */
export function convertTimestamp(
  value: ConnectValue,
  from: TimestampType,
  options: TimestampOptions,
): ConnectValue {
  if (value === null) return null
  const moment = momentOf(value, from, options)
  const ms = moment.getTime()
  switch (options.target) {
    case 'string':
      return options.format!.format(moment)
    case 'unix':
      return unixOf(BigInt(ms), options.precision)
    case 'Date':
      return new Date(Math.floor(ms / MS_PER_DAY) * MS_PER_DAY)
    case 'Time':
      return new Date(ms - Math.floor(ms / MS_PER_DAY) * MS_PER_DAY)
    case 'Timestamp':
      return moment
  }
}

function momentOf(value: ConnectValue, from: TimestampType, options: TimestampOptions): Date {
  switch (from) {
    case 'string': {
      if (typeof value !== 'string') throw unexpected('string timestamp', 'String', value)
      const { format } = options
      const moment = format?.parse(value) ?? null
      if (moment !== null) return moment
      throw new DataError(
        'connect.data-invalid',
        format === null
          ? `Could not parse timestamp: value (${value}) is a text, and no format is configured`
          : `Could not parse timestamp: value (${value}) does not match pattern (${format.pattern})`,
      )
    }
    case 'unix': {
      if (typeof value !== 'bigint') throw unexpected('Unix timestamp', 'Long', value)
      const perMs = PER_MS[options.precision]
      const moment = new Date(Number(perMs < 0n ? value * -perMs : value / perMs))
      if (!Number.isNaN(moment.getTime())) return moment
      throw new DataError(
        'connect.data-invalid',
        `The Unix timestamp ${value}, taken for ${options.precision}, is beyond the year 275760: is unix.precision the right one?`,
      )
    }
    case 'Date':
    case 'Time':
    case 'Timestamp':
      if (!(value instanceof Date)) throw unexpected(from, 'java.util.Date', value)
      return value
  }
}

/** Cut towards zero, and held at the ends of 64 bits. */
function unixOf(ms: bigint, precision: UnixPrecision): bigint {
  const perMs = PER_MS[precision]
  if (perMs < 0n) return ms / -perMs
  const value = ms * perMs
  if (value > MOST_INT64) return MOST_INT64
  return value < -MOST_INT64 - 1n ? -MOST_INT64 - 1n : value
}

function unexpected(what: string, wanted: string, value: ConnectValue): DataError {
  return new DataError(
    'connect.data-invalid',
    `Expected ${what} to be a ${wanted}, but found class ${javaClassName(null, value)}`,
  )
}

function schemaTypeName({ type }: Schema): string {
  if (type === 'float') return 'FLOAT32'
  return type === 'double' ? 'FLOAT64' : type.toUpperCase()
}
