import { Decimal } from '../decimal.ts'
import type { Schema } from '../schema.ts'
import { isStruct } from '../struct.ts'
import type { ConnectValue } from '../value.ts'

const NUMBER_CLASSES: Readonly<Record<string, string>> = {
  int8: 'java.lang.Byte',
  int16: 'java.lang.Short',
  int32: 'java.lang.Integer',
  float: 'java.lang.Float',
}

/** The class that the value has in the reference, for messages that name it. */
export function javaClassName(schema: Schema | null, value: ConnectValue): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return 'java.lang.String'
  if (typeof value === 'boolean') return 'java.lang.Boolean'
  if (typeof value === 'bigint') return 'java.lang.Long'
  if (typeof value === 'number') return NUMBER_CLASSES[schema?.type ?? ''] ?? 'java.lang.Double'
  if (value instanceof Decimal) return 'java.math.BigDecimal'
  if (value instanceof Date) return 'java.util.Date'
  if (value instanceof Uint8Array) return '[B'
  if (isStruct(value)) return 'org.apache.kafka.connect.data.Struct'
  return value instanceof Map ? 'java.util.HashMap' : 'java.util.ArrayList'
}
