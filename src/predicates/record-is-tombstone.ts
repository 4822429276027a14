import { ConfigDef } from '../api/config-def.ts'
import type { PredicatePlugin } from '../api/plugin.ts'

/** Holds for records with a null value, whether or not the null has a schema. */
export const recordIsTombstone: PredicatePlugin = {
  type: 'predicate',
  className: 'org.apache.kafka.connect.transforms.predicates.RecordIsTombstone',
  version: '4.3.1',
  configDef: new ConfigDef({}),
  create: () => ({
    test: ({ value }) => value === null,
    compile: ({ value }) => {
      if (value?.kind === 'slot') return null
      return value === null || (value.kind === 'constant' && value.value === null)
    },
  }),
}
