import { hostname } from 'node:os'
import { extname, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import type { ConnectorConfig } from '../api/config-def.ts'
import { ConfigError, type ConnectError } from '../api/errors.ts'
import { createHerder, type StartTaskThread } from '../connect/create-herder.ts'
import { ignoredProperties, requireConverters } from '../connect/worker-check.ts'
import { parseWorkerConfig, type WorkerConfig } from '../connect/worker-config.ts'
import { openEmbeddedLog, type EmbeddedLog } from '../log/embedded/embedded-log.ts'
import { RestServer } from '../rest/rest-server.ts'
import { builtInPlugins } from './catalogue.ts'
import type { TaskThreadData } from './task-thread.ts'

export interface WorkerOptions {
  /** Worker properties, `data.dir` among them. */
  readonly properties: ConnectorConfig
  readonly version: string
  readonly logger: Logger
  /** Where the task threads log; standard error by default. */
  readonly logFile?: string
}

export interface RunningWorker {
  readonly url: string
  /** Whether other machines can reach it. */
  readonly isOnNetwork: boolean
  /** Resolves when the worker cannot go on: its log has failed. */
  readonly failed: Promise<ConnectError>
  /** Stops connectors and tasks, then the API, then the log. May come twice. */
  close(): Promise<void>
}

/** The Kafka Connect version whose behaviour this worker has; clients look at it. */
const CONNECT_VERSION = '4.3.1'

/** Puts the rooms together: embedded log, herder with its task threads, REST API. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { properties, version, logger } = options
  const worker = parseWorkerConfig(properties)
  const dataDir = resolve(worker.options['data.dir'] ?? '.tailrace/worker')
  const listener = parseListener(worker)
  requireConverters(worker, builtInPlugins)
  const ignored = ignoredProperties(worker)
  if (ignored.length > 0) {
    logger.warn({ properties: ignored }, 'These worker properties mean nothing here and are ignored')
  }
  const log = await openEmbeddedLog({ dataDir, logger })
  const closers: (() => Promise<void>)[] = [() => log.close()]
  let closing: Promise<void> | undefined
  const close = () => (closing ??= closeAll(closers))
  try {
    const herder = await createHerder({
      log,
      catalogue: builtInPlugins,
      worker,
      workerId: workerId(worker, listener),
      startTaskThread: taskThreads(log, options),
      logger,
      version: CONNECT_VERSION,
      commit: version,
    })
    closers.push(() => herder.close())
    const rest = new RestServer({ herder, logger })
    closers.push(() => rest.close())
    const port = await rest.listen(listener)
    const shownHost = listener.host === '::' ? '127.0.0.1' : listener.host
    const host = shownHost.includes(':') ? `[${shownHost}]` : shownHost
    const isOnNetwork = !/^(127\.|::1$|localhost$)/.test(listener.host)
    return { url: `http://${host}:${port}`, isOnNetwork, failed: log.failed, close }
  } catch (error) {
    await close()
    throw error
  }
}

function taskThreads(log: EmbeddedLog, { logFile }: WorkerOptions): StartTaskThread {
  // In development this file is .ts, in dist it is .js, and so is the thread's.
  const entry = new URL(`./task-thread${extname(import.meta.url)}`, import.meta.url)
  return (port, { name, resourceLimits }) => {
    const logPort = log.connect()
    const workerData: TaskThreadData = { port, logPort, dataDir: log.dataDir, logFile }
    return new Worker(entry, { workerData, transferList: [port, logPort], name, resourceLimits })
  }
}

interface Listener {
  readonly host: string
  readonly port: number
}

/** The first listener; `http://:8083` listens on all interfaces. */
function parseListener({ options }: WorkerConfig): Listener {
  const text = options.listeners[0] ?? 'http://:8083'
  const match = /^http:\/\/(?:\[([^\]]+)\]|([^:/]*)):(\d+)\/?$/i.exec(text)
  if (match === null) {
    throw new ConfigError(
      'connect.config-invalid',
      `Invalid value ${text} for configuration listeners: it must be http://HOST:PORT (HTTPS is left to a proxy)`,
    )
  }
  return { host: match[1] ?? (match[2] || '::'), port: Number(match[3]) }
}

function workerId({ options }: WorkerConfig, { host, port }: Listener): string {
  const own = host === '::' || host === '0.0.0.0' ? hostname() : host
  return `${options['rest.advertised.host.name'] ?? own}:${options['rest.advertised.port'] ?? port}`
}

/** The last one first. */
async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.toReversed()) await close()
}
