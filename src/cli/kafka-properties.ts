import { ConfigDef, validators, type ConnectorConfig, type OptionDefinitions } from '../api/config-def.ts'
import { withoutPrefix } from '../api/without-prefix.ts'
import { ConfigError } from '../api/errors.ts'
import { clientSettings, meaningless } from '../log/kafka/connection/client-settings.ts'
import { storageTopicSettings } from './group-properties.ts'
import type { ClientProperties, KafkaLogDescription } from '../log/kafka/kafka-log-description.ts'

const TASK_CLIENTS = ['producer', 'consumer', 'admin'] as const
/** What says where the cluster is and how to log in. */
const CONNECTION = /^(?:bootstrap\.servers$|security\.|sasl\.|ssl\.)/
const BROKERS_DEFAULT = -1

const options = {
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
} as const satisfies OptionDefinitions

export const kafkaConfigDef = new ConfigDef(options)

/** Worker properties that have a meaning on Kafka only. */
export function isKafkaProperty(name: string): boolean {
  if (Object.hasOwn(options, name)) return true
  for (const kind of TASK_CLIENTS) {
    if (name.startsWith(`${kind}.`)) return meaningless(kind, [name.slice(kind.length + 1)]).length === 0
  }
  return meaningless('admin', [name]).length === 0
}

/** The Kafka cluster that the worker's properties name, or null: the log is the embedded one. Throws `ConfigError`. */
export function kafkaDescription(properties: ConnectorConfig): KafkaLogDescription | null {
  const given = withoutNulls(properties)
  const own = clientSettings('admin', given)
  const { bootstrapServers } = own
  if (bootstrapServers === undefined) return null
  const parsed = kafkaConfigDef.parse(properties)
  const groupId = given['group.id']
  const description: KafkaLogDescription = {
    clientId: 'tailrace',
    ...own,
    bootstrapServers,
    ...(groupId === undefined ? {} : { groupId }),
    taskClients: {
      producer: taskClient('producer', given),
      consumer: taskClient('consumer', given),
      admin: taskClient('admin', given),
    },
    internalTopics: {
      offsets: {
        name: parsed['offset.storage.topic'],
        partitions: parsed['offset.storage.partitions'],
        replicationFactor: parsed['offset.storage.replication.factor'],
        config: storageTopicSettings(properties, 'offset.storage'),
        property: 'offset.storage',
      },
    },
  }
  // What a connector would fail with is said when the worker starts.
  for (const kind of TASK_CLIENTS) requireValid(kind, description.taskClients![kind])
  return description
}

function requireValid(kind: (typeof TASK_CLIENTS)[number], properties: ClientProperties): void {
  try {
    clientSettings(kind, properties)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError('connect.config-invalid', `${error.message} (for clients of tasks: ${kind}.*)`)
  }
}

/**
 * The properties of tasks' clients: those below `producer.` and so on. How to connect is inherited from the worker, where
 * the reference wants it said again.
 */
function taskClient(kind: (typeof TASK_CLIENTS)[number], worker: ClientProperties): ClientProperties {
  const inherited = Object.entries(worker).filter(([name]) => CONNECTION.test(name))
  return { ...Object.fromEntries(inherited), ...withoutPrefix(worker, `${kind}.`) }
}

function withoutNulls(properties: ConnectorConfig): ClientProperties {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  )
}
