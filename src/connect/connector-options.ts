import { validators } from '../api/config-def.ts'
import type {
  ConnectorConfig,
  OptionDefinition,
  OptionDefinitions,
  OptionValidator,
} from '../api/config-def.ts'
import type { ConnectorPlugin } from '../api/plugin.ts'
import type { PluginCatalogue, PluginType } from './plugin-catalogue.ts'
import type { WorkerConfig } from './worker-config.ts'

/** The options that every connector of a type has, besides its own. */
export function connectorOptions(
  plugin: Pick<ConnectorPlugin, 'type' | 'version'>,
  catalogue: PluginCatalogue,
  worker: WorkerConfig,
): OptionDefinitions {
  return {
    ...commonOptions(plugin.version, catalogue, worker),
    ...(plugin.type === 'source' ? sourceOptions : sinkOptions),
  }
}

const connectorName: OptionValidator = (value) => {
  const name = String(value)
  if (name === '') return 'String may not be empty'
  const controls = [...name].map((char) => char.codePointAt(0)!).filter((code) => code < 32 || code === 127)
  return controls.length === 0
    ? null
    : `String may not contain control sequences but had the following ASCII chars: ${controls.join(', ')}`
}

const uniqueAliases: OptionValidator = (value) =>
  Array.isArray(value) && new Set(value).size < value.length ? 'Duplicate alias provided.' : null

const regularExpression: OptionValidator = (value) => {
  try {
    new RegExp(String(value))
    return null
  } catch (error) {
    return `Invalid regex: ${(error as Error).message}`
  }
}

function commonOptions(version: string, catalogue: PluginCatalogue, worker: WorkerConfig): OptionDefinitions {
  return {
    name: {
      type: 'STRING',
      validator: connectorName,
      importance: 'HIGH',
      documentation: 'The name of this connector; no two connectors of a worker share one.',
      group: 'Common',
      width: 'MEDIUM',
      displayName: 'Connector name',
    },
    'connector.class': {
      type: 'STRING',
      importance: 'HIGH',
      documentation:
        "The connector's class name, its simple name, or that without the ending Connector: io.debezium.connector.postgresql.PostgresConnector, PostgresConnector, Postgres.",
      group: 'Common',
      width: 'LONG',
      displayName: 'Connector class',
    },
    'connector.plugin.version': versionOption('the connector', version, 'MEDIUM'),
    'tasks.max': {
      type: 'INT',
      default: 1,
      validator: validators.atLeast(1),
      importance: 'HIGH',
      documentation: 'The most tasks that the connector may split its work into.',
      group: 'Common',
      width: 'SHORT',
      displayName: 'Tasks max',
    },
    'tasks.max.enforce': {
      type: 'BOOLEAN',
      default: true,
      importance: 'LOW',
      documentation: 'Whether a connector that makes more tasks than tasks.max fails.',
      group: 'Common',
      width: 'SHORT',
      displayName: 'Enforce tasks max',
    },
    ...converterOptions('key', 'converter', catalogue, worker),
    ...converterOptions('value', 'converter', catalogue, worker),
    ...converterOptions('header', 'header_converter', catalogue, worker),
    transforms: aliasesOption('Transformations', 'Transforms'),
    predicates: aliasesOption('Predicates', 'Predicates'),
    'config.action.reload': {
      type: 'STRING',
      default: 'restart',
      validator: validators.oneOf('none', 'restart'),
      importance: 'LOW',
      documentation:
        'What to do when a value that a config provider supplied has changed: restart the connector, or nothing.',
      group: 'Common',
      width: 'MEDIUM',
      displayName: 'Reload action',
    },
    ...errorOptions,
  }
}

function aliasesOption(displayName: string, group: string): OptionDefinition {
  return {
    type: 'LIST',
    default: [],
    validator: uniqueAliases,
    importance: 'LOW',
    documentation: `Aliases of the ${displayName.toLowerCase()}, in the order in which they apply. Each is configured under its alias.`,
    group,
    width: 'LONG',
    displayName,
  }
}

function versionOption(what: string, version: string, importance: 'MEDIUM' | 'LOW'): OptionDefinition {
  return {
    type: 'STRING',
    default: version,
    importance,
    documentation: `The version of ${what}. One version is installed; the property is accepted for compatibility.`,
    group: 'Common',
    width: 'MEDIUM',
    displayName: 'Plugin version',
    recommend: () => [version],
  }
}

function converterOptions(
  role: 'key' | 'value' | 'header',
  type: PluginType,
  catalogue: PluginCatalogue,
  worker: WorkerConfig,
): OptionDefinitions {
  const name = `${role}.converter` as const
  const byDefault = worker.options[name]
  const version = catalogue.find(byDefault, type)?.version ?? '1.0'
  return {
    [name]: {
      type: 'CLASS',
      default: byDefault,
      importance: 'LOW',
      documentation: `Class that turns record ${role}s into bytes and back. Without it the worker's ${name} and its options hold.`,
      group: 'Common',
      width: 'SHORT',
      displayName: `${role[0]!.toUpperCase()}${role.slice(1)} converter class`,
      recommend: () => [
        ...new Set(catalogue.entries.filter((entry) => entry.type === type).map((entry) => entry.className)),
      ],
    },
    [`${name}.plugin.version`]: versionOption(`the ${role} converter`, version, 'LOW'),
  }
}

const errorGroup = { group: 'Error Handling', importance: 'MEDIUM', width: 'MEDIUM' } as const

const errorOptions: OptionDefinitions = {
  'errors.retry.timeout': {
    ...errorGroup,
    type: 'LONG',
    default: 0n,
    documentation:
      'How long, in milliseconds, a failed conversion or transformation is tried again when its cause may pass; 0 never, -1 without end.',
    displayName: 'Retry timeout for errors',
  },
  'errors.retry.delay.max.ms': {
    ...errorGroup,
    type: 'LONG',
    default: 60_000n,
    documentation: 'The longest delay between two tries, in milliseconds.',
    displayName: 'Maximum delay between retries for errors',
  },
  'errors.tolerance': {
    ...errorGroup,
    type: 'STRING',
    default: 'none',
    validator: validators.oneOf('none', 'all'),
    width: 'SHORT',
    documentation:
      'none: a record that cannot be converted or transformed fails the task. all: it is left out and reported.',
    displayName: 'Error tolerance',
  },
  'errors.log.enable': {
    ...errorGroup,
    type: 'BOOLEAN',
    default: false,
    width: 'SHORT',
    documentation: 'Whether each tolerated error is written to the log.',
    displayName: 'Log errors',
  },
  'errors.log.include.messages': {
    ...errorGroup,
    type: 'BOOLEAN',
    default: false,
    width: 'SHORT',
    documentation: 'Whether the log entry says where the record lies: topic, partition, offset, timestamp.',
    displayName: 'Log error details',
  },
}

const sourceOptions: OptionDefinitions = {
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
    validator: (value) =>
      Number(value) >= 1 || Number(value) === -1 ? null : 'Value must be at least 1, or -1 for the default',
    importance: 'LOW',
    documentation: 'Partitions of the topics that the connector creates; -1 is 1.',
    group: 'Topic Creation',
    width: 'SHORT',
    displayName: 'Partitions of new topics',
  },
  'topic.creation.default.replication.factor': {
    type: 'SHORT',
    default: -1,
    validator: (value) =>
      Number(value) >= 1 || Number(value) === -1 ? null : 'Value must be at least 1, or -1 for the default',
    importance: 'LOW',
    documentation: 'Replicas of the topics that the connector creates; the embedded log keeps one.',
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
      'Records and source offsets always share a commit in the embedded log, so either value holds.',
    group: 'Exactly Once Support',
    width: 'SHORT',
    displayName: 'Exactly once support',
  },
  'transaction.boundary': {
    type: 'STRING',
    default: 'poll',
    validator: validators.oneOfIgnoringCase('poll', 'interval', 'connector'),
    importance: 'MEDIUM',
    documentation: 'Where transactions of the records end; the embedded log commits what a poll gave, whole.',
    group: 'Exactly Once Support',
    width: 'SHORT',
    displayName: 'Transaction boundary',
  },
  'transaction.boundary.interval.ms': {
    type: 'LONG',
    default: null,
    validator: validators.atLeast(0),
    importance: 'LOW',
    documentation: 'The interval of transaction.boundary=interval, in milliseconds.',
    group: 'Exactly Once Support',
    width: 'SHORT',
    displayName: 'Transaction interval',
  },
  'offsets.storage.topic': {
    type: 'STRING',
    default: null,
    validator: validators.nonEmpty(),
    importance: 'LOW',
    documentation: 'A topic of its own for the offsets of this connector. Of no effect on the embedded log.',
    group: 'offsets.topic',
    width: 'LONG',
    displayName: 'Offsets topic',
  },
}

const deadLetterGroup = { group: 'Error Handling', importance: 'MEDIUM', width: 'MEDIUM' } as const

const sinkOptions: OptionDefinitions = {
  topics: {
    type: 'LIST',
    default: [],
    importance: 'HIGH',
    documentation: 'The topics to read, separated by commas.',
    group: 'Common',
    width: 'LONG',
    displayName: 'Topics',
  },
  'topics.regex': {
    type: 'STRING',
    default: '',
    validator: regularExpression,
    importance: 'HIGH',
    documentation:
      'A regular expression; topics whose whole name matches are read, also those that come later.',
    group: 'Common',
    width: 'LONG',
    displayName: 'Topics regex',
  },
  'errors.deadletterqueue.topic.name': {
    ...deadLetterGroup,
    type: 'STRING',
    default: '',
    documentation: 'The topic for records that failed; without a name they are not kept.',
    displayName: 'Dead letter queue topic name',
  },
  'errors.deadletterqueue.topic.replication.factor': {
    ...deadLetterGroup,
    type: 'SHORT',
    default: 3,
    documentation: 'Replicas of the dead letter queue topic when it is created; the embedded log keeps one.',
    displayName: 'Dead letter queue replication factor',
  },
  'errors.deadletterqueue.context.headers.enable': {
    ...deadLetterGroup,
    type: 'BOOLEAN',
    default: false,
    documentation: 'Whether dead letters get headers __connect.errors.* that say what failed where.',
    displayName: 'Context headers on dead letters',
  },
}

/** What is wrong between a sink's options, by option name. */
export function sinkOptionIssues(config: ConnectorConfig): { option: string; message: string }[] {
  const topics = listOf(config['topics'])
  const regex = config['topics.regex'] ?? ''
  const both = (message: string) => [
    { option: 'topics', message },
    { option: 'topics.regex', message },
  ]
  if (topics.length === 0 && regex === '') return both('Must configure one of topics or topics.regex')
  if (topics.length > 0 && regex !== '') {
    return both('topics and topics.regex are mutually exclusive options, but both are set.')
  }
  const deadLetters = config['errors.deadletterqueue.topic.name']?.trim() ?? ''
  if (deadLetters === '') return []
  if (topics.includes(deadLetters)) {
    const message = `The DLQ topic '${deadLetters}' may not be included in the list of topics ('topics=[${topics.join(', ')}]') consumed by the connector`
    return [{ option: 'topics', message }]
  }
  if (regex !== '' && regularExpression(regex) === null && new RegExp(`^(?:${regex})$`).test(deadLetters)) {
    const message = `The DLQ topic '${deadLetters}' may not be matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector`
    return [{ option: 'topics.regex', message }]
  }
  return []
}

/** The entries of a LIST option, trimmed; none for null, absent and blank. */
export function listOf(text: string | null | undefined): readonly string[] {
  const trimmed = text?.trim() ?? ''
  return trimmed === '' ? [] : trimmed.split(/\s*,\s*/)
}
