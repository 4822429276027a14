import { extname } from 'node:path'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import { ConnectError, describeError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { Log } from '../log.ts'
import type { BackUp } from '../backup.ts'
import { backUp } from './backup.ts'
import { LogClient } from './log-client.ts'
import { OwnerConnection } from './owner-connection.ts'
import type { OwnerStart } from './owner-thread.ts'
import type { Order, Report } from './protocol.ts'
import { receiveError } from './sent-error.ts'

export interface EmbeddedLogOptions {
  /** Created if missing. One process at a time may have it open. */
  readonly dataDir: string
  readonly logger?: TaskLogger
}

/** The log of this process: the main thread's client of it, and the way to more of them. */
export interface EmbeddedLog extends Log {
  readonly dataDir: string
  /**
   * A new connection to the owner thread. Transfer it to another thread of this process, which makes its client of it:
   * `attachEmbeddedLog(port, dataDir)`.
   */
  connect(): MessagePort
  readonly backUp: BackUp
  /**
   * Resolves (never rejects) if the owner thread dies. Nothing can be appended then, calls reject with
   * `log.owner-failed`, and the process should end: what was acknowledged is safe.
   */
  readonly failed: Promise<ConnectError>
}

/**
 * Opens the log of a data directory and starts the thread that owns it. Call it in the main thread. Throws
 * `log.locked`, `log.open-failed`, `log.format-unsupported`.
 */
export async function openEmbeddedLog({ dataDir, logger }: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const start: OwnerStart = { dataDir }
  // In development this file is .ts, in dist it is .js, and so is the thread's.
  const file = new URL(`./owner-thread${extname(import.meta.url)}`, import.meta.url)
  const owner = new Worker(file, {
    workerData: start,
    name: 'tailrace-log',
    // Batches lie outside of the heap; it holds names, segments and the requests under way.
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
  })
  const failed = Promise.withResolvers<ConnectError>()
  const ready = Promise.withResolvers<undefined>()
  const exited = Promise.withResolvers<undefined>()
  let isClosing = false
  owner.on('message', (report: Report) => {
    switch (report.kind) {
      case 'ready':
        return ready.resolve(undefined)
      case 'refused':
        isClosing = true
        return ready.reject(receiveError(report.error))
      case 'log':
        return logger?.[report.level](report.fields, report.message)
    }
  })
  let reason = 'it ended'
  owner.on('error', (error) => {
    reason = describeError(error)
  })
  owner.on('exit', () => {
    exited.resolve(undefined)
    if (isClosing) return
    const error = new ConnectError(
      'log.owner-failed',
      `The thread that owns the log in ${dataDir} died: ${reason}. Restart the worker.`,
    )
    logger?.error({ dataDir, reason }, 'The log has failed')
    ready.reject(error)
    failed.resolve(error)
  })
  await ready.promise

  const connect = (): MessagePort => {
    const { port1, port2 } = new MessageChannel()
    owner.postMessage({ kind: 'connect', port: port1 } satisfies Order, [port1])
    return port2
  }
  const backUpTo: BackUp = async (directory, options) => {
    // Of its own: what it holds is let go with it.
    const connection = new OwnerConnection(connect())
    try {
      return await backUp(connection, dataDir, directory, options)
    } finally {
      await connection.close()
    }
  }
  const stopOwner = async (): Promise<void> => {
    if (!isClosing) {
      isClosing = true
      owner.postMessage({ kind: 'close' } satisfies Order, [])
    }
    await exited.promise
  }
  const client = new LogClient(new OwnerConnection(connect()), dataDir, stopOwner)
  return Object.assign(client, { dataDir, connect, backUp: backUpTo, failed: failed.promise })
}
