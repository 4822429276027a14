import { workerData, type MessagePort } from 'node:worker_threads'
import { runTaskThread } from '../task/task-thread.ts'
import { attachEmbeddedLog } from './real-log.ts'
import { testCatalogue } from './test-catalogue.ts'
import { silentLogger } from './silent-logger.ts'

const { port, logPort, dataDir } = workerData as { port: MessagePort; logPort: MessagePort; dataDir: string }
runTaskThread({
  port,
  log: attachEmbeddedLog(logPort, dataDir),
  catalogue: testCatalogue,
  logger: silentLogger,
  tracedShare: null,
  openCluster: () => Promise.reject(new Error('there is no other cluster')),
})
