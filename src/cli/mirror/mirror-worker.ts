import { ConnectError } from '../../api/errors.ts'
import { startWorker } from '../compose.ts'
import { createLogger } from '../logger.ts'
import type { Closers } from '../with-shutdown.ts'
import { request } from '../worker-client.ts'

export interface MirrorWorker {
  readonly url: string
  /** Whether it runs in this process, and ends with it. */
  readonly isOwn: boolean
  /** Rejects when it cannot go on; a worker elsewhere is noticed by its answers. */
  readonly failed: Promise<never>
}

/** Where the own worker keeps its data and its log: where `tailrace worker` has them. */
const DATA_DIR = '.tailrace/worker'
const LOG_FILE = '.tailrace/worker.log'

/**
 * The worker that answers at `url`; where none does and the user named none, one is started in this process.
 * Throws `cli.worker-unreachable`.
 */
export async function findOrStartWorker(
  { url, isNamed, dataDir = DATA_DIR, version }: WorkerChoice,
  signal: AbortSignal,
  closers: Closers,
): Promise<MirrorWorker> {
  const failed = Promise.withResolvers<never>()
  failed.promise.catch(() => {})
  try {
    await request(url, 'GET', '/')
    return { url, isOwn: false, failed: failed.promise }
  } catch (error) {
    if (isNamed || !(error instanceof ConnectError && error.code === 'cli.worker-unreachable')) throw error
  }
  const { port } = new URL(url)
  const worker = await startWorker({
    properties: { listeners: `http://127.0.0.1:${port}`, 'data.dir': dataDir },
    version,
    logger: createLogger(LOG_FILE),
    logFile: LOG_FILE,
    signal,
  })
  closers.push(() => worker.close())
  void worker.failed.then(failed.reject)
  return { url: worker.url, isOwn: true, failed: failed.promise }
}

export interface WorkerChoice {
  readonly url: string
  /** By `--url` or `TAILRACE_URL`. */
  readonly isNamed: boolean
  readonly dataDir?: string
  readonly version: string
}
