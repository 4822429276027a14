import { ConfigDef, type OptionDefinitions, type ParsedConfig } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { Schema } from '../../api/schema.ts'
import type { StructTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { CAST_TYPES, castValue, type CastType } from './cast-value.ts'
import { changeFields, compileFields, type FieldChange } from './field-values.ts'
import { keyAndValue, type SideTransformation } from './key-or-value.ts'
import { replaceNullWithDefaultOption } from '../null-as-default.ts'
import { fieldsOf, PerSchema, schemaBasics, structOf } from '../rebuilt-schema.ts'
import { requireMap, requireStruct } from '../requirements.ts'

const PURPOSE = 'cast types'
const OTHER_TYPES = ['BYTES', 'ARRAY', 'MAP', 'STRUCT']

/** What an entry of `spec` says, or why it says nothing. A null field stands for the whole key or value. */
type SpecEntry = { readonly field: string | null; readonly type: CastType } | { readonly problem: string }

const options = {
  spec: {
    type: 'LIST',
    importance: 'HIGH',
    documentation:
      'field:type for each field to cast, or one type for the whole key or value. Types: int8, int16, int32, int64, ' +
      'float32, float64, boolean, string. Bytes can be cast to string only, which gives base64.',
    validator: Object.assign((value: unknown) => specProblem(value as readonly string[]), {
      wholeMessage: true,
      nullProblem: 'Must specify at least one field to cast.',
    }),
  },
  'replace.null.with.default': replaceNullWithDefaultOption,
} as const satisfies OptionDefinitions

function specProblem(spec: readonly string[]): string | null {
  if (spec.length === 0) return 'Must specify at least one field to cast.'
  let isWhole = false
  for (const text of spec) {
    const entry = parseEntry(text, spec)
    if ('problem' in entry) return entry.problem
    isWhole ||= entry.field === null
  }
  return isWhole && spec.length > 1
    ? 'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec'
    : null
}

function parseEntry(text: string, spec: readonly string[]): SpecEntry {
  const parts = text.replace(/:+$/, '').split(':')
  if (parts.length > 2) {
    // The reference names an option of another transformation here.
    return {
      problem: `Invalid value [${spec.join(', ')}] for configuration renames: Invalid rename mapping: ${text}`,
    }
  }
  const name = parts.at(-1)!.trim()
  const upper = name.toUpperCase()
  const field = parts.length === 1 ? null : parts[0]!.trim()
  if (Object.hasOwn(CAST_TYPES, upper)) return { field, type: CAST_TYPES[upper as keyof typeof CAST_TYPES] }
  return {
    problem: OTHER_TYPES.includes(upper)
      ? `Cast transformation does not support casting to ${upper}; supported types are [${Object.keys(CAST_TYPES).join(', ')}]`
      : `Invalid value java.lang.IllegalArgumentException: No enum constant org.apache.kafka.connect.data.Schema.Type.${upper} for configuration Invalid type found in casting spec: ${name}`,
  }
}

class Cast implements SideTransformation, FieldChange {
  readonly replacesNull: boolean
  readonly #fields: ReadonlyMap<string, CastType>
  readonly #whole: CastType | null
  readonly #schemas = new PerSchema((schema) => this.#casted(schema))

  constructor(config: ParsedConfig<typeof options>) {
    const fields = new Map<string, CastType>()
    let whole: CastType | null = null
    for (const text of config.spec) {
      const entry = parseEntry(text, config.spec)
      if ('problem' in entry) throw new ConfigError('connect.config-invalid', entry.problem)
      if (entry.field === null) whole = entry.type
      else fields.set(entry.field, entry.type)
    }
    this.#fields = fields
    this.#whole = whole
    this.replacesNull = config['replace.null.with.default']
  }

  apply(side: SchemaAndValue): SchemaAndValue {
    const { schema, value } = side
    if (value === null) return side
    if (this.#whole !== null) {
      return { schema: schema && this.#schemas.get(schema), value: castValue(schema, value, this.#whole) }
    }
    if (schema === null) {
      const map = new Map(requireMap(value, PURPOSE))
      for (const [field, type] of this.#fields) map.set(field, castValue(null, map.get(field) ?? null, type))
      return { schema, value: map }
    }
    const updated = this.#schemas.get(schema)
    const struct = requireStruct(schema, value, PURPOSE)
    return { schema: updated, value: changeFields(struct, updated, this) }
  }

  compile(struct: StructTemplate): Template | null {
    return this.#whole === null ? compileFields(struct, this.#schemas.get(struct.schema), this) : null
  }

  touches(name: string): boolean {
    return this.#fields.has(name)
  }

  change(name: string, schema: Schema, value: ConnectValue): ConnectValue {
    return castValue(schema, value, this.#fields.get(name)!)
  }

  #casted(schema: Schema): Schema {
    const whole = this.#whole
    const casted =
      whole === null
        ? structOf(
            fieldsOf(schema).map(({ name, schema }) => {
              const type = this.#fields.get(name)
              return { name, schema: type === undefined ? schema : castedLeaf(schema, type, {}) }
            }),
            schemaBasics(schema),
          )
        : castedLeaf(schema, whole, schemaBasics(schema))
    return { ...casted, optional: schema.optional }
  }
}

/** Names and parameters go, as they belong to the former type, unless they are given. */
function castedLeaf(schema: Schema, type: CastType, basics: Partial<Schema>): Schema {
  const { default: fallback } = schema
  return {
    type,
    optional: schema.optional,
    ...basics,
    ...(fallback !== undefined && fallback !== null && { default: castValue(schema, fallback, type) }),
  }
}

const configDef = new ConfigDef(options)

/** Changes the types of fields, or of the whole key or value. */
export const cast = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.Cast',
  version: '4.3.1',
  configDef,
  create: (config) => new Cast(configDef.parse(config)),
})
