import { JavaKeyOrder } from '../../../api/java/java-key-order.ts'
import { LOGICAL } from '../../../api/json/json-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import {
  ENUM,
  GENERALIZED_ENUM,
  isObjectMap,
  isOneOf,
  NULL_MARKER,
  OWN_PREFIX,
  PROP,
  TYPE_PROPS,
} from './json-schema-names.ts'
import type { JsonSchemaMapping } from './json-schema-options.ts'
import { jsonPayload } from './json-schema-write.ts'

/** The JSON schema of data with this Connect schema, as the reference prints it. */
export function jsonSchemaText(schema: Schema, mapping: JsonSchemaMapping): string {
  return describe(schema, mapping, { index: null, isOptional: schema.optional })
}

interface Place {
  /** Of a field in its struct; null elsewhere. */
  readonly index: number | null
  readonly isOptional: boolean
}

function describe(schema: Schema, mapping: JsonSchemaMapping, { index, isOptional }: Place): string {
  const indexed = new Map<string, string>(index === null ? [] : [[PROP.index, String(index)]])
  if (isOneOf(schema)) {
    const branches = schema.fields!.map((field, place) =>
      describe(field.schema, mapping, { index: place, isOptional: false }),
    )
    const all = isOptional ? [NULL, ...branches] : branches
    return object([...indexed, ['oneOf', `[${all.join(',')}]`]])
  }
  if (isOptional) {
    const value = describe(schema, mapping, { index: null, isOptional: false })
    return object([...indexed, ['oneOf', `[${NULL},${value}]`]])
  }
  const { type, connectType, rest } = bare(schema, mapping)
  const connect = indexed
  if (connectType !== undefined) connect.set(PROP.type, JSON.stringify(connectType))
  if (schema.version !== undefined) connect.set(PROP.version, String(schema.version))
  const parameters = Object.entries(schema.parameters ?? {}).filter(([name]) => !name.startsWith(OWN_PREFIX))
  if (parameters.length > 0) {
    const texts = parameters.map(([name, value]) => [name, JSON.stringify(value)] as const)
    connect.set(PROP.parameters, object(hashed(new Map(texts))))
  }
  const own: [string, string][] = []
  if (type !== undefined) own.push(['type', JSON.stringify(type)])
  if (schema.name !== undefined) own.push(['title', JSON.stringify(schema.name)])
  if (schema.doc !== undefined) own.push(['description', JSON.stringify(schema.doc)])
  if (schema.default !== undefined && schema.default !== null) {
    own.push(['default', jsonPayload({ ...schema, optional: true }, schema.default, mapping).toString()])
  }
  return object([...own, ...hashed(connect), ...rest])
}

/** What the type of a schema says. */
interface TypeAttributes {
  readonly type?: string
  readonly connectType?: string
  readonly rest: readonly (readonly [string, string])[]
}

function bare(schema: Schema, mapping: JsonSchemaMapping): TypeAttributes {
  const inner = (child: Schema, index: number | null = null): string =>
    describe(child, mapping, { index, isOptional: child.optional })
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return { type: 'integer', connectType: TYPE_PROPS[schema.type], rest: [] }
    case 'float':
    case 'double':
      return { type: 'number', connectType: TYPE_PROPS[schema.type], rest: [] }
    case 'boolean':
      return { type: 'boolean', rest: [] }
    case 'string': {
      const symbols = enumOf(schema, mapping)
      return symbols === null ? { type: 'string', rest: [] } : { rest: [['enum', symbols]] }
    }
    case 'bytes': {
      const isNumber = schema.name === LOGICAL.decimal && mapping.decimalFormat === 'numeric'
      return { type: isNumber ? 'number' : 'string', connectType: 'bytes', rest: [] }
    }
    case 'array':
      return { type: 'array', rest: [['items', inner(schema.valueSchema!)]] }
    case 'map': {
      if (isObjectMap(schema)) {
        const values = inner(schema.valueSchema!)
        return { type: 'object', connectType: 'map', rest: [['additionalProperties', values]] }
      }
      const properties = object([
        ['key', inner(schema.keySchema!, 0)],
        ['value', inner(schema.valueSchema!, 1)],
      ])
      const entry = object([
        ['type', '"object"'],
        ['properties', properties],
      ])
      return { type: 'array', connectType: 'map', rest: [['items', entry]] }
    }
    case 'struct': {
      const fields = schema.fields!.map(
        ({ name, schema: field }, index) => [name, inner(field, index)] as const,
      )
      const rest: [string, string][] = []
      if (fields.length > 0) rest.push(['properties', object(hashed(new Map(fields)))])
      if (!mapping.additionalProperties) rest.push(['additionalProperties', 'false'])
      return { type: 'object', rest }
    }
  }
}

function enumOf(schema: Schema, { generalizedSumTypes }: JsonSchemaMapping): string | null {
  const parameters = schema.parameters ?? {}
  if (parameters[ENUM] === undefined && parameters[GENERALIZED_ENUM] === undefined) return null
  const prefix = `${generalizedSumTypes ? GENERALIZED_ENUM : ENUM}.`
  const symbols = Object.keys(parameters)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
  return JSON.stringify(symbols.map((symbol) => (symbol === NULL_MARKER ? null : symbol)))
}

function object(attributes: readonly (readonly [string, string])[]): string {
  return `{${attributes.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`
}

/** The reference prints schemas from Java's maps, and a registry takes a schema for new where its text differs. */
function hashed(attributes: ReadonlyMap<string, string>): [string, string][] {
  return new JavaKeyOrder().of(attributes.keys()).map((name) => [name, attributes.get(name)!])
}

const NULL = '{"type":"null"}'
