import { DataError } from '../../../api/errors.ts'
import { doubleText } from '../../../api/json/json-number.ts'
import type { ConnectValue } from '../../../api/value.ts'

type AvroTypeName =
  | 'null'
  | 'boolean'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'bytes'
  | 'string'
  | 'record'
  | 'enum'
  | 'array'
  | 'map'
  | 'union'
  | 'fixed'

/**
 * An Avro schema with all its attributes. JSON values are as `readJson` gives them: objects are `Map`s, integers bigint,
 * other numbers doubles.
 */
export interface AvroSchema {
  readonly type: AvroTypeName
  /** Attributes that Avro does not know, in their order: `connect.name`, `logicalType`. */
  readonly props: Map<string, ConnectValue>
  /** Of records, enums and fixed types: the name without and the namespace, which may be empty. */
  readonly name?: string
  readonly namespace?: string
  readonly doc?: string
  /** Of records; filled in after the record is known, because a record may hold itself. */
  readonly fields?: AvroField[]
  readonly symbols?: readonly string[]
  readonly enumDefault?: string
  readonly size?: number
  /** Of arrays and maps. */
  readonly items?: AvroSchema
  readonly branches?: readonly AvroSchema[]
}

export interface AvroField {
  readonly name: string
  readonly schema: AvroSchema
  readonly doc?: string
  /** Absent: no default, which is not the same as the default null. */
  readonly default?: ConnectValue
  readonly props: Map<string, ConnectValue>
}

export function fullName({ name, namespace }: AvroSchema): string {
  return namespace ? `${namespace}.${name}` : (name ?? '')
}

export function isNamed({ type }: AvroSchema): boolean {
  return type === 'record' || type === 'enum' || type === 'fixed'
}

/** Throws for a name that Avro does not allow. */
export function checkName(name: string, what: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return
  throw new DataError(
    'registry.schema-unsupported',
    `Illegal character in: ${name}. Avro names of ${what} have letters, digits and _ only: set schema.name.adjustment.mode=avro or field.name.adjustment.mode=avro at the source, or scrub.invalid.names=true at the converter`,
  )
}

/** The schema as JSON: the text that Avro's Java library prints, attribute by attribute. Throws for a name with two meanings. */
export function avroText(schema: AvroSchema): string {
  return new SchemaPrinter().print(schema, '')
}

class SchemaPrinter {
  readonly #known = new Map<string, AvroSchema>()

  print(schema: AvroSchema, space: string): string {
    if (schema.type === 'union') return `[${schema.branches!.map((s) => this.print(s, space)).join(',')}]`
    const attributes: string[] = []
    const add = (name: string, json: string): void => {
      attributes.push(`${JSON.stringify(name)}:${json}`)
    }
    const isPlain = !isNamed(schema) && schema.type !== 'array' && schema.type !== 'map'
    if (isPlain && schema.props.size === 0) return `"${schema.type}"`
    add('type', `"${schema.type}"`)
    let inner = space
    if (isNamed(schema)) {
      const reference = this.#reference(schema, space)
      if (reference !== null) return reference
      add('name', JSON.stringify(schema.name))
      if (schema.namespace !== space) add('namespace', JSON.stringify(schema.namespace ?? ''))
      inner = schema.namespace ?? ''
      if (schema.doc !== undefined) add('doc', JSON.stringify(schema.doc))
    }
    if (schema.type === 'record')
      add('fields', `[${schema.fields!.map((f) => this.#field(f, inner)).join(',')}]`)
    if (schema.type === 'enum') add('symbols', JSON.stringify(schema.symbols))
    if (schema.enumDefault !== undefined) add('default', JSON.stringify(schema.enumDefault))
    if (schema.type === 'fixed') add('size', String(schema.size))
    if (schema.type === 'array') add('items', this.print(schema.items!, space))
    if (schema.type === 'map') add('values', this.print(schema.items!, space))
    for (const [name, value] of schema.props) add(name, jsonText(value))
    return `{${attributes.join(',')}}`
  }

  /** How a type that was written before is named, or null for a new one. */
  #reference(schema: AvroSchema, space: string): string | null {
    const name = fullName(schema)
    const known = this.#known.get(name)
    if (known === undefined) {
      this.#known.set(name, schema)
      return null
    }
    if (known !== schema && avroText(known) !== avroText(schema)) {
      throw new DataError(
        'registry.schema-unsupported',
        `Can't redefine: ${name}. Two different structs have that name, which Avro does not allow`,
      )
    }
    return JSON.stringify(schema.namespace === space ? schema.name : name)
  }

  #field(field: AvroField, space: string): string {
    const attributes = [`"name":${JSON.stringify(field.name)}`, `"type":${this.print(field.schema, space)}`]
    if (field.doc !== undefined) attributes.push(`"doc":${JSON.stringify(field.doc)}`)
    if (field.default !== undefined) attributes.push(`"default":${jsonText(field.default)}`)
    for (const [name, value] of field.props) attributes.push(`${JSON.stringify(name)}:${jsonText(value)}`)
    return `{${attributes.join(',')}}`
  }
}

function jsonText(value: ConnectValue): string {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return Number.isFinite(value) ? doubleText(value) : `"${doubleText(value)}"`
  if (Array.isArray(value)) return `[${(value as readonly ConnectValue[]).map(jsonText).join(',')}]`
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, ConnectValue>)]
    return `{${entries.map(([name, entry]) => `${JSON.stringify(name)}:${jsonText(entry)}`).join(',')}}`
  }
  return JSON.stringify(value)
}
