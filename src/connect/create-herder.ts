import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { MessagePort, ResourceLimits, Worker } from 'node:worker_threads'

import type { TaskLogger } from '../api/source-task.ts'
import type { Log } from '../log/log.ts'
import { ActiveTopics } from './active-topics.ts'
import { ConfigMask } from './config-mask.ts'
import { ConfigResolver } from './config-providers/config-resolver.ts'
import { ConnectorStore } from './connector-store.ts'
import type { Herder } from './herder.ts'
import { PluginCatalogue, type PluginCatalogueEntry } from './plugin-catalogue.ts'
import { TaskThreadPool } from './task-thread-pool.ts'
import { WorkerHerder } from './worker-herder.ts'
import type { WorkerConfig } from './worker-config.ts'

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

/**
 * Batches lie outside of the heap and hot paths make no objects: a snapshot of 500,000 rows runs as fast with 2 MB as
 * with 8, and 6 MB less are resident. Four leave room for plugins that do make objects.
 */
const YOUNG_GENERATION_MB = 4

/**
 * Starts a thread whose entry module calls `runTaskThread`. `port` must be in the worker's `workerData` and
 * `transferList`, `resourceLimits` among its options.
 */
export type StartTaskThread = (
  port: MessagePort,
  options: { readonly name: string; readonly resourceLimits: ResourceLimits },
) => Worker | Promise<Worker>

export interface HerderOptions {
  readonly log: Log
  readonly catalogue: readonly PluginCatalogueEntry[]
  readonly worker: WorkerConfig
  /** `host:port`, as status answers show it. */
  readonly workerId: string
  readonly startTaskThread: StartTaskThread
  readonly logger: TaskLogger
  /** Of Kafka Connect as the REST root tells it, and of this build. */
  readonly version: string
  readonly commit: string
}

/**
 * Opens a worker's herder: what the log has stored of connectors is started again. Closing it stops all tasks; the log
 * stays open.
 */
export async function createHerder(options: HerderOptions): Promise<Herder> {
  const { log, worker, logger, workerId, version, commit } = options
  const threads = worker.options['task.threads']
  const store = new ConnectorStore(log)
  const activeTopics = new ActiveTopics(log)
  const [stored, kafkaClusterId] = await Promise.all([
    store.readAll(),
    clusterId(log),
    activeTopics.recover(),
  ])
  const pool = new TaskThreadPool({
    startThread: options.startTaskThread,
    maxThreads: threads === 0 ? availableParallelism() : threads,
    resourceLimits: {
      maxOldGenerationSizeMb: worker.options['task.thread.heap.max.mb'],
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
    },
    logger,
  })
  const catalogue = new PluginCatalogue(options.catalogue)
  const resolver = new ConfigResolver(worker.properties)
  const mask = new ConfigMask(worker.options['config.mask.secrets'], resolver)
  const parts = { log, catalogue, worker, workerId, resolver, mask, store, activeTopics, pool, logger }
  const herder = new WorkerHerder({ ...parts, version, commit, kafkaClusterId })
  for (const connector of stored) herder.recover(connector)
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
