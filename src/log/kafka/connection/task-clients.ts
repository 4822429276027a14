import type { TaskClient } from '../../task-log.ts'
import { clientSettings, meaningless, type ClientKind } from './client-settings.ts'
import type { KafkaClientSettings, KafkaLogDescription } from '../kafka-log-description.ts'

const KINDS = ['producer', 'consumer', 'admin'] as const

/** What the clients of a task do, by kind, and which of its connector's overrides mean nothing here. */
export function taskClients(
  description: KafkaLogDescription,
  client: TaskClient,
): {
  readonly settings: Readonly<Record<ClientKind, KafkaClientSettings>>
  readonly ignored: readonly string[]
} {
  const settings = (kind: ClientKind): KafkaClientSettings => {
    const worker = description.taskClients?.[kind] ?? {}
    const own = client.overrides[kind]
    return {
      ...workerSettings(description),
      clientId: clientId(kind, client),
      ...clientSettings(kind, { ...worker, ...own }),
    }
  }
  const ignored = KINDS.flatMap((kind) =>
    meaningless(kind, Object.keys(client.overrides[kind])).map((name) => `${kind}.override.${name}`),
  )
  const [producer, consumer, admin] = KINDS.map(settings) as [
    KafkaClientSettings,
    KafkaClientSettings,
    KafkaClientSettings,
  ]
  return { settings: { producer, consumer, admin }, ignored }
}

/** As Kafka Connect makes it. */
export function transactionalIdOf(
  groupId = 'tailrace',
  { connector, task }: Pick<TaskClient, 'connector' | 'task'>,
): string {
  return `${groupId}-${connector}-${task}`
}

/** What a task's clients have in common with the worker's own. Where properties are given, they say how to log in. */
function workerSettings(description: KafkaLogDescription): KafkaClientSettings {
  const { security: _, ...rest } = description
  return description.taskClients === undefined ? description : rest
}

/** By which brokers know it in their logs, metrics and quotas; the reference's names. */
function clientId(kind: ClientKind, { type, connector, task }: TaskClient): string {
  const role = {
    producer: type === 'sink' ? 'dlq-producer' : 'producer',
    consumer: 'consumer',
    admin: 'adminclient',
  }
  return `connector-${role[kind]}-${connector}-${task}`
}
