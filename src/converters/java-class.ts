import { Decimal } from '../api/decimal.ts'
import type { Schema } from '../api/schema.ts'
import { isStruct } from '../api/struct.ts'
import type { ConnectValue } from '../api/value.ts'

const BOXED: { readonly [type: string]: string } = {
  int8: 'java.lang.Byte',
  int16: 'java.lang.Short',
  int32: 'java.lang.Integer',
  float: 'java.lang.Float',
  double: 'java.lang.Double',
}

/** The class that a value has in Kafka Connect. Schemaless numbers are doubles, whole ones longs. */
export function javaClass(schema: Schema | null, value: NonNullable<ConnectValue>): string {
  if (typeof value === 'string') return 'java.lang.String'
  if (typeof value === 'boolean') return 'java.lang.Boolean'
  if (typeof value === 'bigint') return 'java.lang.Long'
  if (typeof value === 'number') return BOXED[schema?.type ?? 'double'] ?? 'java.lang.Double'
  if (value instanceof Decimal) return 'java.math.BigDecimal'
  if (value instanceof Date) return 'java.util.Date'
  if (value instanceof Uint8Array) return '[B'
  if (value instanceof Map) return 'java.util.HashMap'
  return isStruct(value) ? 'org.apache.kafka.connect.data.Struct' : 'java.util.ArrayList'
}
