// The entry module of a task thread.
import { workerData, type MessagePort } from 'node:worker_threads'
import { runTaskThread } from '../connect/task-thread.ts'
import { attachEmbeddedLog } from '../log/embedded/attach-embedded-log.ts'
import { builtInPlugins } from './catalogue.ts'
import { createLogger } from './logger.ts'

/** What `startTaskThread` of `compose.ts` sends. */
export interface TaskThreadData {
  readonly port: MessagePort
  readonly logPort: MessagePort
  readonly dataDir: string
  readonly logFile: string | undefined
}

const { port, logPort, dataDir, logFile } = workerData as TaskThreadData

runTaskThread({
  port,
  log: attachEmbeddedLog(logPort, dataDir),
  catalogue: builtInPlugins,
  logger: createLogger(logFile),
})
