import type { MessagePort } from 'node:worker_threads'
import type { Log } from '../log.ts'
import { LogClient } from './log-client.ts'
import { OwnerConnection } from './owner-connection.ts'

/**
 * The log of this process in another thread than the main one.
 *
 * @param port what `EmbeddedLog.connect()` gave, transferred here
 * @param dataDir the same directory as in `openEmbeddedLog`: readers open its files themselves
 */
export function attachEmbeddedLog(port: MessagePort, dataDir: string): Log {
  return new LogClient(new OwnerConnection(port), dataDir)
}
