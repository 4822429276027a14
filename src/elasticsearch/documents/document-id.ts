import { DataError } from '../../api/errors.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import { Decimal } from '../../api/decimal.ts'
import { schemaTypeName } from '../../api/schema-type-name.ts'

/** Elasticsearch's limit. One id beyond it would make the server refuse the whole bulk request. */
export const MAX_ID_BYTES = 512

/** The document id that a record's key gives: strings and whole numbers as they are. Throws `DataError`. */
export function documentIdFromKey(schema: Schema | null, key: ConnectValue): string {
  if (key === null) throw invalidKey('Key is used as document id and can not be null.')
  if (key === '') throw invalidKey('Key is used as document id and can not be empty.')
  const type = schema === null ? schemalessType(key) : schemaTypeName(schema.type)
  if (ID_TYPES.has(type) && key instanceof Date) return javaDateText(key)
  if (!ID_TYPES.has(type) || typeof key === 'object') {
    throw invalidKey(`${type} is not supported as the document id.`)
  }
  return String(key)
}

/**
 * A date, time or timestamp as Java's `Date.toString` has it, in UTC. Milliseconds, which Java leaves out, are told
 * where there are any: two moments of one second are two documents.
 */
function javaDateText(date: Date): string {
  const [weekday, day, month, year, time] = date.toUTCString().replace(',', '').split(' ')
  const ms = date.getUTCMilliseconds()
  const fraction = ms === 0 ? '' : `.${String(ms).padStart(3, '0')}`
  return `${weekday} ${month} ${day} ${time}${fraction} UTC ${year}`
}

const ID_TYPES = new Set(['STRING', 'INT8', 'INT16', 'INT32', 'INT64'])

/** The name of Connect's type for a value without a schema. */
export function schemalessType(value: NonNullable<ConnectValue>): string {
  if (typeof value === 'string') return 'STRING'
  if (typeof value === 'bigint' || value instanceof Date) return 'INT64'
  if (typeof value === 'number') return 'FLOAT64'
  if (typeof value === 'boolean') return 'BOOLEAN'
  if (Array.isArray(value)) return 'ARRAY'
  if (value instanceof Uint8Array || value instanceof Decimal) return 'BYTES'
  return !(value instanceof Map) && 'schema' in value ? 'STRUCT' : 'MAP'
}

function invalidKey(message: string): DataError {
  return new DataError('elasticsearch.record-invalid', message)
}
