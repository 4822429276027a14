import { Buffer } from 'node:buffer'
import { ByteWriter } from '../byte-writer.ts'
import { Decimal } from '../decimal.ts'
import { DataError } from '../errors.ts'
import { writeBase64 } from './json-base64.ts'
import { decimalText, writeUnscaled } from './json-decimal.ts'
import { doubleText, floatText, writeInteger } from './json-number.ts'
import { writeJsonString, writeJsonText } from './json-string.ts'
import type { Field, Schema } from '../schema.ts'
import { isStruct, type Struct } from '../struct.ts'
import type { ConnectValue } from '../value.ts'

/** What of JsonConverter's options decides how a value is written. */
export interface JsonFormat {
  readonly decimalFormat: 'base64' | 'numeric'
  /** Whether a null in a field with a default is written as the default. */
  readonly replaceNullWithDefault: boolean
}

export const LOGICAL = {
  decimal: 'org.apache.kafka.connect.data.Decimal',
  date: 'org.apache.kafka.connect.data.Date',
  time: 'org.apache.kafka.connect.data.Time',
  timestamp: 'org.apache.kafka.connect.data.Timestamp',
  /** A string that holds JSON, and is written as that: tailrace's own. */
  json: 'io.tailrace.data.Json',
} as const

const MS_PER_DAY = 86_400_000

/** Writes a value as JsonConverter does, byte for byte. Throws `DataError` for a value that its schema does not allow. */
export function writeJsonValue(
  schema: Schema | null,
  value: ConnectValue,
  format: JsonFormat,
  out: ByteWriter,
): void {
  if (schema === null) writeSchemaless(value, format, out)
  else if (value === null) writeNull(schema, format, out)
  else writeTyped(schema, value, format, out)
}

/** The same as bytes of its own. */
export function jsonBytes(schema: Schema | null, value: ConnectValue, format: JsonFormat): Buffer {
  const out = new ByteWriter(256)
  writeJsonValue(schema, value, format, out)
  return out.bytes.subarray(0, out.position)
}

function writeNull(schema: Schema, format: JsonFormat, out: ByteWriter): void {
  if (schema.default !== undefined && schema.default !== null && format.replaceNullWithDefault) {
    writeTyped(schema, schema.default, format, out)
  } else if (schema.optional) {
    out.utf8('null')
  } else {
    throw new DataError(
      'connect.data-invalid',
      'Conversion error: null value for field that is required and has no default value',
    )
  }
}

function writeTyped(
  schema: Schema,
  value: NonNullable<ConnectValue>,
  format: JsonFormat,
  out: ByteWriter,
): void {
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      if (typeof value === 'bigint') out.utf8(value.toString())
      else if (typeof value === 'number') writeInteger(value, out)
      else if (value instanceof Date) writeInteger(dateNumber(schema, value), out)
      else throw invalidType(schema, value)
      return
    case 'float':
    case 'double':
      if (typeof value !== 'number') throw invalidType(schema, value)
      writeFloat(value, schema.type, out)
      return
    case 'boolean':
      if (typeof value !== 'boolean') throw invalidType(schema, value)
      out.utf8(value ? 'true' : 'false')
      return
    case 'string':
      if (typeof value !== 'string') throw invalidType(schema, value)
      if (schema.name === LOGICAL.json) out.utf8(value)
      else writeJsonText(value, out)
      return
    case 'bytes':
      if (value instanceof Decimal) writeDecimal(schema, value, format, out)
      else if (value instanceof Uint8Array) writeBytes(value, out)
      else throw invalidType(schema, value)
      return
    case 'array':
      if (!Array.isArray(value)) throw invalidType(schema, value)
      writeArray(schema.valueSchema ?? null, value, format, out)
      return
    case 'map':
      if (!(value instanceof Map)) throw invalidType(schema, value)
      writeMap(schema, value, format, out)
      return
    case 'struct':
      if (!isStruct(value)) throw invalidType(schema, value)
      writeStruct(schema, value, format, out)
  }
}

function writeSchemaless(value: ConnectValue, format: JsonFormat, out: ByteWriter): void {
  if (value === null) out.utf8('null')
  else if (typeof value === 'string') writeJsonText(value, out)
  else if (typeof value === 'boolean' || typeof value === 'bigint') out.utf8(String(value))
  else if (typeof value === 'number') writeFloat(value, 'double', out)
  else if (value instanceof Uint8Array) writeBytes(value, out)
  else if (Array.isArray(value)) writeArray(null, value, format, out)
  else if (value instanceof Map) writeMap(null, value, format, out)
  else if (isStruct(value)) writeStruct(value.schema, value, format, out)
  else {
    const className = value instanceof Decimal ? 'java.math.BigDecimal' : 'java.util.Date'
    throw new DataError(
      'connect.data-invalid',
      `Java class class ${className} does not have corresponding schema type.`,
    )
  }
}

function writeFloat(value: number, type: 'float' | 'double', out: ByteWriter): void {
  const text = type === 'float' ? floatText(value) : doubleText(value)
  // JSON has no NaN and no infinities; Jackson writes them as strings.
  out.utf8(Number.isFinite(value) ? text : `"${text}"`)
}

function writeBytes(value: Uint8Array, out: ByteWriter): void {
  out.ensure(1)
  out.bytes[out.position++] = 0x22
  writeBase64(value, 0, value.length, out)
  out.ensure(1)
  out.bytes[out.position++] = 0x22
}

function writeDecimal(schema: Schema, value: Decimal, format: JsonFormat, out: ByteWriter): void {
  if (schema.name !== LOGICAL.decimal) throw invalidType(schema, value)
  if (format.decimalFormat === 'numeric') {
    out.utf8(decimalText(value))
    return
  }
  const scale = schema.parameters?.['scale']
  if (String(value.scale) !== scale) {
    throw new DataError(
      'connect.data-invalid',
      `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
    )
  }
  writeUnscaled(value.unscaled, out)
}

/** Days for Connect's Date, milliseconds for its Time and Timestamp. */
function dateNumber(schema: Schema, value: Date): number {
  if (schema.name === LOGICAL.date) return Math.floor(value.getTime() / MS_PER_DAY)
  if (schema.name === LOGICAL.time || schema.name === LOGICAL.timestamp) return value.getTime()
  throw invalidType(schema, value)
}

function writeArray(
  schema: Schema | null,
  values: readonly ConnectValue[],
  format: JsonFormat,
  out: ByteWriter,
): void {
  out.utf8('[')
  for (let i = 0; i < values.length; i++) {
    if (i > 0) out.utf8(',')
    writeJsonValue(schema, values[i]!, format, out)
  }
  out.utf8(']')
}

/** An object where the keys are strings, otherwise a list of pairs. */
function writeMap(
  schema: Schema | null,
  map: ReadonlyMap<ConnectValue, ConnectValue>,
  format: JsonFormat,
  out: ByteWriter,
): void {
  const isObject = schema === null ? hasOnlyStringKeys(map) : schema.keySchema?.type === 'string'
  out.utf8(isObject ? '{' : '[')
  let isFirst = true
  for (const [key, value] of map) {
    if (!isFirst) out.utf8(',')
    isFirst = false
    if (!isObject) out.utf8('[')
    writeJsonValue(schema?.keySchema ?? null, key, format, out)
    out.utf8(isObject ? ':' : ',')
    writeJsonValue(schema?.valueSchema ?? null, value, format, out)
    if (!isObject) out.utf8(']')
  }
  out.utf8(isObject ? '}' : ']')
}

function hasOnlyStringKeys(map: ReadonlyMap<ConnectValue, ConnectValue>): boolean {
  for (const key of map.keys()) if (typeof key !== 'string') return false
  return true
}

function writeStruct(schema: Schema, struct: Struct, format: JsonFormat, out: ByteWriter): void {
  const prefixes = fieldPrefixes(schema.fields!)
  const { fields } = schema
  for (let i = 0; i < fields!.length; i++) {
    const prefix = prefixes[i]!
    out.copy(prefix, 0, prefix.length)
    writeJsonValue(fields![i]!.schema, struct.at(i), format, out)
  }
  out.utf8(fields!.length === 0 ? '{}' : '}')
}

const prefixesOf = new WeakMap<readonly Field[], readonly Buffer[]>()

/** The constant text before each field's value: `{"id":`, then `,"name":`. */
export function fieldPrefixes(fields: readonly Field[]): readonly Buffer[] {
  let prefixes = prefixesOf.get(fields)
  if (prefixes === undefined) {
    prefixes = fields.map(({ name }, index) => fieldPrefix(name, index === 0))
    prefixesOf.set(fields, prefixes)
  }
  return prefixes
}

function fieldPrefix(name: string, isFirst: boolean): Buffer {
  const source = Buffer.from(name)
  const quoted = new ByteWriter(source.length * 6 + 8)
  quoted.utf8(isFirst ? '{' : ',')
  writeJsonString(source, 0, source.length, quoted)
  quoted.utf8(':')
  return quoted.bytes.subarray(0, quoted.position)
}

function invalidType(schema: Schema, value: NonNullable<ConnectValue>): DataError {
  const found =
    typeof value === 'object' ? (isStruct(value) ? 'Struct' : value.constructor.name) : typeof value
  return new DataError(
    'connect.data-invalid',
    `Invalid type for ${(schema.name ?? schema.type).toUpperCase()}: ${found}`,
  )
}
