import { Decimal } from '../../../api/decimal.ts'
import { DataError } from '../../../api/errors.ts'
import type { Schema } from '../../../api/schema.ts'
import { ValueStruct } from '../../../api/struct.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { connectValue } from '../../json-to-connect.ts'
import { isObjectMap, isOneOf } from './json-schema-names.ts'
import type { JsonSchemaMapping } from './json-schema-options.ts'

/** The value of a schema that JSON holds, read with fractions as `Decimal`. Throws `DataError`. */
export function jsonSchemaValue(
  schema: Schema,
  json: ConnectValue,
  mapping: JsonSchemaMapping,
): ConnectValue {
  if (json === null) return connectValue(schema, json, mapping.replaceNullWithDefault)
  const child = (inner: Schema, value: ConnectValue): ConnectValue => jsonSchemaValue(inner, value, mapping)
  if (schema.type === 'struct') {
    if (isOneOf(schema)) return unionValue(schema, json, child)
    if (json instanceof Map) return structValue(schema, json as ReadonlyMap<string, ConnectValue>, child)
  }
  if (schema.type === 'array' && Array.isArray(json)) {
    return (json as readonly ConnectValue[]).map((item) => child(schema.valueSchema!, item))
  }
  if (schema.type === 'map') {
    if (!isObjectMap(schema) && Array.isArray(json)) {
      return new Map((json as readonly ConnectValue[]).map((entry) => mapEntry(schema, entry, child)))
    }
    if (isObjectMap(schema) && json instanceof Map) {
      const entries = [...(json as ReadonlyMap<string, ConnectValue>)]
      return new Map(entries.map(([key, value]) => [key, child(schema.valueSchema!, value)]))
    }
  }
  // What JsonConverter reads alike, and JSON of the wrong type.
  return connectValue(schema, json, mapping.replaceNullWithDefault)
}

/** A property that is not there is null or its default: only a schema's `required` says that it has to be. */
function structValue(
  schema: Schema,
  properties: ReadonlyMap<string, ConnectValue>,
  child: Child,
): ConnectValue {
  return new ValueStruct(
    schema,
    schema.fields!.map(({ name, schema: field }) => {
      const value = properties.get(name)
      return value === undefined ? (field.default ?? null) : child(field, value)
    }),
  )
}

type Child = (schema: Schema, value: ConnectValue) => ConnectValue

function mapEntry(schema: Schema, json: ConnectValue, child: Child): [ConnectValue, ConnectValue] {
  if (!(json instanceof Map)) {
    throw new DataError('connect.data-invalid', 'Found invalid map entry instead of object')
  }
  const entry = json as ReadonlyMap<string, ConnectValue>
  return [
    child(schema.keySchema!, entry.get('key') ?? null),
    child(schema.valueSchema!, entry.get('value') ?? null),
  ]
}

/** The first field whose type the JSON has; of several structs the one with the most of its properties. */
function unionValue(schema: Schema, json: ConnectValue, child: Child): ConnectValue {
  const fields = schema.fields!
  let best = fields.findIndex((field) => isInstance(field.schema, json))
  if (best < 0) {
    let mostMatches = 0
    for (const [index, field] of fields.entries()) {
      const matches = matchingProperties(field.schema, json)
      if (matches > mostMatches) {
        mostMatches = matches
        best = index
      }
    }
  }
  if (best < 0) throw new DataError('connect.data-invalid', 'Did not find matching oneof field for data')
  return new ValueStruct(
    schema,
    fields.map((field, index) => (index === best ? child(field.schema, json) : null)),
  )
}

function isInstance(schema: Schema, json: ConnectValue): boolean {
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return typeof json === 'bigint'
    case 'float':
    case 'double':
      return typeof json === 'bigint' || json instanceof Decimal
    case 'boolean':
    case 'string':
      return typeof json === schema.type
    case 'bytes':
      return typeof json === 'string' || json instanceof Decimal
    case 'array':
      return Array.isArray(json)
    case 'map':
      return json instanceof Map || Array.isArray(json)
    case 'struct':
      return false
  }
}

function matchingProperties(schema: Schema, json: ConnectValue): number {
  if (schema.type !== 'struct' || !(json instanceof Map)) return 0
  const properties = json as ReadonlyMap<string, ConnectValue>
  const matching = schema.fields!.filter(({ name }) => properties.has(name))
  return matching.reduce(
    (sum, field) => sum + 1 + matchingProperties(field.schema, properties.get(field.name) ?? null),
    0,
  )
}
