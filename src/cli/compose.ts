import { extname, resolve } from 'node:path'
import { Worker, type MessagePort } from 'node:worker_threads'
import type { Logger } from 'pino'
import { allowHosts } from '../api/allowed-hosts.ts'
import type { ConnectorConfig } from '../api/config-def.ts'
import type { ConnectError } from '../api/errors.ts'
import { createHerder } from '../connect/create-herder.ts'
import type { GroupOptions } from '../connect/distributed/create-distributed-herder.ts'
import { workerRequests, type AskWorker } from '../connect/distributed/worker-requests.ts'
import type { Herder } from '../connect/herder.ts'
import type { StartTaskThread } from '../connect/task/task-thread-pool.ts'
import type { WorkerPartsOptions } from '../connect/worker-parts.ts'
import { openTracing } from '../connect/tracing/worker-tracing.ts'
import { tracingSettings } from '../connect/tracing/tracing-settings.ts'
import { moduleEntries, readPluginModules } from '../connect/plugin-modules/plugin-modules.ts'
import { ignoredProperties, requireConverters } from '../connect/config/worker-check.ts'
import { parseWorkerConfig, type WorkerConfig } from '../connect/config/worker-config.ts'
import type { BackUp } from '../log/backup.ts'
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts'
import type { KafkaLogDescription } from '../log/kafka/kafka-log-description.ts'
import type { Log } from '../log/log.ts'
import type { SharedTopicOptions } from '../log/shared-topic.ts'
import { loadRestAccess } from '../rest/access/rest-access.ts'
import { isOnNetwork, urlOf } from '../rest/listener/listener-address.ts'
import { isTlsProperty, workerClientTls } from '../rest/listener/listener-tls.ts'
import { workerListeners } from '../rest/listener/worker-listeners.ts'
import { RestServer } from '../rest/rest-server.ts'
import { builtInPlugins } from './catalogue.ts'
import { advertisedAddress, groupOptions, isGroupProperty } from './group-properties.ts'
import { isKafkaProperty, kafkaDescription } from './kafka-properties.ts'
import type { TaskThreadData, TaskThreadLog } from './task-thread.ts'

export interface WorkerOptions {
  /** Worker properties, `data.dir` among them. */
  readonly properties: ConnectorConfig
  readonly version: string
  readonly logger: Logger
  /** Aborted: a worker that still waits for its Kafka cluster gives up. */
  readonly signal?: AbortSignal
  /** Where the task threads log; standard error by default. */
  readonly logFile?: string
}

export interface RunningWorker {
  readonly url: string
  /** Whether other machines can reach it. */
  readonly isOnNetwork: boolean
  /** Where its records are: a directory, or a Kafka cluster. */
  readonly place: string
  /** Resolves when the worker cannot go on: its log has failed. */
  readonly failed: Promise<ConnectError>
  /** Stops connectors and tasks, then the API, then the log. May come twice. */
  close(): Promise<void>
}

/** The Kafka Connect version whose behaviour this worker has; clients look at it. */
const CONNECT_VERSION = '4.3.1'

/** A sink needs topics, so a worker with a log of its own begins with a source; most begin with this one. */
const FIRST_CONNECTOR = 'io.debezium.connector.postgresql.PostgresConnector'

/** Puts the rooms together: the log, herder with its task threads, REST API. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { properties, version, logger } = options
  const worker = parseWorkerConfig(properties)
  const kafka = kafkaDescription(worker.properties)
  const group = kafka === null ? null : groupOptions(worker.properties)
  const plugins = await readPluginModules(worker.options.plugins, {
    directory: process.cwd(),
    taken: builtInPlugins,
    logger,
  })
  const catalogue = [...builtInPlugins, ...moduleEntries(plugins)]
  requireConverters(worker, catalogue)
  const access = await loadRestAccess(worker)
  const mayBeOnNetwork = access.credentials !== null || worker.options['rest.allow.unprotected']
  const listeners = workerListeners(worker, mayBeOnNetwork)
  const ignored = ignoredProperties(worker)
    .filter((name) => kafka === null || !(isKafkaProperty(name) || isGroupProperty(name)))
    .filter((name) => !isTlsProperty(name))
  if (ignored.length > 0) {
    logger.warn({ properties: ignored }, 'These worker properties mean nothing here and are ignored')
  }
  const { advertised, all } = listeners
  const allowedHosts = worker.options['connector.allowed.hosts']
  // Configurations are tried in this thread, and tasks run in others.
  allowHosts(allowedHosts)
  const tracingTo = tracingSettings(worker, process.env)
  const opened = await (kafka === null ? openOwnLog(worker, logger) : openLogOnKafka(kafka, options))
  const closers: (() => Promise<void>)[] = [() => opened.log.close()]
  let closing: Promise<void> | undefined
  const close = () => (closing ??= closeAll(closers))
  try {
    const tracing = tracingTo === null ? null : await openTracing(tracingTo, { version, logger })
    if (tracing !== null) closers.push(() => tracing.close())
    const parts: WorkerPartsOptions = {
      log: opened.log,
      catalogue,
      worker,
      startTaskThread: taskThreads(opened, options, {
        plugins,
        tracedShare: tracingTo?.share ?? null,
        allowedHosts,
      }),
      tracing,
      logger,
      version: CONNECT_VERSION,
      commit: version,
    }
    const known = advertisedAddress(worker.options, advertised)
    const workerId = `${known.host}:${known.port}`
    const ask = workerRequests(() => workerClientTls(worker.properties))
    const { herder, join } = await opened.createHerder(parts, { workerId, group, ask })
    closers.push(() => herder.close())
    const rest = new RestServer({
      herder,
      logger,
      access,
      ask,
      backUp: opened.backUp,
      tracer: tracing?.tracer ?? null,
      stalledAfterMs: Number(worker.options['health.stalled.after.ms']),
    })
    closers.push(() => rest.close())
    const port = await rest.listen(advertised)
    for (const listener of all) if (listener !== advertised) await rest.listen(listener)
    // Now that it answers: others will ask it as soon as it is one of them.
    await join(`${urlOf(advertisedAddress(worker.options, { ...advertised, port }))}/`)
    return {
      url: urlOf({ ...advertised, port }),
      isOnNetwork: all.some(isOnNetwork),
      place: opened.place,
      failed: opened.failed,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A log, and how a thread gets to it. */
interface OpenedLog {
  readonly log: Log
  readonly place: string
  readonly failed: Promise<ConnectError>
  readonly backUp: BackUp | null
  forThread(): { readonly log: TaskThreadLog; readonly transferList: readonly MessagePort[] }
  /** The herder of a worker on its own, or of one of a group, which is then to join it. */
  createHerder(
    parts: WorkerPartsOptions,
    as: { readonly workerId: string; readonly group: GroupOptions | null; readonly ask: AskWorker },
  ): Promise<{ readonly herder: Herder; readonly join: (workerUrl: string) => Promise<void> }>
}

async function openOwnLog({ options }: WorkerConfig, logger: Logger): Promise<OpenedLog> {
  const log = await openEmbeddedLog({ dataDir: resolve(options['data.dir'] ?? '.tailrace/worker'), logger })
  const { dataDir, failed, backUp } = log
  return {
    log,
    place: dataDir,
    failed,
    backUp,
    forThread() {
      const port = log.connect()
      return { log: { kind: 'embedded', port, dataDir }, transferList: [port] }
    },
    async createHerder(parts, { workerId }) {
      const herder = await createHerder({ ...parts, workerId })
      return { herder, join: async () => herder.expect(FIRST_CONNECTOR) }
    },
  }
}

async function openLogOnKafka(
  description: KafkaLogDescription,
  { logger, signal = new AbortController().signal }: WorkerOptions,
): Promise<OpenedLog> {
  // Loaded here: without Kafka nobody shall pay for its client's memory.
  const [{ openKafkaLog }, { kafkaGroups }, { createDistributedHerder }] = await Promise.all([
    import('../log/kafka/kafka-log.ts'),
    import('../log/kafka/group/group-membership.ts'),
    import('../connect/distributed/create-distributed-herder.ts'),
  ])
  const log = await openKafkaLog(description, {
    signal,
    onWait: ({ message }) => logger.warn({ error: message }, 'The worker waits until a Kafka broker answers'),
  })
  return {
    log,
    place: `Kafka at ${description.bootstrapServers.join(',')}`,
    // Brokers come back; whoever needs them meanwhile fails and is started again.
    failed: new Promise(() => undefined),
    backUp: null,
    forThread: () => ({ log: { kind: 'kafka', description }, transferList: [] }),
    async createHerder(parts, { workerId, group, ask }) {
      const groupLog = {
        openSharedTopic: (topic: SharedTopicOptions) => log.openSharedTopic(topic),
        openGroupMembership: kafkaGroups(description),
      }
      const kafkaClusterId = await log.clusterId()
      return createDistributedHerder({ ...parts, workerId, kafkaClusterId, group: group!, groupLog, ask })
    },
  }
}

function taskThreads(
  opened: OpenedLog,
  { logFile }: WorkerOptions,
  given: Pick<TaskThreadData, 'plugins' | 'tracedShare' | 'allowedHosts'>,
): StartTaskThread {
  // In development this file is .ts, in dist it is .js, and so is the thread's.
  const entry = new URL(`./task-thread${extname(import.meta.url)}`, import.meta.url)
  return (port, { name, resourceLimits }) => {
    const { log, transferList } = opened.forThread()
    const workerData: TaskThreadData = { port, log, logFile, ...given }
    return new Worker(entry, { workerData, transferList: [port, ...transferList], name, resourceLimits })
  }
}

/** The last one first. */
async function closeAll(closers: readonly (() => Promise<void>)[]): Promise<void> {
  for (const close of closers.toReversed()) await close()
}
