import { ConfigDef, validators, type OptionDefinitions } from '../../../api/config-def.ts'
import { clientSecurity, securityOptions } from './client-security.ts'
import type {
  ClientProperties,
  KafkaClientSettings,
  KafkaCompression,
  TaskClientProperties,
} from '../kafka-log-description.ts'

export type ClientKind = keyof TaskClientProperties

const positive = (documentation: string) =>
  ({
    type: 'INT',
    default: null,
    validator: validators.atLeast(1),
    importance: 'LOW',
    documentation,
  }) as const
const notNegative = (documentation: string) =>
  ({
    type: 'INT',
    default: null,
    validator: validators.atLeast(0),
    importance: 'LOW',
    documentation,
  }) as const

const clientOptions = {
  'bootstrap.servers': {
    type: 'LIST',
    default: [],
    importance: 'HIGH',
    documentation: 'Brokers of the Kafka cluster, HOST:PORT,HOST:PORT.',
  },
  'client.id': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    documentation: 'What the client calls itself to the brokers.',
  },
  'request.timeout.ms': positive('How long an answer may take.'),
  'default.api.timeout.ms': positive('How long a call may take with all of its repetitions.'),
  'metadata.max.age.ms': positive('How often topics are looked for that appeared or went.'),
  ...securityOptions,
} as const satisfies OptionDefinitions

const producerOptions = {
  'compression.type': {
    type: 'STRING',
    default: null,
    validator: validators.oneOf('none', 'gzip', 'snappy', 'lz4', 'zstd'),
    importance: 'LOW',
    documentation: 'How records are compressed: none, gzip, snappy, lz4 or zstd.',
  },
  acks: {
    type: 'STRING',
    default: null,
    validator: validators.oneOf('all', '-1', '1', '0'),
    importance: 'LOW',
    documentation: 'Replicas that must have a record: all, or 1 for the leader alone (0 is taken for 1).',
  },
  'linger.ms': notNegative('How long records wait for company.'),
  'batch.size': notNegative('Most bytes of a batch.'),
  'max.request.size': notNegative('Most bytes of a record.'),
  'delivery.timeout.ms': notNegative('How long a record may take with all repetitions.'),
  'transaction.timeout.ms': positive('After so long the cluster aborts a transaction that is left open.'),
} as const satisfies OptionDefinitions

const consumerOptions = {
  'fetch.min.bytes': notNegative('So many bytes a broker waits for before it answers.'),
  'fetch.max.bytes': notNegative('Most bytes of an answer.'),
  'fetch.max.wait.ms': notNegative('How long a broker waits for records.'),
  'max.partition.fetch.bytes': notNegative('Most bytes of a partition in an answer.'),
  'auto.offset.reset': {
    type: 'STRING',
    default: null,
    validator: validators.oneOf('earliest', 'latest', 'none'),
    importance: 'LOW',
    documentation: 'Where a group without offset begins: earliest, latest, or none for an error.',
  },
  'isolation.level': {
    type: 'STRING',
    default: null,
    validator: validators.oneOf('read_committed', 'read_uncommitted'),
    importance: 'LOW',
    documentation: 'read_committed: nothing of transactions that are open or aborted is seen.',
  },
  'session.timeout.ms': positive('After so long without a sign of life a consumer is taken for dead.'),
  'heartbeat.interval.ms': positive('How often a consumer shows that it lives.'),
  'max.poll.interval.ms': positive('How long a rebalance waits for consumers that are busy.'),
} as const satisfies OptionDefinitions

const definitions = {
  producer: new ConfigDef({ ...clientOptions, ...producerOptions }),
  consumer: new ConfigDef({ ...clientOptions, ...consumerOptions }),
  admin: new ConfigDef(clientOptions),
}
const allOptions = new ConfigDef({ ...clientOptions, ...producerOptions, ...consumerOptions })

/** The names of a client's properties that have no meaning here. */
export function meaningless(kind: ClientKind, names: readonly string[]): string[] {
  return names.filter((name) => !Object.hasOwn(definitions[kind].options, name))
}

/** What properties say; what they leave out is left out. Throws `ConfigError`. */
export function clientSettings(kind: ClientKind, properties: ClientProperties): Partial<KafkaClientSettings> {
  definitions[kind].parse(properties)
  const own = Object.fromEntries(
    Object.keys(definitions[kind].options).flatMap((name) =>
      properties[name] === undefined ? [] : [[name, properties[name]]],
    ),
  )
  const parsed = allOptions.parse(own)
  const security = clientSecurity(own)
  const servers = parsed['bootstrap.servers']
  const acks = parsed.acks
  const isolation = parsed['isolation.level']
  return withoutNulls({
    bootstrapServers: servers.length === 0 ? null : servers,
    clientId: parsed['client.id'],
    security,
    requestTimeoutMs: parsed['request.timeout.ms'],
    apiTimeoutMs: parsed['default.api.timeout.ms'],
    metadataMaxAgeMs: parsed['metadata.max.age.ms'],
    compression: parsed['compression.type'] as KafkaCompression | null,
    acks: acks === null ? null : acks === 'all' || acks === '-1' ? -1 : 1,
    lingerMs: parsed['linger.ms'],
    batchBytes: parsed['batch.size'],
    maxRequestBytes: parsed['max.request.size'],
    deliveryTimeoutMs: parsed['delivery.timeout.ms'],
    transactionTimeoutMs: parsed['transaction.timeout.ms'],
    sessionTimeoutMs: parsed['session.timeout.ms'],
    heartbeatIntervalMs: parsed['heartbeat.interval.ms'],
    rebalanceTimeoutMs: parsed['max.poll.interval.ms'],
    offsetReset: parsed['auto.offset.reset'] as 'earliest' | 'latest' | 'none' | null,
    isReadCommitted: isolation === null ? null : isolation === 'read_committed',
    fetchMinBytes: parsed['fetch.min.bytes'],
    fetchMaxBytes: parsed['fetch.max.bytes'],
    fetchMaxWaitMs: parsed['fetch.max.wait.ms'],
    partitionFetchBytes: parsed['max.partition.fetch.bytes'],
  })
}

function withoutNulls(settings: {
  readonly [K in keyof KafkaClientSettings]-?: Exclude<KafkaClientSettings[K], undefined> | null
}): Partial<KafkaClientSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null))
}
