import { ConfigDef, type OptionDefinitions } from '../../api/config-def.ts'
import { parseHeaderText } from '../../api/parse-header-text.ts'
import type { TransformationPlugin } from '../../api/plugin.ts'
import { nonNull } from '../option-validators.ts'

const configDef = new ConfigDef({
  header: {
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'The name of the header.',
    validator: nonNull,
  },
  'value.literal': {
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'The value of the header. Its type is guessed: 42 is a number, true a boolean.',
    validator: nonNull,
  },
} as const satisfies OptionDefinitions)

/** Adds a header with a constant value behind those that are there. */
export const insertHeader: TransformationPlugin = {
  type: 'transformation',
  className: 'org.apache.kafka.connect.transforms.InsertHeader',
  version: '4.3.1',
  configDef,
  create: (config) => {
    const { header: name, 'value.literal': literal } = configDef.parse(config)
    const { schema, value } = parseHeaderText(literal)
    return {
      apply: (record) => ({ ...record, headers: [...record.headers, { name, schema, value }] }),
      compile: (template) =>
        // Templates have no values without a schema, as the literal null is one.
        schema === null
          ? null
          : {
              ...template,
              headers: [...template.headers, { name, value: { kind: 'constant', schema, value } }],
            },
    }
  },
}
