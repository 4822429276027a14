import type { ConnectorConfig } from '../../api/config-def.ts'
import { listOf } from '../config/list-of.ts'

/** What leaves keys as they are, or gives the value of their one column in their place. */
const KEEPING = new Set([
  'org.apache.kafka.connect.transforms.ExtractField$Key',
  'org.apache.kafka.connect.transforms.Filter',
  'org.apache.kafka.connect.transforms.RegexRouter',
  'io.debezium.transforms.ExtractNewRecordState',
])
const OF_VALUES = /^org\.apache\.kafka\.connect\.transforms\.\w+\$Value$/

/**
 * Whether the records of a connector have the keys of their rows, all in the same form: then the name of a document tells
 * the key of its row. Transformations that nobody knows may do anything, and what only some records go through may change
 * some keys.
 */
export function keepsKeys(config: ConnectorConfig): boolean {
  if (listOf(config['predicates']).length > 0) return false
  return listOf(config['transforms']).every((name) => {
    const type = config[`transforms.${name}.type`]?.trim() ?? ''
    return KEEPING.has(type) || OF_VALUES.test(type)
  })
}
