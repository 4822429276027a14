import { DataError } from '../api/errors.ts'
import { jsonBytes, type JsonFormat } from '../api/json/json-writer.ts'
import type { Field, Schema, SchemaType } from '../api/schema.ts'
import type { ConnectValue } from '../api/value.ts'

const TYPES: readonly SchemaType[] = [
  ...(['int8', 'int16', 'int32', 'int64', 'float', 'double', 'boolean', 'string', 'bytes'] as const),
  ...(['array', 'map', 'struct'] as const),
]

/** A schema as JsonConverter writes it. @param field the name, where it is the schema of a struct's field */
export function schemaJson(schema: Schema, format: JsonFormat, field?: string): string {
  const parts = [`"type":${JSON.stringify(schema.type)}`]
  if (schema.type === 'struct') {
    const fields = schema.fields!.map((field) => schemaJson(field.schema, format, field.name))
    parts.push(`"fields":[${fields.join(',')}]`)
  } else if (schema.type === 'array') {
    parts.push(`"items":${elementJson(schema.valueSchema, format)}`)
  } else if (schema.type === 'map') {
    parts.push(`"keys":${elementJson(schema.keySchema, format)}`)
    parts.push(`"values":${elementJson(schema.valueSchema, format)}`)
  }
  parts.push(`"optional":${schema.optional}`)
  if (schema.name !== undefined) parts.push(`"name":${text(schema.name, format)}`)
  if (schema.version !== undefined) parts.push(`"version":${schema.version}`)
  if (schema.doc !== undefined) parts.push(`"doc":${text(schema.doc, format)}`)
  if (schema.parameters !== undefined) {
    const entries = Object.entries(schema.parameters).map(
      ([name, value]) => `${text(name, format)}:${text(value, format)}`,
    )
    parts.push(`"parameters":{${entries.join(',')}}`)
  }
  if (schema.default !== undefined && schema.default !== null) {
    parts.push(`"default":${jsonBytes(schema, schema.default, format).toString()}`)
  }
  if (field !== undefined) parts.push(`"field":${text(field, format)}`)
  return `{${parts.join(',')}}`
}

/** Lists and maps that a header's text gives have no schema for elements of different types. */
function elementJson(schema: Schema | undefined, format: JsonFormat): string {
  return schema === undefined ? 'null' : schemaJson(schema, format)
}

function text(value: string, format: JsonFormat): string {
  return jsonBytes(null, value, format).toString()
}

/**
 * The schema that JSON describes, null for null. Throws `DataError` with the reference's words.
 * @param convertDefault reads a default with its schema
 */
export function parseSchema(
  json: ConnectValue,
  convertDefault: (schema: Schema, json: ConnectValue) => ConnectValue,
): Schema | null {
  if (json === null) return null
  const node =
    json instanceof Map ? (json as ReadonlyMap<string, ConnectValue>) : new Map<string, ConnectValue>()
  const type = node.get('type')
  if (typeof type !== 'string')
    throw new DataError('connect.data-invalid', "Schema must contain 'type' field")
  if (!TYPES.includes(type as SchemaType)) {
    throw new DataError('connect.data-invalid', `Unknown schema type: ${type}`)
  }
  const child = (name: string, missing: string): Schema => {
    const schema = parseSchema(node.get(name) ?? null, convertDefault)
    if (schema === null) throw new DataError('connect.data-invalid', missing)
    return schema
  }
  const schema: Schema = {
    type: type as SchemaType,
    optional: node.get('optional') === true,
    ...textProperty('name', node),
    ...versionProperty(node),
    ...textProperty('doc', node),
    ...parametersProperty(node),
    ...(type === 'array' && { valueSchema: child('items', 'Array schema did not specify the element type') }),
    ...(type === 'map' && {
      keySchema: child('keys', 'Map schema did not specify the key type'),
      valueSchema: child('values', 'Map schema did not specify the value type'),
    }),
    ...(type === 'struct' && { fields: parseFields(node.get('fields'), convertDefault) }),
  }
  const defaultJson = node.get('default') ?? null
  return defaultJson === null ? schema : { ...schema, default: convertDefault(schema, defaultJson) }
}

function parseFields(
  json: ConnectValue | undefined,
  convertDefault: (schema: Schema, json: ConnectValue) => ConnectValue,
): readonly Field[] {
  if (!Array.isArray(json)) {
    throw new DataError('connect.data-invalid', `Struct schema's "fields" argument is not an array.`)
  }
  const names = new Set<string>()
  return (json as readonly ConnectValue[]).map((field) => {
    const name = field instanceof Map ? (field as ReadonlyMap<string, ConnectValue>).get('field') : undefined
    const schema = typeof name === 'string' ? parseSchema(field, convertDefault) : null
    if (schema === null) {
      throw new DataError('connect.data-invalid', "Struct schema's field name not specified properly")
    }
    if (names.has(name as string)) {
      throw new DataError(
        'connect.data-invalid',
        `Cannot create field because of field name duplication ${name as string}`,
      )
    }
    names.add(name as string)
    return { name: name as string, schema }
  })
}

function textProperty(name: 'name' | 'doc', node: ReadonlyMap<string, ConnectValue>): Partial<Schema> {
  const value = node.get(name)
  return typeof value === 'string' ? { [name]: value } : {}
}

function versionProperty(node: ReadonlyMap<string, ConnectValue>): Partial<Schema> {
  const value = node.get('version')
  return typeof value === 'bigint' ? { version: Number(value) } : {}
}

function parametersProperty(node: ReadonlyMap<string, ConnectValue>): Partial<Schema> {
  const value = node.get('parameters')
  if (!(value instanceof Map)) return {}
  const entries = [...(value as ReadonlyMap<string, ConnectValue>)]
  if (entries.some(([, parameter]) => typeof parameter !== 'string')) {
    throw new DataError('connect.data-invalid', 'Schema parameters must have string values.')
  }
  return { parameters: Object.fromEntries(entries as [string, string][]) }
}
