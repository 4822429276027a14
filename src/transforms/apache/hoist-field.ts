import { ConfigDef, type OptionDefinitions } from '../../api/config-def.ts'
import { ValueStruct } from '../../api/struct.ts'
import { keyAndValue } from './key-or-value.ts'
import { PerSchema, structOf } from '../rebuilt-schema.ts'

const configDef = new ConfigDef({
  field: {
    type: 'STRING',
    importance: 'MEDIUM',
    documentation: 'The name of the only field of the new struct or map.',
  },
} as const satisfies OptionDefinitions)

/** Wraps the key or value in a struct, or without a schema in a map, of one field. */
export const hoistField = keyAndValue({
  className: 'org.apache.kafka.connect.transforms.HoistField',
  version: '4.3.1',
  configDef,
  create: (config) => {
    const name = configDef.parse(config).field
    const schemas = new PerSchema((schema) => structOf([{ name, schema }]))
    return {
      apply({ schema, value }) {
        if (schema === null) return { schema, value: new Map([[name, value]]) }
        const hoisted = schemas.get(schema)
        return { schema: hoisted, value: new ValueStruct(hoisted, [value]) }
      },
      compileAny: (template) => ({
        kind: 'struct',
        schema: schemas.get(template.schema),
        fields: [template],
      }),
    }
  },
})
