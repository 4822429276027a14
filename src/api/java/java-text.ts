import { Decimal } from '../decimal.ts'
import { decimalText } from '../json/json-decimal.ts'
import { doubleText, floatText } from '../json/json-number.ts'
import type { Schema } from '../schema.ts'
import { isStruct, type Struct } from '../struct.ts'
import type { ConnectValue } from '../value.ts'

const MS_PER_DAY = 86_400_000

/** What Java's `toString` gives for a value. Bytes, of which Java prints an address, are base64. */
export function javaText(schema: Schema | null, value: ConnectValue): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return numberText(schema, value)
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value)
  if (value instanceof Decimal) return decimalText(value)
  if (value instanceof Date) return dateText(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (isStruct(value)) return structText(value)
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<ConnectValue, ConnectValue>)].map(
      ([key, entry]) =>
        `${javaText(schema?.keySchema ?? null, key)}=${javaText(schema?.valueSchema ?? null, entry)}`,
    )
    return `{${entries.join(', ')}}`
  }
  const elements = (value as readonly ConnectValue[]).map((element) =>
    javaText(schema?.valueSchema ?? null, element),
  )
  return `[${elements.join(', ')}]`
}

/** Numbers of integer schemas, and schemaless ones, which are doubles. */
export function numberText(schema: Schema | null, value: number): string {
  if (schema?.type === 'float') return floatText(value)
  return schema === null || schema.type === 'double' ? doubleText(value) : String(value)
}

/** As `Values.dateFormatFor` has it: a time of the first day is a time, a midnight a date, anything else both. */
export function momentText(date: Date): string {
  const ms = date.getTime()
  const iso = date.toISOString()
  if (ms < MS_PER_DAY) return iso.slice(11)
  return ms % MS_PER_DAY === 0 ? iso.slice(0, 10) : iso
}

/** Nulls are left out. */
function structText(struct: Struct): string {
  const fields = struct.schema.fields!.flatMap(({ name, schema }, index) => {
    const value = struct.at(index)
    return value === null ? [] : [`${name}=${javaText(schema, value)}`]
  })
  return `Struct{${fields.join(',')}}`
}

/** `Thu Jan 01 00:00:00 UTC 1970`. */
function dateText(date: Date): string {
  const [day, dayOfMonth, month, year, time] = date.toUTCString().replace(',', '').split(' ')
  return `${day} ${month} ${dayOfMonth} ${time} UTC ${year}`
}
