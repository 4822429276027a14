import { parentPort, type MessagePort } from 'node:worker_threads'
import { logContract } from '../../contract/log-contract.ts'
import { attachEmbeddedLog } from '../attach-embedded-log.ts'

/** What the main thread answers a request for a log with. */
export interface ConnectionOffer {
  readonly port: MessagePort
  readonly dataDir: string
}

// Runs the contract in this thread, each test with a log that the main thread has opened for it.
logContract('embedded log, seen from a second thread', async (t) => {
  const offered = Promise.withResolvers<ConnectionOffer>()
  parentPort!.once('message', offered.resolve)
  parentPort!.postMessage('open', [])
  const { port, dataDir } = await offered.promise
  const log = attachEmbeddedLog(port, dataDir)
  t.after(() => log.close())
  return log
})
