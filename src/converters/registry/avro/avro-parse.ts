import { DataError } from '../../../api/errors.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { fullName, type AvroField, type AvroSchema } from './avro-schema.ts'

const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'])
type Primitive = 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string'

/** Attributes that Avro itself gives a meaning, by type. */
const OWN: Readonly<Record<string, ReadonlySet<string>>> = {
  record: new Set(['type', 'name', 'namespace', 'doc', 'fields', 'aliases']),
  error: new Set(['type', 'name', 'namespace', 'doc', 'fields', 'aliases']),
  enum: new Set(['type', 'name', 'namespace', 'doc', 'symbols', 'default', 'aliases']),
  fixed: new Set(['type', 'name', 'namespace', 'doc', 'size', 'aliases']),
  array: new Set(['type', 'items']),
  map: new Set(['type', 'values']),
}
const OF_FIELDS = new Set(['name', 'type', 'doc', 'default', 'order', 'aliases'])

/**
 * Reads a schema from its JSON.
 *
 * @param names types that are known already, by full name: those of referenced schemas. New ones are added.
 */
export function parseAvro(json: ConnectValue, names = new Map<string, AvroSchema>()): AvroSchema {
  return new SchemaParser(names).parse(json, '')
}

class SchemaParser {
  readonly #names: Map<string, AvroSchema>

  constructor(names: Map<string, AvroSchema>) {
    this.#names = names
  }

  parse(json: ConnectValue, space: string): AvroSchema {
    if (typeof json === 'string') return this.#byName(json, space)
    if (Array.isArray(json)) {
      const branches = (json as readonly ConnectValue[]).map((branch) => this.parse(branch, space))
      return { type: 'union', branches, props: new Map() }
    }
    if (!(json instanceof Map)) throw unreadable('a schema is a text, a list or an object')
    const attributes = json as ReadonlyMap<string, ConnectValue>
    const type = attributes.get('type') ?? null
    if (typeof type !== 'string') return this.parse(type, space)
    const props = new Map([...attributes].filter(([name]) => !(OWN[type] ?? PLAIN).has(name)))
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(attributes, { props, space })
      case 'enum':
        return this.#enum(attributes, { props, space })
      case 'fixed': {
        const size = Number(attributes.get('size'))
        return this.#define({ type, ...nameOf(attributes, space), size, props })
      }
      case 'array':
        return { type, items: this.parse(attributes.get('items') ?? null, space), props }
      case 'map':
        return { type, items: this.parse(attributes.get('values') ?? null, space), props }
      default:
        return PRIMITIVES.has(type) ? { type: type as Primitive, props } : this.#byName(type, space)
    }
  }

  #byName(name: string, space: string): AvroSchema {
    if (PRIMITIVES.has(name)) return { type: name as Primitive, props: new Map() }
    const full = name.includes('.') || space === '' ? name : `${space}.${name}`
    const schema = this.#names.get(full) ?? this.#names.get(name)
    if (schema === undefined) throw unreadable(`"${name}" is not a defined name`)
    return schema
  }

  #record(
    attributes: ReadonlyMap<string, ConnectValue>,
    { props, space }: { props: Map<string, ConnectValue>; space: string },
  ): AvroSchema {
    const name = nameOf(attributes, space)
    const doc = attributes.get('doc')
    const fields: AvroField[] = []
    const docs = typeof doc === 'string' ? { doc } : {}
    const record = this.#define({ type: 'record', ...name, ...docs, fields, props })
    const list = attributes.get('fields')
    if (!Array.isArray(list)) throw unreadable(`record ${fullName(record)} has no fields`)
    for (const entry of list as readonly ConnectValue[]) fields.push(this.#field(entry, name.namespace))
    return record
  }

  #field(json: ConnectValue, space: string): AvroField {
    const attributes = json instanceof Map ? (json as ReadonlyMap<string, ConnectValue>) : new Map()
    const name: unknown = attributes.get('name')
    if (typeof name !== 'string') throw unreadable('a field has no name')
    const doc: unknown = attributes.get('doc')
    const fallback = attributes.get('default') as ConnectValue | undefined
    return {
      name,
      schema: this.parse((attributes.get('type') ?? null) as ConnectValue, space),
      ...(typeof doc === 'string' ? { doc } : {}),
      ...(fallback === undefined ? {} : { default: fallback }),
      props: new Map([...attributes].filter(([attribute]) => !OF_FIELDS.has(attribute as string))),
    }
  }

  #enum(
    attributes: ReadonlyMap<string, ConnectValue>,
    { props, space }: { props: Map<string, ConnectValue>; space: string },
  ): AvroSchema {
    const doc = attributes.get('doc')
    const enumDefault = attributes.get('default')
    return this.#define({
      type: 'enum',
      ...nameOf(attributes, space),
      ...(typeof doc === 'string' ? { doc } : {}),
      ...(typeof enumDefault === 'string' ? { enumDefault } : {}),
      symbols: attributes.get('symbols') as readonly string[],
      props,
    })
  }

  #define(schema: AvroSchema): AvroSchema {
    this.#names.set(fullName(schema), schema)
    return schema
  }
}

const PLAIN: ReadonlySet<string> = new Set(['type'])

function nameOf(
  attributes: ReadonlyMap<string, ConnectValue>,
  space: string,
): { name: string; namespace: string } {
  const name = attributes.get('name')
  if (typeof name !== 'string') throw unreadable('a type has no name')
  const dot = name.lastIndexOf('.')
  if (dot >= 0) return { name: name.slice(dot + 1), namespace: name.slice(0, dot) }
  const namespace = attributes.get('namespace')
  return { name, namespace: typeof namespace === 'string' ? namespace : space }
}

function unreadable(reason: string): DataError {
  return new DataError('registry.schema-unsupported', `The Avro schema cannot be read: ${reason}`)
}
