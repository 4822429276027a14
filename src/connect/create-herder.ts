import { randomBytes } from 'node:crypto'
import type { Log } from '../log/log.ts'
import { ActiveTopics } from './active-topics.ts'
import { ConnectorStore } from './connector-store.ts'
import { WorkerHerder } from './worker-herder.ts'
import { openWorkerParts, type WorkerPartsOptions } from './worker-parts.ts'

// What the composer (src/cli) gives:
//
//   const herder = await createHerder({ log, catalogue, worker: parseWorkerConfig(properties), workerId, startTaskThread,
//                                       logger, version, commit })
//
// and for each thread that `startTaskThread` starts, in the thread's entry module:
//
//   runTaskThread({ port: workerData.port, log: <this thread's Log>, catalogue: <the same entries>, logger })   // task-thread.ts
//
// Third-party plugins are further entries of both catalogues.

export interface HerderOptions extends WorkerPartsOptions {
  readonly log: Log
  /** `host:port`, as status answers show it. */
  readonly workerId: string
}

/**
 * Opens a worker's herder: what the log has stored of connectors is started again. Closing it stops all tasks; the log
 * stays open.
 */
export async function createHerder(options: HerderOptions): Promise<WorkerHerder> {
  const { log, workerId } = options
  const store = new ConnectorStore(log)
  const activeTopics = new ActiveTopics(log)
  const [stored, kafkaClusterId] = await Promise.all([
    store.readAll(),
    clusterId(log),
    activeTopics.recover(),
  ])
  const parts = openWorkerParts(options)
  const herder = new WorkerHerder({ ...parts, workerId, store, activeTopics, kafkaClusterId })
  for (const connector of stored) herder.recover(connector)
  await herder.recoverJobs()
  return herder
}

/** Made once for a log, in the form of Kafka's: 16 random bytes in URL-safe base64. */
async function clusterId(log: Log): Promise<string> {
  const space = 'worker'
  const known = (await log.readState(space)).get('cluster-id')
  if (known !== undefined) return known
  const value = randomBytes(16).toString('base64url')
  await log.writeState([{ space, key: 'cluster-id', value }])
  return value
}
