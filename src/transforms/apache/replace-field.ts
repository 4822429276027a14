import {
  ConfigDef,
  validators,
  type OptionDefinitions,
  type OptionValidator,
  type ParsedConfig,
} from '../../api/config-def.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { Schema } from '../../api/schema.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { StructTemplate, Template } from '../../api/template.ts'
import { keyAndValue, type SideTransformation } from './key-or-value.ts'
import { colonPair } from '../option-validators.ts'
import { fieldValue, nullAsDefault, replaceNullWithDefaultOption } from '../null-as-default.ts'
import { PerSchema, schemaBasics, structOf } from '../rebuilt-schema.ts'
import { requireMap, requireStruct } from '../requirements.ts'

const PURPOSE = 'field replacement'

const renamesValidator: OptionValidator = (value) => {
  const wrong = (value as readonly string[]).find((entry) => colonPair(entry) === null)
  return wrong === undefined ? null : `Invalid rename mapping: ${wrong}`
}

const options = {
  exclude: {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    validator: validators.distinct('exclude'),
    documentation: 'Fields to take out. A field that is both included and excluded is taken out.',
  },
  include: {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    validator: validators.distinct('include'),
    documentation: 'The only fields to keep; all of them if the list is empty.',
  },
  renames: {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    documentation: 'New names of fields: old:new,other:another.',
    validator: renamesValidator,
  },
  'replace.null.with.default': replaceNullWithDefaultOption,
} as const satisfies OptionDefinitions

/** What is left of a struct schema, and where its fields were. */
interface Plan {
  readonly schema: Schema
  readonly sources: readonly number[]
}

class ReplaceField implements SideTransformation {
  readonly #exclude: ReadonlySet<string>
  readonly #include: ReadonlySet<string>
  readonly #renames: ReadonlyMap<string, string>
  readonly #replacesNull: boolean
  readonly #plans = new PerSchema((schema) => this.#plan(schema))

  constructor(config: ParsedConfig<typeof options>) {
    this.#exclude = new Set(config.exclude)
    this.#include = new Set(config.include)
    this.#renames = new Map(config.renames.map((entry) => colonPair(entry)!))
    this.#replacesNull = config['replace.null.with.default']
  }

  apply(side: SchemaAndValue): SchemaAndValue {
    const { schema, value } = side
    if (value === null) return side
    if (schema === null) {
      const kept = [...requireMap(value, PURPOSE)].filter(([name]) => this.#keeps(name))
      return { schema, value: new Map(kept.map(([name, field]) => [this.#renamed(name), field])) }
    }
    const struct = requireStruct(schema, value, PURPOSE)
    const plan = this.#plans.get(struct.schema)
    const values = plan.sources.map((index) => fieldValue(struct, index, this.#replacesNull))
    return { schema: plan.schema, value: new ValueStruct(plan.schema, values) }
  }

  compile(struct: StructTemplate): Template {
    const plan = this.#plans.get(struct.schema)
    const fields = plan.sources.map((index) => struct.fields[index]!)
    return {
      kind: 'struct',
      schema: plan.schema,
      fields: this.#replacesNull ? fields.map(nullAsDefault) : fields,
    }
  }

  #plan(schema: Schema): Plan {
    const sources = schema.fields!.flatMap(({ name }, index) => (this.#keeps(name) ? [index] : []))
    const fields = sources.map((index) => {
      const field = schema.fields![index]!
      return { name: this.#renamed(field.name), schema: field.schema }
    })
    return { schema: structOf(fields, schemaBasics(schema)), sources }
  }

  #keeps(name: string): boolean {
    return !this.#exclude.has(name) && (this.#include.size === 0 || this.#include.has(name))
  }

  #renamed(name: string): string {
    return this.#renames.get(name) ?? name
  }
}

const configDef = new ConfigDef(options)

/** Takes fields out and gives them other names. */
export const replaceField = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.ReplaceField',
  version: '4.3.1',
  configDef,
  create: (config) => new ReplaceField(configDef.parse(config)),
})
