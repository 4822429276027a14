// The entry module of a task thread.
import { allowHosts } from '../api/allowed-hosts.ts'
import type { ConnectorConfig } from '../api/config-def.ts'
import { ConfigError } from '../api/errors.ts'
import { workerData, type MessagePort } from 'node:worker_threads'
import { moduleEntries, type ModulePlugin } from '../connect/plugin-modules/plugin-modules.ts'
import { runTaskThread } from '../connect/task/task-thread.ts'
import type { KafkaLogDescription } from '../log/kafka/kafka-log-description.ts'
import type { Log } from '../log/log.ts'
import { builtInPlugins } from './catalogue.ts'
import { createLogger } from './logger.ts'

/** How a thread gets to the log: plain data, except for a port that is transferred. */
export type TaskThreadLog =
  | { readonly kind: 'embedded'; readonly port: MessagePort; readonly dataDir: string }
  | { readonly kind: 'kafka'; readonly description: KafkaLogDescription }

/** What `startTaskThread` of `compose.ts` sends. */
export interface TaskThreadData {
  readonly port: MessagePort
  readonly log: TaskThreadLog
  readonly logFile: string | undefined
  readonly plugins: readonly ModulePlugin[]
  /** Null: nobody looks at traces. */
  readonly tracedShare: number | null
  /** The worker's `connector.allowed.hosts`. */
  readonly allowedHosts: readonly string[]
}

const { port, log, logFile, plugins, tracedShare, allowedHosts } = workerData as TaskThreadData

allowHosts(allowedHosts)

runTaskThread({
  port,
  log: await openLog(log),
  catalogue: [...builtInPlugins, ...moduleEntries(plugins)],
  logger: createLogger(logFile),
  openCluster,
  tracedShare,
})

async function openCluster(properties: ConnectorConfig): Promise<Log> {
  const { kafkaDescription } = await import('./kafka-properties.ts')
  // A group of its own is none of the cluster's.
  const { 'group.id': _group, ...connection } = properties
  const description = kafkaDescription(connection)
  if (description === null)
    throw new ConfigError('connect.config-invalid', 'bootstrap.servers must be HOST:PORT,HOST:PORT')
  const { openKafkaLog } = await import('../log/kafka/kafka-log.ts')
  return openKafkaLog(description)
}

/** Each backend is loaded where it is used only: a thread without Kafka shall not pay for its client's memory. */
async function openLog(place: TaskThreadLog): Promise<Log> {
  switch (place.kind) {
    case 'embedded': {
      const { attachEmbeddedLog } = await import('../log/embedded/attach-embedded-log.ts')
      return attachEmbeddedLog(place.port, place.dataDir)
    }
    case 'kafka': {
      const { openKafkaLog } = await import('../log/kafka/kafka-log.ts')
      return openKafkaLog(place.description)
    }
  }
}
