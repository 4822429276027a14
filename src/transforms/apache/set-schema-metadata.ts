import { ConfigDef, type OptionDefinitions, type ParsedConfig } from '../../api/config-def.ts'
import { ConfigError, DataError } from '../../api/errors.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct } from '../../api/struct.ts'
import type { StructTemplate, Template } from '../../api/template.ts'
import { keyAndValue, type SideTransformation } from './key-or-value.ts'
import { fieldValue, nullAsDefault, replaceNullWithDefaultOption } from '../null-as-default.ts'
import { PerSchema } from '../rebuilt-schema.ts'

const options = {
  'schema.name': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    documentation: 'The new name of the schema.',
  },
  'schema.version': {
    type: 'INT',
    default: null,
    importance: 'HIGH',
    documentation: 'The new version of the schema.',
  },
  'replace.null.with.default': replaceNullWithDefaultOption,
} as const satisfies OptionDefinitions

class SetSchemaMetadata implements SideTransformation {
  readonly #replacesNull: boolean
  readonly #schemas: PerSchema<Schema>

  constructor(config: ParsedConfig<typeof options>) {
    const { 'schema.name': name, 'schema.version': version } = config
    if (name === null && version === null) {
      throw new ConfigError('connect.config-invalid', 'Neither schema name nor version configured')
    }
    this.#replacesNull = config['replace.null.with.default']
    this.#schemas = new PerSchema((schema) => ({
      ...schema,
      ...(name !== null && { name }),
      ...(version !== null && { version }),
    }))
  }

  apply(side: SchemaAndValue): SchemaAndValue {
    const { schema, value } = side
    if (schema === null) {
      if (value === null) return side
      throw new DataError('connect.data-invalid', 'Schema required for [updating schema metadata]')
    }
    const updated = this.#schemas.get(schema)
    if (!isStruct(value)) return { schema: updated, value }
    const values = schema.fields!.map((_, index) => fieldValue(value, index, this.#replacesNull))
    return { schema: updated, value: new ValueStruct(updated, values) }
  }

  compile(struct: StructTemplate): Template {
    const fields = this.#replacesNull ? struct.fields.map(nullAsDefault) : struct.fields
    return { kind: 'struct', schema: this.#schemas.get(struct.schema), fields }
  }
}

const configDef = new ConfigDef(options)

/** Gives the schema another name, version or both. */
export const setSchemaMetadata = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.SetSchemaMetadata',
  version: '4.3.1',
  configDef,
  create: (config) => new SetSchemaMetadata(configDef.parse(config)),
})
