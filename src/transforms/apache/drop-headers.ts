import { ConfigDef, type OptionDefinitions } from '../../api/config-def.ts'
import type { TransformationPlugin } from '../../api/plugin.ts'
import { distinctValues } from '../option-validators.ts'

const configDef = new ConfigDef({
  headers: {
    type: 'LIST',
    importance: 'HIGH',
    documentation: 'The names of the headers to take away.',
    validator: distinctValues('headers'),
  },
} as const satisfies OptionDefinitions)

/** Takes all headers of some names away. */
export const dropHeaders: TransformationPlugin = {
  type: 'transformation',
  className: 'org.apache.kafka.connect.transforms.DropHeaders',
  version: '4.3.1',
  configDef,
  create: (config) => {
    const dropped = new Set(configDef.parse(config).headers)
    const isKept = ({ name }: { readonly name: string }): boolean => !dropped.has(name)
    return {
      apply: (record) => ({ ...record, headers: record.headers.filter(isKept) }),
      compile: (template) => ({ ...template, headers: template.headers.filter(isKept) }),
    }
  },
}
