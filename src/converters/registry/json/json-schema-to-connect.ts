import { DataError } from '../../../api/errors.ts'
import { LOGICAL } from '../../../api/json/json-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import type { ConnectValue } from '../../../api/value.ts'
import {
  ENUM,
  GENERALIZED_ENUM,
  GENERALIZED_UNION,
  NULL_MARKER,
  ONE_OF,
  PROP,
  TYPE_PROPS,
} from './json-schema-names.ts'
import type { JsonSchemaMapping } from './json-schema-options.ts'
import { jsonSchemaValue } from './json-schema-read.ts'
import type { JsonSchemaDocuments, SchemaNode } from './json-schema-documents.ts'

type Draft = { -readonly [K in keyof Schema]: Schema[K] }

const TYPES: ReadonlyMap<string, keyof typeof TYPE_PROPS> = new Map(
  (Object.keys(TYPE_PROPS) as (keyof typeof TYPE_PROPS)[]).map((type) => [TYPE_PROPS[type], type]),
)

/** The Connect schema of data with a JSON schema. One instance a schema. */
export class ConnectTranslation {
  readonly #documents: JsonSchemaDocuments
  readonly #mapping: JsonSchemaMapping
  /** Objects under way, for those that hold themselves. */
  readonly #open = new Map<ReadonlyMap<string, ConnectValue>, Draft>()
  #unions = 0

  constructor(documents: JsonSchemaDocuments, mapping: JsonSchemaMapping) {
    this.#documents = documents
    this.#mapping = mapping
  }

  /** @param version the version that the registry knows the schema by, or null. Throws `DataError`. */
  translate(version: number | null): Schema {
    return this.#schema(this.#documents.root, { isOptional: false, version })
  }

  #schema(
    node: SchemaNode,
    { isOptional, version = null }: { readonly isOptional: boolean; readonly version?: number | null },
  ): Schema {
    const resolved = this.#documents.resolve(node)
    const { attributes } = resolved
    const open = this.#open.get(attributes)
    if (open !== undefined) return sameAs(open, isOptional)
    const choice = choicesOf(resolved)
    if (choice !== null) {
      const others = choice.filter((branch) => !isNull(this.#documents.resolve(branch)))
      if (others.length === 1 && (choice.length === 2 || this.#mapping.flattenSingletonUnions)) {
        return this.#schema(others[0]!, { isOptional: isOptional || choice.length > 1, version })
      }
      return this.#union(others, isOptional || others.length < choice.length)
    }
    const draft = this.#bare(resolved)
    this.#open.delete(attributes)
    this.#describe(draft, attributes, version)
    if (isOptional) draft.optional = true
    return draft
  }

  #bare(node: SchemaNode): Draft {
    const { attributes } = node
    const connectType = attributes.get(PROP.type)
    const constant = attributes.get('const')
    const symbols = constant === undefined ? attributes.get('enum') : [constant]
    const type = attributes.get('type')
    if (Array.isArray(symbols) && (type === undefined || type === 'string')) {
      return this.#enum(symbols as readonly ConnectValue[])
    }
    if (type === 'boolean') return { type, optional: false }
    if (type === 'integer' || type === 'number') {
      if (connectType === 'bytes') return { type: 'bytes', optional: false }
      const known = typeof connectType === 'string' ? TYPES.get(connectType) : undefined
      return { type: known ?? (type === 'integer' ? 'int64' : 'double'), optional: false }
    }
    if (type === 'string') return { type: connectType === 'bytes' ? 'bytes' : type, optional: false }
    if (type === 'array') return this.#array(node, connectType === 'map')
    if (type === 'object' || type === undefined) return this.#object(node, connectType === 'map')
    throw unsupported(`The JSON schema has a type that data cannot have: ${JSON.stringify(type)}`)
  }

  #array(node: SchemaNode, isMap: boolean): Draft {
    const items = node.attributes.get('items')
    if (!(items instanceof Map)) throw unsupported('Array schema did not specify the items type')
    const item = this.#documents.resolve(child(node, items))
    const properties = item.attributes.get('properties')
    if (!isMap || !(properties instanceof Map)) {
      return { type: 'array', optional: false, valueSchema: this.#schema(item, { isOptional: false }) }
    }
    const part = (name: string): Schema =>
      this.#schema(child(item, (properties as ReadonlyMap<string, ConnectValue>).get(name) ?? null), {
        isOptional: false,
      })
    return { type: 'map', optional: false, keySchema: part('key'), valueSchema: part('value') }
  }

  #object(node: SchemaNode, isMap: boolean): Draft {
    if (isMap) {
      const values = child(node, node.attributes.get('additionalProperties') ?? null)
      return {
        type: 'map',
        optional: false,
        keySchema: { type: 'string', optional: false },
        valueSchema: this.#schema(values, { isOptional: false }),
      }
    }
    const parts = this.#documents.allParts(node)
    const named = parts.flatMap((part) => propertiesOf(part))
    // An object of which nothing is known, or any value at all: kept as the JSON that it is.
    if (named.length === 0) return { type: 'string', optional: false, name: LOGICAL.json }
    const required = new Set(parts.flatMap(({ attributes }) => listOf(attributes.get('required'))))
    const fields: { name: string; schema: Schema }[] = []
    const draft: Draft = { type: 'struct', optional: false, fields }
    this.#open.set(node.attributes, draft)
    for (const [name, property] of sortedByIndex(named)) {
      const isOptional = this.#mapping.optionalForNonRequired && !required.has(name)
      fields.push({ name, schema: this.#schema(property, { isOptional }) })
    }
    return draft
  }

  #enum(symbols: readonly ConnectValue[]): Draft {
    const { generalizedSumTypes } = this.#mapping
    const parameter = generalizedSumTypes ? GENERALIZED_ENUM : ENUM
    const parameters: Record<string, string> = { [parameter]: '' }
    for (const [index, value] of symbols.entries()) {
      const symbol = typeof value === 'string' ? value : value === null ? NULL_MARKER : JSON.stringify(value)
      parameters[`${parameter}.${symbol}`] = generalizedSumTypes ? String(index) : symbol
    }
    return { type: 'string', optional: false, parameters }
  }

  #union(branches: readonly SchemaNode[], optional: boolean): Schema {
    const { generalizedSumTypes } = this.#mapping
    const name = generalizedSumTypes ? `connect_union_${this.#unions++}` : ONE_OF
    const prefix = generalizedSumTypes ? 'connect_union_field_' : `${ONE_OF}.field.`
    return {
      type: 'struct',
      optional,
      name,
      ...(generalizedSumTypes ? { parameters: { [GENERALIZED_UNION]: name } } : {}),
      fields: branches.map((branch, index) => ({
        name: prefix + index,
        schema: this.#schema(branch, { isOptional: true }),
      })),
    }
  }

  #describe(draft: Draft, attributes: ReadonlyMap<string, ConnectValue>, version: number | null): void {
    const title = attributes.get('title')
    if (typeof title === 'string') draft.name ??= title
    const connectVersion = attributes.get(PROP.version)
    const known = typeof connectVersion === 'bigint' ? Number(connectVersion) : version
    if (known !== null) draft.version = known
    const description = attributes.get('description')
    if (typeof description === 'string') draft.doc = description
    const parameters = attributes.get(PROP.parameters)
    if (parameters instanceof Map) {
      const given = Object.fromEntries(parameters as ReadonlyMap<string, string>)
      draft.parameters = { ...draft.parameters, ...given }
    }
    const fallback = attributes.get('default')
    if (fallback !== undefined && fallback !== null) {
      draft.default = jsonSchemaValue(draft, fallback, this.#mapping)
    }
  }
}

/** The same schema as one under way, whose fields are not all known yet. */
function sameAs(open: Draft, isOptional: boolean): Schema {
  return {
    type: open.type,
    optional: isOptional,
    get fields() {
      return open.fields!
    },
    get name() {
      return open.name!
    },
  }
}

function child({ document }: SchemaNode, json: ConnectValue): SchemaNode {
  if (json instanceof Map) return { document, attributes: json as ReadonlyMap<string, ConnectValue> }
  // `true` and nothing at all allow any value.
  return { document, attributes: new Map() }
}

/** The schemas of which data has one, or null where there is no choice. */
function choicesOf(node: SchemaNode): readonly SchemaNode[] | null {
  const { attributes } = node
  const type = attributes.get('type')
  if (Array.isArray(type)) {
    return (type as readonly ConnectValue[]).map((one) =>
      child(node, new Map([...attributes, ['type', one]])),
    )
  }
  const choice = attributes.get('oneOf') ?? attributes.get('anyOf')
  if (!Array.isArray(choice) || attributes.has('properties')) return null
  return (choice as readonly ConnectValue[]).map((branch) => child(node, branch))
}

function isNull({ attributes }: SchemaNode): boolean {
  return attributes.get('type') === 'null'
}

function propertiesOf(node: SchemaNode): [string, SchemaNode][] {
  const properties = node.attributes.get('properties')
  if (!(properties instanceof Map)) return []
  return [...(properties as ReadonlyMap<string, ConnectValue>)].map(([name, json]) => [
    name,
    child(node, json),
  ])
}

/** By `connect.index`; properties without one come last, in their order. */
function sortedByIndex(properties: readonly [string, SchemaNode][]): [string, SchemaNode][] {
  const index = ({ attributes }: SchemaNode): number => {
    const given = attributes.get(PROP.index)
    return typeof given === 'bigint' ? Number(given) : Infinity
  }
  return [...new Map(properties)].sort(([, a], [, b]) => (index(a) === index(b) ? 0 : index(a) - index(b)))
}

function listOf(json: ConnectValue | undefined): readonly ConnectValue[] {
  return Array.isArray(json) ? (json as readonly ConnectValue[]) : []
}

function unsupported(message: string): DataError {
  return new DataError('registry.schema-unsupported', message)
}
