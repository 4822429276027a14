import { ConfigDef } from '../../api/config-def.ts'
import type { TransformationPlugin } from '../../api/plugin.ts'

/** Drops every record. A predicate says which ones come here. */
export const filter: TransformationPlugin = {
  type: 'transformation',
  className: 'org.apache.kafka.connect.transforms.Filter',
  version: '4.3.1',
  configDef: new ConfigDef({}),
  create: () => ({ apply: () => null, compile: () => 'dropped' }),
}
