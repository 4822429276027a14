import { readFileSync } from 'node:fs'
import { ConfigDef, validators, type ConnectorConfig, type OptionDefinitions } from '../api/config-def.ts'
import { ConfigError } from '../api/errors.ts'
import type {
  KafkaCompression,
  KafkaLogDescription,
  KafkaSecurity,
} from '../log/kafka/kafka-log-description.ts'

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']
const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const BROKERS_DEFAULT = -1

const options = {
  'bootstrap.servers': {
    type: 'LIST',
    default: [],
    importance: 'HIGH',
    documentation:
      'Brokers of the Kafka cluster that is the log, HOST:PORT,HOST:PORT. Without it: the embedded log.',
  },
  'client.id': {
    type: 'STRING',
    default: 'tailrace',
    importance: 'LOW',
    documentation: 'What the worker calls itself to the brokers.',
  },
  'offset.storage.topic': {
    type: 'STRING',
    default: 'connect-offsets',
    importance: 'HIGH',
    documentation: "The compacted topic with source offsets, in Kafka Connect's format.",
  },
  'offset.storage.partitions': {
    type: 'INT',
    default: 25,
    validator: validators.atLeast(1),
    importance: 'LOW',
    documentation: 'Partitions of offset.storage.topic where it has to be created.',
  },
  'offset.storage.replication.factor': {
    type: 'INT',
    default: 3,
    validator: validators.atLeast(BROKERS_DEFAULT),
    importance: 'LOW',
    documentation:
      "Replicas of offset.storage.topic where it has to be created; -1 for the brokers' default.",
  },
  'worker.storage.topic': {
    type: 'STRING',
    default: 'tailrace-state',
    importance: 'LOW',
    documentation:
      'The compacted topic with connector configs, target states and active topics. Of tailrace alone.',
  },
  'worker.storage.replication.factor': {
    type: 'INT',
    default: BROKERS_DEFAULT,
    validator: validators.atLeast(BROKERS_DEFAULT),
    importance: 'LOW',
    documentation:
      "Replicas of worker.storage.topic where it has to be created; -1 for the brokers' default.",
  },
  'producer.compression.type': {
    type: 'STRING',
    default: 'none',
    validator: validators.oneOf(...COMPRESSIONS),
    importance: 'LOW',
    documentation: 'How records are compressed: none, gzip, snappy, lz4 or zstd.',
  },
  'security.protocol': {
    type: 'STRING',
    default: 'PLAINTEXT',
    validator: validators.oneOf(...PROTOCOLS),
    importance: 'MEDIUM',
    documentation: 'PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.',
  },
  'sasl.mechanism': {
    type: 'STRING',
    default: 'PLAIN',
    validator: validators.oneOf(...MECHANISMS),
    importance: 'MEDIUM',
    documentation: 'PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.',
  },
  'sasl.jaas.config': {
    type: 'PASSWORD',
    default: null,
    importance: 'MEDIUM',
    documentation: 'The login, as Kafka writes it: … required username="…" password="…";',
  },
  'ssl.truststore.location': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    documentation: 'A PEM file with the certificates of authorities to trust; by default those of Node.js.',
  },
} as const satisfies OptionDefinitions

const kafkaConfigDef = new ConfigDef(options)

/** The worker properties that have a meaning on Kafka only. */
export const kafkaProperties: ReadonlySet<string> = new Set(Object.keys(options))

/** The Kafka cluster that the worker's properties name, or null: the log is the embedded one. Throws `ConfigError`. */
export function kafkaDescription(properties: ConnectorConfig): KafkaLogDescription | null {
  const parsed = kafkaConfigDef.parse(properties)
  const bootstrapServers = parsed['bootstrap.servers']
  if (bootstrapServers.length === 0) return null
  const security = kafkaSecurity(parsed)
  return {
    bootstrapServers,
    clientId: parsed['client.id'],
    ...(security === null ? {} : { security }),
    compression: parsed['producer.compression.type'] as KafkaCompression,
    internalTopics: {
      offsets: {
        name: parsed['offset.storage.topic'],
        partitions: parsed['offset.storage.partitions'],
        replicationFactor: parsed['offset.storage.replication.factor'],
        property: 'offset.storage',
      },
      state: {
        name: parsed['worker.storage.topic'],
        // One: what is written together is there together.
        partitions: 1,
        replicationFactor: parsed['worker.storage.replication.factor'],
        property: 'worker.storage',
      },
    },
  }
}

function kafkaSecurity(parsed: ReturnType<typeof kafkaConfigDef.parse>): KafkaSecurity | null {
  const protocol = parsed['security.protocol']
  if (protocol === 'PLAINTEXT') return null
  return {
    ...(protocol.endsWith('SSL') ? { tls: tlsOf(parsed['ssl.truststore.location']) } : {}),
    ...(protocol.startsWith('SASL_')
      ? {
          sasl: {
            mechanism: parsed['sasl.mechanism'] as 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512',
            ...loginOf(parsed['sasl.jaas.config']),
          },
        }
      : {}),
  }
}

function tlsOf(file: string | null): { readonly ca?: string } {
  if (file === null) return {}
  let ca = ''
  let cause: unknown
  try {
    ca = readFileSync(file, 'utf8')
  } catch (error) {
    cause = error
  }
  if (ca.includes('-----BEGIN CERTIFICATE-----')) return { ca }
  throw new ConfigError(
    'connect.config-invalid',
    `Invalid value ${file} for configuration ssl.truststore.location: it must be a PEM file with certificates`,
    { cause },
  )
}

/** The text itself holds the password: it is in no message. */
function loginOf(jaas: string | null): { readonly username: string; readonly password: string } {
  const [username, password] = ['username', 'password'].map(
    (name) => new RegExp(`\\b${name}\\s*=\\s*"((?:[^"\\\\]|\\\\.)*)"`).exec(jaas ?? '')?.[1],
  )
  if (username === undefined || password === undefined) {
    throw new ConfigError(
      'connect.config-invalid',
      'Invalid value for configuration sasl.jaas.config: it must say username="..." and password="..."',
    )
  }
  return { username: unquoted(username), password: unquoted(password) }
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/g, '$1')
}
