import { Decimal } from '../api/decimal.ts'
import { decimalText } from '../api/json/json-decimal.ts'
import type { Schema } from '../api/schema.ts'
import { isStruct } from '../api/struct.ts'
import type { ConnectValue } from '../api/value.ts'
import { momentText, numberText } from '../api/java/java-text.ts'

/** A header's value as text: like JSON, but at the outermost level strings, dates and bytes without quotes. */
export function headerText(schema: Schema | null, value: ConnectValue): string {
  return write(schema, value, false)
}

function write(schema: Schema | null, value: ConnectValue, isInner: boolean): string {
  const quote = (text: string): string => (isInner ? `"${text}"` : text)
  if (value === null) return 'null'
  if (typeof value === 'string') {
    return isInner ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : value
  }
  if (typeof value === 'number') return numberText(schema, value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Decimal) return decimalText(value)
  if (value instanceof Uint8Array) return quote(Buffer.from(value).toString('base64'))
  if (value instanceof Date) return momentText(value)
  if (isStruct(value)) {
    const fields = value.schema.fields!.map(
      ({ name, schema }, index) =>
        `${write(null, name, true)}:${write(schema, value.at(index) ?? schema.default ?? null, true)}`,
    )
    return `{${fields.join(',')}}`
  }
  const inner = schema?.valueSchema ?? null
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<ConnectValue, ConnectValue>)].map(
      ([key, entry]) => `${write(schema?.keySchema ?? null, key, true)}:${write(inner, entry, true)}`,
    )
    return `{${entries.join(',')}}`
  }
  return `[${(value as readonly ConnectValue[]).map((element) => write(inner, element, true)).join(',')}]`
}
