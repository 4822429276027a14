import { ConfigDef } from '../../api/config-def.ts'
import { DataError } from '../../api/errors.ts'
import type { PredicatePlugin, TransformationPlugin } from '../../api/plugin.ts'

/** Sends records to another topic; `only.general` hides that it could say so at compile time; `fail.on` refuses a key. */
export const routeTransformation: TransformationPlugin = {
  type: 'transformation',
  className: 'test.Route',
  version: '1',
  configDef: new ConfigDef({
    topic: { type: 'STRING', importance: 'HIGH', documentation: 'The other topic.' },
    'only.general': { type: 'BOOLEAN', default: false, importance: 'LOW', documentation: 'No compile.' },
    'fail.on': { type: 'STRING', default: '', importance: 'LOW', documentation: 'A value text to fail on.' },
  }),
  create: (config) => ({
    apply(record) {
      const { value } = record
      const text = value instanceof Map ? value.get('text') : null
      if (text !== null && text === config['fail.on']) {
        throw new DataError('connect.data-invalid', 'This value is not wanted')
      }
      return { ...record, topic: config['topic']! }
    },
    compile: (template) =>
      config['only.general'] === 'true' ? null : { ...template, topic: config['topic']! },
  }),
}

export const topicPredicate: PredicatePlugin = {
  type: 'predicate',
  className: 'test.TopicIs',
  version: '1',
  configDef: new ConfigDef({
    topic: { type: 'STRING', importance: 'HIGH', documentation: 'The topic.' },
  }),
  create: (config) => ({
    test: ({ topic }) => topic === config['topic'],
    compile: ({ topic }) => topic === config['topic'],
  }),
}
