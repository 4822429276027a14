import { ConfigDef, type OptionDefinitions } from '../../api/config-def.ts'
import { DataError } from '../../api/errors.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { Field, Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct, type Struct } from '../../api/struct.ts'
import type { StructTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { javaClassName } from '../../api/java/java-class-name.ts'
import { keyAndValue, type SideTransformation } from './key-or-value.ts'
import { fieldValue, nullAsDefault } from '../null-as-default.ts'
import { PerSchema, schemaBasics, structOf } from '../rebuilt-schema.ts'
import { requireMap, requireStruct, type ConnectMap } from '../requirements.ts'

const PURPOSE = 'flattening'

class Flatten implements SideTransformation {
  readonly #delimiter: string
  readonly #schemas = new PerSchema((schema) => this.#flat(schema))

  constructor(delimiter: string) {
    this.#delimiter = delimiter
  }

  apply(side: SchemaAndValue): SchemaAndValue {
    const { schema, value } = side
    if (value === null) return side
    if (schema === null) {
      const flat = new Map<string, ConnectValue>()
      this.#flattenMap(requireMap(value, PURPOSE), '', flat)
      return { schema, value: flat }
    }
    const struct = requireStruct(schema, value, PURPOSE)
    const flat = this.#schemas.get(schema)
    const values: ConnectValue[] = []
    flattenStruct(schema, struct, values)
    return { schema: flat, value: new ValueStruct(flat, values) }
  }

  compile(struct: StructTemplate): Template | null {
    const schema = this.#schemas.get(struct.schema)
    const leaves: Template[] = []
    if (!flattenTemplate(struct.schema, struct, leaves)) return null
    const fields = leaves.map((leaf, i) => ({ ...leaf, schema: schema.fields![i]!.schema }))
    return { kind: 'struct', schema, fields }
  }

  #flat(schema: Schema): Schema {
    const fields: Field[] = []
    const fallback = schema.default ?? null
    this.#flattenSchema(schema, {
      prefix: '',
      isOptional: schema.optional,
      fallback: isStruct(fallback) ? fallback : null,
      fields,
    })
    return structOf(fields, schemaBasics(schema))
  }

  #flattenSchema(
    schema: Schema,
    into: {
      readonly prefix: string
      readonly isOptional: boolean
      readonly fallback: Struct | null
      readonly fields: Field[]
    },
  ): void {
    for (const [index, field] of schema.fields!.entries()) {
      const name = this.#name(into.prefix, field.name)
      const isOptional = into.isOptional || field.schema.optional
      const fallback = field.schema.default ?? (into.fallback && fieldValue(into.fallback, index, true))
      if (field.schema.type === 'struct') {
        this.#flattenSchema(field.schema, {
          ...into,
          prefix: name,
          isOptional,
          fallback: isStruct(fallback) ? fallback : null,
        })
        continue
      }
      if (field.schema.type === 'map') {
        throw new DataError(
          'connect.data-invalid',
          `Flatten transformation does not support MAP for record with schemas (for field ${name}).`,
        )
      }
      const { default: _, ...leaf } = field.schema
      into.fields.push({
        name,
        schema: { ...leaf, optional: isOptional, ...(fallback !== null && { default: fallback }) },
      })
    }
  }

  #flattenMap(map: ConnectMap, prefix: string, flat: Map<string, ConnectValue>): void {
    for (const [key, value] of map) {
      const name = this.#name(prefix, key)
      if (value instanceof Map) {
        this.#flattenMap(value as ConnectMap, name, flat)
      } else if (isStruct(value)) {
        throw new DataError(
          'connect.data-invalid',
          `Flatten transformation does not support class ${javaClassName(null, value)} for record without schemas (for field ${name}).`,
        )
      } else {
        flat.set(name, value)
      }
    }
  }

  #name(prefix: string, name: string): string {
    return prefix === '' ? name : prefix + this.#delimiter + name
  }
}

/** The leaves in the order of the flat schema. Those of a struct that is absent are null. */
function flattenStruct(schema: Schema, struct: Struct | null, values: ConnectValue[]): void {
  for (const [index, field] of schema.fields!.entries()) {
    const value = struct && fieldValue(struct, index, true)
    if (field.schema.type === 'struct') flattenStruct(field.schema, value as Struct | null, values)
    else values.push(value)
  }
}

/** False: whether a struct is there depends on the row. */
function flattenTemplate(schema: Schema, template: StructTemplate | null, leaves: Template[]): boolean {
  for (const [index, field] of schema.fields!.entries()) {
    const absent: Template = { kind: 'constant', schema: field.schema, value: null }
    const leaf = template === null ? absent : nullAsDefault(template.fields[index]!)
    if (field.schema.type !== 'struct') {
      leaves.push(leaf)
      continue
    }
    const isAbsent = leaf.kind === 'constant' && leaf.value === null
    if (leaf.kind !== 'struct' && !isAbsent) return false
    if (!flattenTemplate(field.schema, leaf.kind === 'struct' ? leaf : null, leaves)) return false
  }
  return true
}

const configDef = new ConfigDef({
  delimiter: {
    type: 'STRING',
    default: '.',
    importance: 'MEDIUM',
    documentation: 'What stands between the names of a struct or map and of its field in the new name.',
  },
} as const satisfies OptionDefinitions)

/** Brings the fields of structs in structs, or of maps in maps, to the outermost level. Arrays stay as they are. */
export const flatten = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.Flatten',
  version: '4.3.1',
  configDef,
  create: (config) => new Flatten(configDef.parse(config).delimiter),
})
