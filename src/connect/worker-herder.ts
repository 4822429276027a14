import type { ConnectorConfig } from '../api/config-def.ts'
import { ConflictError, NotFoundError } from '../api/errors.ts'
import type { Log, TopicDescription } from '../log/log.ts'
import { requireTopicTracking, type ActiveTopics } from './active-topics.ts'
import { ConfigAdmission } from './config/config-admission.ts'
import { notStopped, offsetsChange, onConnectorOffsets, type ConnectorOffsets } from './connector-offsets.ts'
import type { ConnectorStore, StoredConnector } from './connector-store.ts'
import { ConnectorSupervisor, hasTasksWhen } from './connector-supervisor.ts'
import type {
  ConnectorInfo,
  ConnectorStatus,
  Herder,
  OffsetEntry,
  TargetState,
  TaskId,
  TaskMeters,
} from './herder.ts'
import { Reindexings } from './reindex/reindexings.ts'
import { isSameConfig } from './config/same-config.ts'
import type { StartupCounts } from './startup-counts.ts'
import type { StoredConfigs } from './config/stored-configs.ts'
import { Explorer } from './explore/explorer.ts'
import { Verifications } from './verify/verifications.ts'
import type { WorkerParts } from './worker-parts.ts'

export interface WorkerHerderParts extends WorkerParts {
  readonly workerId: string
  readonly store: ConnectorStore
  readonly activeTopics: ActiveTopics
  readonly kafkaClusterId: string
}

/** The herder of a worker on its own: every connector is its. */
export class WorkerHerder implements Herder {
  readonly log: Log
  readonly kafkaClusterId: string
  readonly version: string
  readonly commit: string
  readonly group = null
  readonly startups: StartupCounts
  readonly #parts: WorkerHerderParts
  readonly admission: ConfigAdmission
  readonly explorer: Explorer
  readonly verifications: Verifications
  readonly reindexings: Reindexings
  readonly #connectors = new Map<string, ConnectorSupervisor>()
  /** Deleted connectors whose tasks are still ending. */
  readonly #leaving = new Map<string, Promise<void>>()
  /** Offsets that are being changed, by connector. Never rejects. */
  readonly #altering = new Map<string, Promise<void>>()
  /** Names of connectors that the log is just writing. */
  readonly #creating = new Set<string>()
  readonly #closing = new AbortController()
  #runs = 0
  #closed: Promise<void> | null = null

  constructor(parts: WorkerHerderParts) {
    this.#parts = parts
    const stored: StoredConfigs = {
      names: () => this.connectors(),
      get: (name) => this.#connectors.get(name)?.config,
    }
    this.admission = new ConfigAdmission(parts, stored, this.#closing.signal)
    this.explorer = new Explorer(parts, stored)
    this.verifications = new Verifications(parts, stored)
    this.reindexings = new Reindexings({
      ...parts,
      stored,
      status: (name) => this.connectorStatus(name),
      target: (name) => this.#get(name).target,
      setTarget: (name, target) => this.setTargetState(name, target),
    })
    this.log = parts.log
    this.kafkaClusterId = parts.kafkaClusterId
    this.version = parts.version
    this.commit = parts.commit
    this.startups = parts.startups
  }

  /** Starts a connector that was stored by an earlier run. */
  recover(stored: StoredConnector): void {
    this.#add(stored).begin()
    void this.#parts.mask.learnFrom(this.#parts.catalogue, stored.config)
  }

  /**
   * Loads the code of the connector that a worker without any will probably get first, here and in a task thread: its
   * first start would take 0.25 s longer. Does nothing where there are connectors, which have loaded what they need.
   */
  expect(className: string): void {
    if (this.#connectors.size > 0) return
    this.#prepare({ 'connector.class': className })
    // Whoever posts such a connector meets what is wrong with it.
    void this.#parts.catalogue.loadConnector(className).catch(() => undefined)
  }

  /** Goes on with what was under way when the worker ended. After the connectors. */
  recoverJobs(): Promise<void> {
    return this.reindexings.recover(() => true)
  }

  connectors(): readonly string[] {
    return [...this.#connectors.keys()].sort()
  }

  connectorInfo(name: string): ConnectorInfo {
    return this.#shown(this.#get(name))
  }

  connectorStatus(name: string): ConnectorStatus {
    return this.#get(name, `No status found for connector ${name}`).status()
  }

  taskConfigs(name: string): readonly { readonly id: TaskId; readonly config: ConnectorConfig }[] {
    const { mask } = this.#parts
    return this.#get(name)
      .taskConfigs()
      .map(({ id, config }) => ({ id, config: mask.masked(config) }))
  }

  taskMeters(name: string): readonly TaskMeters[] {
    return this.#get(name).meters()
  }

  isHere(): boolean {
    return true
  }

  async putConnectorConfig(
    name: string,
    posted: ConnectorConfig,
    {
      mode,
      initialState,
    }: { readonly mode: 'create' | 'createOrUpdate'; readonly initialState?: TargetState },
  ): Promise<{ readonly created: boolean; readonly info: ConnectorInfo }> {
    if (!this.#connectors.has(name) && (initialState ?? 'STARTED') === 'STARTED') this.#prepare(posted)
    const config = await this.admission.admit(name, posted)
    const existing = this.#connectors.get(name)
    if (existing === undefined && !this.#creating.has(name)) return this.#create(name, config, initialState)
    if (existing === undefined || mode === 'create') {
      throw new ConflictError('connect.connector-exists', `Connector ${name} already exists`)
    }
    await this.#parts.store.writeConfig({ name, config })
    if (!isSameConfig(existing.config, config) || existing.state === 'FAILED') existing.configure(config)
    return { created: false, info: this.#shown(existing) }
  }

  async patchConnectorConfig(name: string, patch: ConnectorConfig): Promise<ConnectorInfo> {
    const merged = { ...this.#get(name).config, ...patch }
    const config = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
    return (await this.putConnectorConfig(name, config, { mode: 'createOrUpdate' })).info
  }

  async deleteConnector(name: string): Promise<void> {
    const connector = this.#get(name)
    this.#connectors.delete(name)
    const left = connector.close().finally(() => {
      if (this.#leaving.get(name) === left) this.#leaving.delete(name)
    })
    this.#leaving.set(name, left)
    await this.#parts.store.delete(name)
    await this.#parts.activeTopics.clear(name)
  }

  async setTargetState(name: string, target: TargetState): Promise<void> {
    const connector = this.#get(name, `Unknown connector ${name}`)
    // Tasks that start read offsets as they were changed before.
    await this.#altering.get(name)
    const hasTasks = hasTasksWhen(target, connector.hasTasks)
    await this.#parts.store.writeTarget({ name, target, hasTasks })
    connector.aim(target)
  }

  async restartConnector(
    name: string,
    options: { readonly includeTasks: boolean; readonly onlyFailed: boolean },
  ): Promise<ConnectorStatus> {
    return this.#get(name, `Unknown connector: ${name}`).restart(options)
  }

  async restartTask(id: TaskId): Promise<void> {
    this.#get(id.connector, `Unknown connector: ${id.connector}`).restartTask(id)
  }

  async connectorOffsets(name: string): Promise<readonly OffsetEntry[]> {
    return this.#onOffsets(this.#get(name), (offsets) => offsets.read())
  }

  async alterConnectorOffsets(name: string, offsets: readonly OffsetEntry[]): Promise<string> {
    return this.#changeOffsets(name, offsets)
  }

  async resetConnectorOffsets(name: string): Promise<string> {
    return this.#changeOffsets(name, null)
  }

  connectorTopics(name: string): readonly string[] {
    requireTopicTracking(this.#parts.worker, 'read')
    return this.#parts.activeTopics.topics(name)
  }

  async resetConnectorTopics(name: string): Promise<void> {
    requireTopicTracking(this.#parts.worker, 'reset')
    await this.#parts.activeTopics.clear(name)
    this.#connectors.get(name)?.forgetTopics()
  }

  topics(): Promise<readonly TopicDescription[]> {
    return this.log.listTopics()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    await this.verifications.close()
    await this.reindexings.close()
    const connectors = [...this.#connectors.values()]
    await Promise.all([...connectors.map((connector) => connector.close()), ...this.#leaving.values()])
    await this.#parts.pool.close()
  }

  async #create(
    name: string,
    config: ConnectorConfig,
    target: TargetState = 'STARTED',
  ): Promise<{ readonly created: true; readonly info: ConnectorInfo }> {
    const stored = { name, config, target, hasTasks: hasTasksWhen(target, false) }
    this.#creating.add(name)
    try {
      await this.#parts.store.create(stored)
    } finally {
      this.#creating.delete(name)
    }
    const connector = this.#add(stored)
    const info = this.#shown(connector)
    connector.begin()
    return { created: true, info }
  }

  #add(stored: StoredConnector): ConnectorSupervisor {
    const { pool, logger, catalogue, worker, workerId, resolver, activeTopics, startups, tracer } =
      this.#parts
    const { name } = stored
    const surroundings = {
      pool,
      logger,
      catalogue,
      worker,
      workerId,
      resolver,
      startups,
      tracer,
      stopTimeoutMs: Number(worker.options['task.shutdown.graceful.timeout.ms']),
      nextRun: () => ++this.#runs,
      onTopic: (topic: string, topicId: string | null) => {
        if (!worker.options['topic.tracking.enable']) return
        activeTopics.add(name, topic, topicId).catch((error: unknown) => {
          logger.warn({ err: error, connector: name, topic }, "A connector's topic could not be kept")
        })
      },
      topicIds: () => activeTopics.ids(name),
    }
    const after = this.#leaving.get(name) ?? Promise.resolve()
    const connector = new ConnectorSupervisor(name, stored, { surroundings, after })
    this.#connectors.set(name, connector)
    return connector
  }

  /** Its task will need a thread and its code, unless the configuration is refused. */
  #prepare({ 'connector.class': className }: ConnectorConfig): void {
    const { catalogue, pool } = this.#parts
    const entry = catalogue.find(className ?? '', 'source', 'sink')
    if (entry !== null)
      pool.prepare({ type: entry.type as 'source' | 'sink', connectorClass: entry.className })
  }

  #shown(connector: ConnectorSupervisor): ConnectorInfo {
    const info = connector.info()
    return { ...info, config: this.#parts.mask.masked(info.config) }
  }

  async #changeOffsets(name: string, entries: readonly OffsetEntry[] | null): Promise<string> {
    const connector = this.#getStopped(name)
    const { config } = connector.info()
    const plugin = await this.#parts.catalogue.loadConnector(config['connector.class'] ?? '')
    const { perform, answer } = offsetsChange(plugin, config, entries)
    const altered = this.#onOffsets(connector, perform)
    const ended = altered.catch(() => undefined)
    this.#altering.set(name, ended)
    await altered.finally(() => {
      if (this.#altering.get(name) === ended) this.#altering.delete(name)
    })
    return answer
  }

  #onOffsets<T>(connector: ConnectorSupervisor, work: (stored: ConnectorOffsets) => Promise<T>): Promise<T> {
    const info = connector.info()
    const resolved = () => this.#parts.resolver.resolve(info.config).config
    return onConnectorOffsets(this.log, { ...info, resolved }, work)
  }

  #get(name: string, message = `Connector ${name} not found`): ConnectorSupervisor {
    const connector = this.#connectors.get(name)
    if (connector === undefined) throw new NotFoundError('connect.connector-unknown', message)
    return connector
  }

  #getStopped(name: string): ConnectorSupervisor {
    const connector = this.#get(name)
    if (connector.target === 'STOPPED' && connector.state === 'STOPPED') return connector
    throw notStopped(name)
  }
}
