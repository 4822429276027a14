import { validators, type OptionDefinitions, type OptionValidator } from '../../api/config-def.ts'

/** A list of aliases names each once. */
export const uniqueAliases: OptionValidator = Object.assign(
  (value: unknown) =>
    Array.isArray(value) && new Set(value).size < value.length ? 'Duplicate alias provided.' : null,
  { nullProblem: 'entry must be non null' },
)

/** Of partitions or replicas. */
export const countOrDefault: OptionValidator = (value) =>
  Number(value) >= 1 || Number(value) === -1 ? null : 'Value must be at least 1, or -1 for the default'

/** The options of every source connector. */
export const sourceOptions: OptionDefinitions = {
  'topic.creation.groups': {
    type: 'LIST',
    default: [],
    validator: uniqueAliases,
    importance: 'LOW',
    documentation:
      'Aliases of topic groups: topics whose name matches topic.creation.{group}.include are created with topic.creation.{group}.partitions and so on.',
    group: 'Topic Creation',
    width: 'LONG',
    displayName: 'Topic creation groups',
  },
  'topic.creation.default.partitions': {
    type: 'INT',
    default: -1,
    validator: countOrDefault,
    importance: 'LOW',
    documentation:
      'Partitions of the topics that the connector creates; -1 for 1, or for num.partitions of the brokers.',
    group: 'Topic Creation',
    width: 'SHORT',
    displayName: 'Partitions of new topics',
  },
  'topic.creation.default.replication.factor': {
    type: 'SHORT',
    default: -1,
    validator: countOrDefault,
    importance: 'LOW',
    documentation:
      'Replicas of the topics that the connector creates; -1 for the default of the brokers. The embedded log keeps one.',
    group: 'Topic Creation',
    width: 'SHORT',
    displayName: 'Replication factor of new topics',
  },
  'exactly.once.support': {
    type: 'STRING',
    default: 'requested',
    validator: validators.oneOfIgnoringCase('requested', 'required'),
    importance: 'MEDIUM',
    documentation:
      'required: refused where a worker on Kafka has no exactly.once.source.support=enabled. In the embedded log records and source offsets always share a commit.',
    group: 'Exactly Once Support',
    width: 'SHORT',
    displayName: 'Exactly once support',
  },
  'transaction.boundary': {
    type: 'STRING',
    default: 'poll',
    validator: validators.oneOfIgnoringCase('poll', 'interval', 'connector'),
    importance: 'MEDIUM',
    documentation:
      'Where transactions of Kafka end: poll, as soon as possible, whole polls together; interval, after transaction.boundary.interval.ms or 4 MB.',
    group: 'Exactly Once Support',
    width: 'SHORT',
    displayName: 'Transaction boundary',
  },
  'transaction.boundary.interval.ms': {
    type: 'LONG',
    default: null,
    validator: validators.atLeast(0),
    importance: 'LOW',
    documentation:
      'The interval of transaction.boundary=interval, in milliseconds; offset.flush.interval.ms of the worker by default.',
    group: 'Exactly Once Support',
    width: 'SHORT',
    displayName: 'Transaction interval',
  },
  'offsets.storage.topic': {
    type: 'STRING',
    default: null,
    validator: validators.nonEmpty(),
    importance: 'LOW',
    documentation:
      'A topic of its own on Kafka for the offsets of this connector; that of the worker has them as well.',
    group: 'offsets.topic',
    width: 'LONG',
    displayName: 'Offsets topic',
  },
}
