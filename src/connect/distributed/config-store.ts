import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConflictError, ConnectError, describeError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { OpenSharedTopic, SharedRecord, SharedTopic, SharedTopicShape } from '../../log/shared-topic.ts'
import type { TargetState } from '../herder.ts'
import {
  configEntry,
  parseConfigRecord,
  type ConfigRecord,
  type RestartRequest,
  type SessionKey,
} from './config-records.ts'
import { ConfiguredConnectors, type ConfigChange, type ConfiguredConnector } from './configured-connectors.ts'
import type { ConfigSnapshot } from './worker-assignment.ts'

/** Told of what is read once the store is open, in the order of the topic. */
export interface ConfigListener {
  onConnector(name: string, change: NonNullable<ConfigChange>): void
  onRestart(request: RestartRequest): void
  onLoggerLevel(namespace: string, level: string): void
  /** Another worker leads the group: this one has missed it. */
  onFenced(): void
}

export interface ConfigStoreOptions {
  readonly openTopic: OpenSharedTopic
  readonly topic: SharedTopicShape
  /** Given: what the leader writes is committed in transactions, and a leader of before cannot write any more. */
  readonly writerId?: string
  readonly listener: ConfigListener
  readonly logger: TaskLogger
}

/**
 * Kafka Connect's config topic: every worker follows it, and acts on what it says. Only the group's leader writes, but
 * for target states and logger levels. What was written has been read again when a write resolves.
 */
export class ConfigStore {
  readonly #options: ConfigStoreOptions
  readonly #connectors = new ConfiguredConnectors()
  #topic: SharedTopic | null = null
  #offset = -1n
  #sessionKey: SessionKey | null = null
  /** Null: this worker does not lead. */
  #claimed: Promise<void> | null = null
  /** Before that, what is read are old wishes: nobody is to be restarted for them. */
  #isOpen = false

  private constructor(options: ConfigStoreOptions) {
    this.#options = options
  }

  static async open(options: ConfigStoreOptions): Promise<ConfigStore> {
    const store = new ConfigStore(options)
    const { openTopic, topic, logger, writerId } = options
    store.#topic = await openTopic({
      topic,
      ...(writerId === undefined ? {} : { writerId }),
      onRecord: (record) => store.#read(record),
      onFailure: (error) =>
        logger.error({ topic: topic.name, error: describeError(error) }, 'The config topic cannot be read'),
    })
    store.#isOpen = true
    return store
  }

  /** One after the last record that was read; -1: none was. */
  get offset(): bigint {
    return this.#offset
  }

  get sessionKey(): SessionKey | null {
    return this.#sessionKey
  }

  get(name: string): ConfiguredConnector | undefined {
    return this.#connectors.get(name)
  }

  /** In order of name. */
  names(): readonly string[] {
    return this.#connectors.names()
  }

  snapshot(): ConfigSnapshot {
    return { offset: this.#offset, connectors: this.#connectors.tasks() }
  }

  readToEnd(): Promise<void> {
    return this.#topic!.readToEnd()
  }

  /** This worker leads from now on: who did before cannot write any more. */
  claim(): Promise<void> {
    this.#claimed ??= this.#topic!.claim().catch((error: unknown) => {
      this.#claimed = null
      throw error
    })
    return this.#claimed
  }

  /** Another worker leads. */
  release(): void {
    this.#claimed = null
  }

  /** @param target left out: as it is, or STARTED */
  async putConnector(connector: string, config: ConnectorConfig, target?: TargetState): Promise<void> {
    await this.#writeAsLeader([
      ...(target === undefined ? [] : [{ kind: 'target', connector, target } as const]),
      { kind: 'connector', connector, config },
    ])
  }

  async removeConnector(connector: string): Promise<void> {
    await this.#writeAsLeader([
      { kind: 'connector', connector, config: null },
      { kind: 'target', connector, target: null },
    ])
  }

  async putTarget(connector: string, target: TargetState): Promise<void> {
    await this.#write([{ kind: 'target', connector, target }])
  }

  async putTaskConfigs(connector: string, configs: readonly ConnectorConfig[]): Promise<void> {
    const tasks = configs.map((config, task) => ({ kind: 'task', id: { connector, task }, config }) as const)
    await this.#writeAsLeader([...tasks, { kind: 'commit', connector, taskCount: configs.length }])
  }

  async putFencedTaskCount(connector: string, taskCount: number): Promise<void> {
    await this.#writeAsLeader([{ kind: 'fencing', connector, taskCount }])
  }

  async putSessionKey(sessionKey: SessionKey): Promise<void> {
    await this.#writeAsLeader([{ kind: 'session-key', sessionKey }])
  }

  async putRestart(request: RestartRequest): Promise<void> {
    await this.#writeAsLeader([{ kind: 'restart', request }])
  }

  async putLoggerLevel(namespace: string, level: string): Promise<void> {
    await this.#write([{ kind: 'logger', namespace, level }])
  }

  async close(): Promise<void> {
    await this.#topic?.close()
  }

  async #writeAsLeader(records: readonly ConfigRecord[]): Promise<void> {
    const { writerId, listener } = this.#options
    try {
      if (writerId !== undefined && this.#claimed === null) throw notLeading()
      await this.#claimed
      await this.#topic!.writeClaimed(records.map(configEntry))
    } catch (error) {
      if (!(error instanceof ConnectError) || (error.code as string) !== 'log.producer-fenced') throw error
      this.#claimed = null
      listener.onFenced()
      throw notLeading()
    }
    await this.#topic!.readToEnd()
  }

  async #write(records: readonly ConfigRecord[]): Promise<void> {
    await this.#topic!.write(records.map(configEntry))
    await this.#topic!.readToEnd()
  }

  #read({ key, value, offset }: SharedRecord): void {
    const { listener, logger, topic } = this.#options
    this.#offset = offset + 1n
    let record: ConfigRecord
    try {
      record = parseConfigRecord(key, value)
    } catch (error) {
      logger.warn(
        { topic: topic.name, offset: String(offset), key, problem: describeError(error) },
        'A record of the config topic cannot be read and is skipped',
      )
      return
    }
    if (record.kind === 'session-key') this.#sessionKey = record.sessionKey
    const change = this.#connectors.apply(record, offset)
    if (!this.#isOpen) return
    if (change !== null) listener.onConnector(nameOf(record), change)
    if (record.kind === 'restart') listener.onRestart(record.request)
    if (record.kind === 'logger') listener.onLoggerLevel(record.namespace, record.level)
  }
}

function notLeading(): ConflictError {
  return new ConflictError(
    'connect.group-rebalancing',
    'Cannot complete request because of a conflicting operation (e.g. worker rebalance)',
  )
}

function nameOf(record: ConfigRecord): string {
  if ('connector' in record) return record.connector
  return record.kind === 'task' ? record.id.connector : ''
}
