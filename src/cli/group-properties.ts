import { hostname } from 'node:os'
import { ConfigDef, validators, type ConnectorConfig, type OptionDefinitions } from '../api/config-def.ts'
import { ConfigError } from '../api/errors.ts'
import type { GroupOptions } from '../connect/distributed/create-distributed-herder.ts'
import { sessionKeyAlgorithms } from '../connect/distributed/session-keys.ts'
import type { ConnectProtocolName } from '../connect/distributed/worker-assignment.ts'
import type { SharedTopicShape } from '../log/shared-topic.ts'
import type { ListenerAddress } from '../rest/listener/listener-address.ts'

const BROKERS_DEFAULT = -1
const PROTOCOLS = ['eager', 'compatible', 'sessioned']
const SIGNATURE_ALGORITHM = 'HmacSHA256'

const replicationFactor = {
  type: 'INT',
  default: 3,
  validator: validators.atLeast(BROKERS_DEFAULT),
  importance: 'LOW',
  documentation: "Replicas of the topic where it has to be created; -1 for the brokers' default.",
} as const

const milliseconds = (byDefault: number, documentation: string) =>
  ({
    type: 'INT',
    default: byDefault,
    validator: validators.atLeast(0),
    importance: 'MEDIUM',
    documentation,
  }) as const

const options = {
  'group.id': {
    type: 'STRING',
    validator: validators.nonEmpty(),
    importance: 'HIGH',
    documentation: 'The workers of one name share the connectors. No consumer group may have it.',
  },
  'config.storage.topic': {
    type: 'STRING',
    default: 'connect-configs',
    importance: 'HIGH',
    documentation: 'The compacted topic of one partition with connectors and what is wanted of them.',
  },
  'config.storage.replication.factor': replicationFactor,
  'status.storage.topic': {
    type: 'STRING',
    default: 'connect-status',
    importance: 'HIGH',
    documentation: 'The compacted topic with the states of connectors and tasks, and the topics they use.',
  },
  'status.storage.partitions': {
    type: 'INT',
    default: 5,
    validator: (value) =>
      Number(value) >= 1 || Number(value) === BROKERS_DEFAULT ? null : 'Value must be at least 1, or -1',
    importance: 'LOW',
    documentation: 'Partitions of status.storage.topic where it has to be created.',
  },
  'status.storage.replication.factor': replicationFactor,
  'connect.protocol': {
    type: 'STRING',
    default: 'sessioned',
    validator: validators.oneOfIgnoringCase(...PROTOCOLS),
    importance: 'LOW',
    documentation: 'How workers share connectors: sessioned (and signed requests), compatible or eager.',
  },
  'session.timeout.ms': milliseconds(
    10_000,
    'After so long without a sign of life a worker is taken for dead.',
  ),
  'heartbeat.interval.ms': milliseconds(3_000, 'How often a worker gives a sign of life.'),
  'rebalance.timeout.ms': milliseconds(60_000, 'How long a round of the group waits for its workers.'),
  'scheduled.rebalance.max.delay.ms': milliseconds(
    300_000,
    'How long the connectors and tasks of a worker that has gone wait for it.',
  ),
  'worker.sync.timeout.ms': milliseconds(3_000, 'How long a worker may take to read the config topic.'),
  'worker.unsync.backoff.ms': milliseconds(
    300_000,
    'How long a worker that cannot read the config topic stays out of the group.',
  ),
  'inter.worker.key.generation.algorithm': {
    type: 'STRING',
    default: SIGNATURE_ALGORITHM,
    validator: validators.oneOf(...sessionKeyAlgorithms),
    importance: 'LOW',
    documentation: 'Of the key that requests between workers are signed with.',
  },
  'inter.worker.key.size': {
    type: 'INT',
    default: null,
    validator: validators.between(64, 8192),
    importance: 'LOW',
    documentation: "Its size in bits; by default the algorithm's.",
  },
  'inter.worker.key.ttl.ms': milliseconds(3_600_000, 'How long one key is used; 0: for ever.'),
  'inter.worker.signature.algorithm': {
    type: 'STRING',
    default: SIGNATURE_ALGORITHM,
    validator: validators.oneOf(...sessionKeyAlgorithms),
    importance: 'LOW',
    documentation: 'How this worker signs what it asks of others.',
  },
  'inter.worker.verification.algorithms': {
    type: 'LIST',
    default: [SIGNATURE_ALGORITHM],
    validator: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((name) => sessionKeyAlgorithms.includes(String(name)))
        ? null
        : `It must list one or more of ${sessionKeyAlgorithms.join(', ')}`,
    importance: 'LOW',
    documentation: 'Signatures that this worker takes from others.',
  },
} as const satisfies OptionDefinitions

export const groupConfigDef = new ConfigDef(options)
/** What else is said below these names are settings of the topics where they are created. */
const TOPICS = ['config.storage.', 'offset.storage.', 'status.storage.']
const NO_SETTINGS = ['topic', 'partitions', 'replication.factor']

/** Worker properties that have a meaning in a group of workers only. */
export function isGroupProperty(name: string): boolean {
  return Object.hasOwn(options, name) || TOPICS.some((prefix) => name.startsWith(prefix))
}

/** How this worker shares connectors with others. Throws `ConfigError`. */
export function groupOptions(properties: ConnectorConfig): GroupOptions {
  const parsed = groupConfigDef.parse(properties)
  const groupId = parsed['group.id']
  const sessionTimeoutMs = parsed['session.timeout.ms']
  const heartbeatIntervalMs = parsed['heartbeat.interval.ms']
  if (heartbeatIntervalMs >= sessionTimeoutMs) {
    throw invalid(
      `heartbeat.interval.ms (${heartbeatIntervalMs}) must be less than session.timeout.ms (${sessionTimeoutMs})`,
    )
  }
  const topics = ['config.storage.topic', 'status.storage.topic'] as const
  const names = [
    ...topics.map((option) => parsed[option]),
    properties['offset.storage.topic'] ?? 'connect-offsets',
  ]
  if (new Set(names).size < names.length) {
    throw invalid(
      `config.storage.topic, offset.storage.topic and status.storage.topic must be three topics, not ${names.join(', ')}`,
    )
  }
  const algorithm = parsed['inter.worker.signature.algorithm']
  if (!parsed['inter.worker.verification.algorithms'].includes(algorithm)) {
    throw invalid(
      `inter.worker.verification.algorithms must contain inter.worker.signature.algorithm (${algorithm})`,
    )
  }
  return {
    groupId,
    protocol: parsed['connect.protocol'].toLowerCase() as ConnectProtocolName,
    sessionTimeoutMs,
    heartbeatIntervalMs,
    rebalanceTimeoutMs: parsed['rebalance.timeout.ms'],
    scheduledRebalanceMaxDelayMs: parsed['scheduled.rebalance.max.delay.ms'],
    workerSyncTimeoutMs: parsed['worker.sync.timeout.ms'],
    workerUnsyncBackoffMs: parsed['worker.unsync.backoff.ms'],
    configTopic: {
      name: parsed['config.storage.topic'],
      partitions: 1,
      replicationFactor: parsed['config.storage.replication.factor'],
      config: storageTopicSettings(properties, 'config.storage'),
      isOrdered: true,
      property: 'config.storage',
    },
    statusTopic: {
      name: parsed['status.storage.topic'],
      partitions: parsed['status.storage.partitions'],
      replicationFactor: parsed['status.storage.replication.factor'],
      config: storageTopicSettings(properties, 'status.storage'),
      property: 'status.storage',
    },
    sessionKeys: {
      keyAlgorithm: parsed['inter.worker.key.generation.algorithm'],
      keySize: parsed['inter.worker.key.size'],
      keyTtlMs: parsed['inter.worker.key.ttl.ms'],
      signatureAlgorithm: algorithm,
      verificationAlgorithms: parsed['inter.worker.verification.algorithms'],
    },
  }
}

/** Settings of a topic where it has to be created: `offset.storage.min.insync.replicas` and the like. */
export function storageTopicSettings(
  properties: ConnectorConfig,
  property: SharedTopicShape['property'],
): Readonly<Record<string, string>> {
  const prefix = `${property}.`
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) => {
      const setting = name.slice(prefix.length)
      const isSetting = name.startsWith(prefix) && value !== null && !NO_SETTINGS.includes(setting)
      return isSetting ? [[setting, value] as const] : []
    }),
  )
}

/** Where others find this worker: in its URL, and in the name that states show. */
export function advertisedAddress(
  options: {
    readonly 'rest.advertised.host.name': string | null
    readonly 'rest.advertised.port': number | null
  },
  { scheme, host, port }: ListenerAddress,
): ListenerAddress {
  const own = host === '::' || host === '0.0.0.0' ? hostname() : host
  return {
    scheme,
    host: options['rest.advertised.host.name'] ?? own,
    port: options['rest.advertised.port'] ?? port,
  }
}

function invalid(message: string): ConfigError {
  return new ConfigError('connect.config-invalid', message)
}
