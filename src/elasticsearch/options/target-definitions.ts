import type { OptionDefinitions } from '../../api/config-def.ts'
import { dataStreamPart, enumeration, range } from './option-validators.ts'

/** Writing into data streams. */
export const dataStreamDefinitions = {
  'data.stream.type': {
    type: 'STRING',
    default: 'NONE',
    importance: 'LOW',
    width: 'SHORT',
    group: 'Data Stream',
    displayName: 'Data stream type',
    documentation:
      'The type of the data stream to write to: `logs`, `metrics`, or `none` for indices. Its name is `type-dataset-namespace`; documents are only added, each with a field `@timestamp`.',
    recommend: () => ['logs', 'metrics', 'none'],
  },
  'data.stream.dataset': {
    type: 'STRING',
    default: '',
    validator: dataStreamPart('dataset'),
    importance: 'LOW',
    width: 'MEDIUM',
    group: 'Data Stream',
    displayName: 'Data stream dataset',
    documentation: 'The dataset of the data stream to write to. Set it together with data.stream.type.',
  },
  'data.stream.namespace': {
    type: 'STRING',
    default: '${topic}',
    validator: dataStreamPart('namespace'),
    importance: 'LOW',
    width: 'MEDIUM',
    group: 'Data Stream',
    displayName: 'Data stream namespace',
    documentation: 'The namespace of the data stream; `${topic}` stands for the topic.',
  },
  'data.stream.timestamp.field': {
    type: 'LIST',
    default: [],
    importance: 'LOW',
    width: 'MEDIUM',
    group: 'Data Stream',
    displayName: 'Data stream timestamp field',
    documentation:
      'Fields of a record to take its `@timestamp` from: the first one that it has; a record that has none of them is refused by the server. Left out, the timestamp of the record counts.',
  },
} as const satisfies OptionDefinitions

/** Writing into indices and aliases that exist already. */
export const externalResourceDefinitions = {
  'external.resource.usage': {
    type: 'STRING',
    default: 'DISABLED',
    validator: enumeration('index', 'datastream', 'alias_index', 'alias_datastream', 'disabled'),
    importance: 'HIGH',
    width: 'SHORT',
    group: 'External Resources',
    displayName: 'External resource usage',
    documentation:
      'Whether to write into indices (`index`), data streams (`datastream`) or their aliases (`alias_index`, `alias_datastream`) that exist already, as topic.to.external.resource.mapping says. With `disabled` each topic has an index of its own.',
    recommend: () => ['alias_datastream', 'alias_index', 'datastream', 'disabled', 'index'],
  },
  'topic.to.external.resource.mapping': {
    type: 'LIST',
    default: [],
    importance: 'HIGH',
    width: 'LONG',
    group: 'External Resources',
    displayName: 'Topic to external resource mapping',
    documentation:
      'Which topic goes where: `topic:resource`, separated by commas. Used when external.resource.usage is set.',
  },
  'max.external.resource.mappings': {
    type: 'INT',
    default: 15,
    validator: range(1),
    importance: 'MEDIUM',
    width: 'SHORT',
    group: 'External Resources',
    displayName: 'Max external resource mappings',
    documentation: 'The most entries of topic.to.external.resource.mapping.',
  },
} as const satisfies OptionDefinitions
