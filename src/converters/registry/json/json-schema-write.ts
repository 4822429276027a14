import { ByteWriter } from '../../../api/byte-writer.ts'
import { DataError } from '../../../api/errors.ts'
import { writeJsonValue } from '../../../api/json/json-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import { isStruct } from '../../../api/struct.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { isObjectMap, isOneOf } from './json-schema-names.ts'
import type { JsonSchemaMapping } from './json-schema-options.ts'

/** Writes a value as the JSON that its JSON schema describes. Throws `DataError`. */
export type JsonWrite = (value: ConnectValue, out: ByteWriter) => void

/** Compiled once for a schema: what JsonConverter writes alike is left to its writer. */
export function compileJsonWrite(schema: Schema | null, mapping: JsonSchemaMapping): JsonWrite {
  if (schema === null || !isSpecial(schema)) {
    return (value, out) => writeJsonValue(schema, value, mapping, out)
  }
  const write = compileSpecial(schema, mapping)
  return (value, out) => {
    const given = value ?? (mapping.replaceNullWithDefault ? (schema.default ?? null) : null)
    if (given !== null) write(given, out)
    else if (schema.optional) out.utf8('null')
    else {
      throw new DataError('connect.data-invalid', `Found null value for non-optional schema: ${schema.type}`)
    }
  }
}

/** The same as bytes of its own. */
export function jsonPayload(schema: Schema, value: ConnectValue, mapping: JsonSchemaMapping): Buffer {
  const out = new ByteWriter(64)
  compileJsonWrite(schema, mapping)(value, out)
  return out.bytes.subarray(0, out.position)
}

/** Whether JsonConverter writes some part of it in another way: choices, and maps whose keys are no text. */
function isSpecial(schema: Schema): boolean {
  if (schema.type === 'struct') {
    return isOneOf(schema) || schema.fields!.some((field) => isSpecial(field.schema))
  }
  if (schema.type === 'array') return isSpecial(schema.valueSchema!)
  return schema.type === 'map' && (!isObjectMap(schema) || isSpecial(schema.valueSchema!))
}

function compileSpecial(schema: Schema, mapping: JsonSchemaMapping): JsonWrite {
  if (schema.type === 'array') {
    const write = compileJsonWrite(schema.valueSchema!, mapping)
    return (value, out) => {
      if (!Array.isArray(value)) throw mismatch(schema)
      out.utf8('[')
      for (const [index, item] of (value as readonly ConnectValue[]).entries()) {
        if (index > 0) out.utf8(',')
        write(item, out)
      }
      out.utf8(']')
    }
  }
  if (schema.type === 'map') return compileMap(schema, mapping)
  const writes = schema.fields!.map((field) => compileJsonWrite(field.schema, mapping))
  if (isOneOf(schema)) {
    return (value, out) => {
      if (!isStruct(value)) throw mismatch(schema)
      const set = writes.findIndex((_write, index) => value.at(index) !== null)
      if (set < 0) throw new DataError('connect.data-invalid', 'No field of a union is set')
      writes[set]!(value.at(set), out)
    }
  }
  const names = schema.fields!.map(({ name }, index) => `${index === 0 ? '' : ','}${JSON.stringify(name)}:`)
  return (value, out) => {
    if (!isStruct(value)) throw mismatch(schema)
    out.utf8('{')
    for (const [index, write] of writes.entries()) {
      out.utf8(names[index]!)
      write(value.at(index), out)
    }
    out.utf8('}')
  }
}

function compileMap(schema: Schema, mapping: JsonSchemaMapping): JsonWrite {
  const writeKey = compileJsonWrite(schema.keySchema!, mapping)
  const writeValue = compileJsonWrite(schema.valueSchema!, mapping)
  const isObject = isObjectMap(schema)
  return (value, out) => {
    if (!(value instanceof Map)) throw mismatch(schema)
    const entries = value as ReadonlyMap<ConnectValue, ConnectValue>
    let count = 0
    out.utf8(isObject ? '{' : '[')
    for (const [key, entry] of entries) {
      if (count++ > 0) out.utf8(',')
      if (!isObject) out.utf8('{"key":')
      writeKey(key, out)
      out.utf8(isObject ? ':' : ',"value":')
      writeValue(entry, out)
      if (!isObject) out.utf8('}')
    }
    out.utf8(isObject ? '}' : ']')
  }
}

function mismatch(schema: Schema): DataError {
  return new DataError('connect.data-invalid', `Invalid type for ${schema.name ?? schema.type}`)
}
