import type { Worker } from 'node:worker_threads'
import type { MessagePort, ResourceLimits } from 'node:worker_threads'

import type { TaskLogger } from '../api/source-task.ts'
import type { Log } from '../log/log.ts'
import type { PluginCatalogueEntry } from './plugin-catalogue.ts'
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
