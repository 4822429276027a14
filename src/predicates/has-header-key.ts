import { ConfigDef, validators, type OptionDefinitions } from '../api/config-def.ts'
import type { PredicatePlugin } from '../api/plugin.ts'

const configDef = new ConfigDef({
  name: {
    type: 'STRING',
    importance: 'MEDIUM',
    documentation: 'The name of the header.',
    validator: validators.nonEmpty(),
  },
} as const satisfies OptionDefinitions)

/** Holds for records that have at least one header of the name. */
export const hasHeaderKey: PredicatePlugin = {
  type: 'predicate',
  className: 'org.apache.kafka.connect.transforms.predicates.HasHeaderKey',
  version: '4.3.1',
  configDef,
  create: (config) => {
    const wanted = configDef.parse(config).name
    const holds = ({ headers }: { readonly headers: readonly { readonly name: string }[] }): boolean =>
      headers.some(({ name }) => name === wanted)
    return { test: holds, compile: holds }
  },
}
