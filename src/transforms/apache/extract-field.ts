import { ConfigDef, validators, type OptionDefinitions, type ParsedConfig } from '../../api/config-def.ts'
import { DataError } from '../../api/errors.ts'
import type { SchemaAndValue } from '../../api/plugin.ts'
import type { Schema } from '../../api/schema.ts'
import type { StructTemplate, Template } from '../../api/template.ts'
import { FieldPath } from './field-path.ts'
import { keyAndValue, type SideTransformation } from './key-or-value.ts'
import { replaceNullWithDefaultOption } from '../null-as-default.ts'
import { requireMapOrNull, requireStructOrNull } from '../requirements.ts'

const PURPOSE = 'field extraction'

const options = {
  field: {
    type: 'STRING',
    importance: 'MEDIUM',
    documentation: 'The field to put in place of the struct or map that holds it.',
  },
  'replace.null.with.default': replaceNullWithDefaultOption,
  'field.syntax.version': {
    type: 'STRING',
    default: 'V1',
    importance: 'HIGH',
    documentation:
      'V1: field is a name. V2: field is a path, a.b being the field b of the struct or map a; names that have dots ' +
      'are put in backticks.',
    validator: validators.oneOfIgnoringCase('V1', 'V2'),
  },
} as const satisfies OptionDefinitions

class ExtractField implements SideTransformation {
  readonly #text: string
  readonly #path: FieldPath
  readonly #replacesNull: boolean

  constructor(config: ParsedConfig<typeof options>) {
    this.#text = config.field
    this.#path = new FieldPath(config.field, config['field.syntax.version'].toUpperCase() as 'V1' | 'V2')
    this.#replacesNull = config['replace.null.with.default']
  }

  apply(side: SchemaAndValue): SchemaAndValue {
    const { schema, value } = side
    if (schema === null) {
      const map = requireMapOrNull(value, PURPOSE)
      return map === null ? side : { schema, value: this.#path.valueInMap(map) }
    }
    const struct = requireStructOrNull(schema, value, PURPOSE)
    const fieldSchema = this.#fieldSchema(schema)
    return { schema: fieldSchema, value: struct && this.#path.valueIn(struct, this.#replacesNull) }
  }

  compile(struct: StructTemplate): Template | null {
    return this.#path.templateIn(struct, this.#fieldSchema(struct.schema), this.#replacesNull)
  }

  #fieldSchema(schema: Schema): Schema {
    const found = this.#path.schemaIn(schema)
    if (found !== null) return found
    throw new DataError('connect.data-invalid', `Unknown field: ${this.#text}`)
  }
}

const configDef = new ConfigDef(options)

/** Puts a field in place of the struct or map that holds it. */
export const extractField = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.ExtractField',
  version: '4.3.1',
  configDef,
  create: (config) => new ExtractField(configDef.parse(config)),
})
