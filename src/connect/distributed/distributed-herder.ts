import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConflictError, describeError, NotFoundError } from '../../api/errors.ts'
import type { Log, TopicDescription } from '../../log/log.ts'
import { requireTopicTracking } from '../active-topics.ts'
import { ConfigAdmission } from '../config/config-admission.ts'
import { notStopped, offsetsChange, onConnectorOffsets, type ConnectorOffsets } from '../connector-offsets.ts'
import type {
  ConnectorInfo,
  ConnectorStatus,
  Herder,
  OffsetEntry,
  TargetState,
  TaskId,
  TaskMeters,
  TaskStatus,
} from '../herder.ts'
import { Explorer } from '../explore/explorer.ts'
import { BEAT_MS } from '../reindex/reindex-record.ts'
import { isFresh, Reindexings } from '../reindex/reindexings.ts'
import { Verifications } from '../verify/verifications.ts'
import type { StartupCounts } from '../startup-counts.ts'
import type { StoredConfigs } from '../config/stored-configs.ts'
import type { WorkerParts } from '../worker-parts.ts'
import type { AssignedWork } from './assigned-work.ts'
import type { ConfigStore } from './config-store.ts'
import type { ConfiguredConnector } from './configured-connectors.ts'
import type { GroupMember } from './group-member.ts'
import { RequestTargetError } from './group-requests.ts'
import { restartedStatus, sharedStatus } from './shared-status.ts'
import type { StatusStore } from './status-store.ts'
import type { ZombieFencing } from './zombie-fencing.ts'

export interface DistributedHerderParts extends WorkerParts {
  readonly workerId: string
  readonly kafkaClusterId: string
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly work: AssignedWork
  readonly group: GroupMember
  /** Null: source tasks write without transactions. */
  readonly fencing: ZombieFencing | null
}

const SET_CONFIGS = 'Only the leader can set connector configs.'

/**
 * The herder of a worker that shares the connectors with others. Everybody answers questions from the shared topics; what
 * changes something is for the leader to write, or for the worker that has the connector or task: whoever else is asked
 * throws `RequestTargetError`, which says where to ask.
 */
export class DistributedHerder implements Herder {
  readonly log: Log
  readonly kafkaClusterId: string
  readonly version: string
  readonly commit: string
  readonly group: GroupMember
  readonly startups: StartupCounts
  readonly #parts: DistributedHerderParts
  readonly admission: ConfigAdmission
  readonly explorer: Explorer
  readonly verifications: Verifications
  readonly reindexings: Reindexings
  readonly #closing = new AbortController()
  #adoption: NodeJS.Timeout | undefined
  #closed: Promise<void> | null = null

  constructor(parts: DistributedHerderParts) {
    this.#parts = parts
    const { configs, group } = parts
    const stored: StoredConfigs = {
      names: () => configs.names(),
      get: (name) => configs.get(name)?.config,
    }
    this.admission = new ConfigAdmission(parts, stored, this.#closing.signal)
    this.explorer = new Explorer(parts, stored)
    this.verifications = new Verifications(parts, stored)
    this.reindexings = new Reindexings({
      ...parts,
      stored,
      requireOurs: () => requireLeader(group),
      status: (name) => this.connectorStatus(name),
      target: (name) => this.#get(name).target,
      setTarget: (name, target) => this.setTargetState(name, target),
    })
    this.log = parts.log
    this.group = group
    this.kafkaClusterId = parts.kafkaClusterId
    this.version = parts.version
    this.commit = parts.commit
    this.startups = parts.startups
  }

  connectors(): readonly string[] {
    return this.#parts.configs.names()
  }

  connectorInfo(name: string): ConnectorInfo {
    const { config, taskConfigs } = this.#get(name)
    const tasks = taskConfigs.map((_, task) => ({ connector: name, task }))
    return { name, config: this.#parts.mask.masked(config), tasks, type: this.#typeOf(config) }
  }

  connectorStatus(name: string): ConnectorStatus {
    const { workerId, work } = this.#parts
    const status = this.#sharedStatus(name)
    const tasks = status.tasks.map((task): TaskStatus => {
      if (task.workerId !== workerId) return task
      // What the group was told of it may be a moment old.
      const { waitsFor: _waitsFor, restarts: _restarts, failure: _failure, ...shared } = task
      return { ...shared, ...work.details({ connector: name, task: task.id }) }
    })
    return { ...status, tasks }
  }

  taskConfigs(name: string): readonly { readonly id: TaskId; readonly config: ConnectorConfig }[] {
    const { mask } = this.#parts
    return this.#get(name).taskConfigs.map((config, task) => ({
      id: { connector: name, task },
      config: mask.masked(config),
    }))
  }

  /** Of those that run here. */
  taskMeters(name: string): readonly TaskMeters[] {
    return this.#parts.work.meters(name)
  }

  isHere(of: string | TaskId): boolean {
    const { work } = this.#parts
    return typeof of === 'string' ? work.hasConnector(of) : work.hasTask(of)
  }

  async putConnectorConfig(
    name: string,
    posted: ConnectorConfig,
    {
      mode,
      initialState,
    }: { readonly mode: 'create' | 'createOrUpdate'; readonly initialState?: TargetState },
  ): Promise<{ readonly created: boolean; readonly info: ConnectorInfo }> {
    const { configs } = this.#parts
    await this.group.requireLeader(SET_CONFIGS)
    const config = await this.admission.admit(name, posted)
    return this.group.asLeader(SET_CONFIGS, async () => {
      const exists = configs.get(name) !== undefined
      if (exists && mode === 'create') {
        throw new ConflictError('connect.connector-exists', `Connector ${name} already exists`)
      }
      await configs.putConnector(name, config, exists ? undefined : initialState)
      return { created: !exists, info: this.connectorInfo(name) }
    })
  }

  async patchConnectorConfig(name: string, patch: ConnectorConfig): Promise<ConnectorInfo> {
    // The leader knows best what is patched.
    await this.group.requireLeader(SET_CONFIGS)
    const merged = { ...this.#get(name).config, ...patch }
    const config = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
    return (await this.putConnectorConfig(name, config, { mode: 'createOrUpdate' })).info
  }

  deleteConnector(name: string): Promise<void> {
    return this.group.asLeader('Only the leader can delete connector configs.', async () => {
      this.#get(name)
      await this.#parts.configs.removeConnector(name)
      this.#parts.statuses.forget(name)
    })
  }

  async setTargetState(name: string, target: TargetState): Promise<void> {
    const { configs } = this.#parts
    this.#get(name, `Unknown connector ${name}`)
    // Everybody may pause and resume; who stops a connector takes its tasks away.
    if (target !== 'STOPPED') return configs.putTarget(name, target)
    await this.group.asLeader('Only the leader can transition connectors to the STOPPED state.', async () => {
      this.#get(name, `Unknown connector ${name}`)
      await configs.putTaskConfigs(name, [])
      await configs.putTarget(name, 'STOPPED')
    })
  }

  async restartConnector(
    name: string,
    options: { readonly includeTasks: boolean; readonly onlyFailed: boolean },
  ): Promise<ConnectorStatus> {
    const { work, configs } = this.#parts
    const unknown = `Unknown connector: ${name}`
    await this.group.untilShared()
    this.#get(name, unknown)
    if (!options.includeTasks && !options.onlyFailed) {
      if (!work.hasConnector(name)) {
        throw this.#elsewhere('Cannot restart connector since it is not assigned to this member', name)
      }
      work.restartConnector(name)
      return restartedStatus(this.#sharedStatus(name), options)
    }
    return this.group.asLeader('Only the leader can process restart requests.', async () => {
      this.#get(name, unknown)
      const status = restartedStatus(this.#sharedStatus(name), options)
      await configs.putRestart({ connector: name, ...options })
      return status
    })
  }

  async restartTask(id: TaskId): Promise<void> {
    const { work } = this.#parts
    await this.group.untilShared()
    const connector = this.#get(id.connector, `Unknown connector: ${id.connector}`)
    if (id.task < 0 || id.task >= connector.taskConfigs.length) {
      throw new NotFoundError('connect.task-unknown', `Unknown task: ${id.connector}-${id.task}`)
    }
    if (!work.hasTask(id)) {
      throw this.#elsewhere('Cannot restart task since it is not assigned to this member', id)
    }
    work.restartTask(id)
  }

  async connectorOffsets(name: string): Promise<readonly OffsetEntry[]> {
    return this.#onOffsets(name, (stored) => stored.read())
  }

  async alterConnectorOffsets(name: string, offsets: readonly OffsetEntry[]): Promise<string> {
    return this.#changeOffsets(name, offsets)
  }

  async resetConnectorOffsets(name: string): Promise<string> {
    return this.#changeOffsets(name, null)
  }

  connectorTopics(name: string): readonly string[] {
    requireTopicTracking(this.#parts.worker, 'read')
    return this.#parts.statuses.topics(name)
  }

  async resetConnectorTopics(name: string): Promise<void> {
    requireTopicTracking(this.#parts.worker, 'reset')
    this.#parts.statuses.forgetTopics(name)
    await this.#parts.statuses.flush()
    await this.#parts.statuses.readToEnd()
  }

  /** The work was shared out anew. A worker that was about a reindexing may be gone: the leader goes on with it. */
  adoptJobs(): void {
    clearTimeout(this.#adoption)
    this.#adoption = setTimeout(() => {
      if (!this.group.isLeader) return
      this.reindexings
        .recover((record) => !isFresh(record))
        .catch((error: unknown) => {
          this.#parts.logger.warn(
            { err: error },
            'What workers that are gone left half done could not be read',
          )
        })
    }, BEAT_MS + 1000).unref()
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
    clearTimeout(this.#adoption)
    await this.verifications.close()
    await this.reindexings.close()
    const { work, statuses, configs, pool, logger } = this.#parts
    await this.group.close(async () => {
      await work.close()
      await statuses.flush()
    })
    for (const one of [statuses, configs, pool]) {
      await one.close().catch((error: unknown) => {
        logger.warn({ error: describeError(error) }, 'A part of the worker did not close in good order')
      })
    }
  }

  async #changeOffsets(name: string, entries: readonly OffsetEntry[] | null): Promise<string> {
    const { configs, fencing, catalogue } = this.#parts
    return this.group.asLeader(
      'Only the leader can process external offsets modification requests',
      async () => {
        await configs.readToEnd()
        const { config, target, taskConfigs } = this.#get(name)
        if (target !== 'STOPPED' || taskConfigs.length > 0) throw notStopped(name)
        await this.group.untilStopped(name)
        if (this.#typeOf(config) === 'source') await fencing?.fence(name)
        const plugin = await catalogue.loadConnector(config['connector.class'] ?? '')
        const { perform, answer } = offsetsChange(plugin, config, entries)
        await this.#onOffsets(name, perform)
        return answer
      },
    )
  }

  #onOffsets<T>(name: string, work: (stored: ConnectorOffsets) => Promise<T>): Promise<T> {
    const { config } = this.#get(name)
    const resolved = () => this.#parts.resolver.resolve(config).config
    return onConnectorOffsets(this.log, { name, type: this.#typeOf(config), config, resolved }, work)
  }

  #elsewhere(refusal: string, of: string | TaskId): RequestTargetError {
    const { group } = this
    return new RequestTargetError(refusal, group.isLeader ? group.ownerUrl(of) : group.leaderUrl)
  }

  #sharedStatus(name: string): ConnectorStatus {
    const connector = this.#get(name, `No status found for connector ${name}`)
    return sharedStatus(connector, this.#parts.statuses, this.#typeOf(connector.config))
  }

  #typeOf(config: ConnectorConfig): ConnectorInfo['type'] {
    const entry = this.#parts.catalogue.find(config['connector.class'] ?? '', 'source', 'sink')
    return entry === null ? 'unknown' : (entry.type as 'source' | 'sink')
  }

  #get(name: string, message = `Connector ${name} not found`): ConfiguredConnector {
    const connector = this.#parts.configs.get(name)
    if (connector === undefined) throw new NotFoundError('connect.connector-unknown', message)
    return connector
  }
}

function requireLeader({ isLeader, leaderUrl }: GroupMember): void {
  if (!isLeader) throw new RequestTargetError('Only the leader can reindex connectors.', leaderUrl)
}
