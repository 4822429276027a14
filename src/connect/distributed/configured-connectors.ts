import type { ConnectorConfig } from '../../api/config-def.ts'
import type { TargetState, TaskId } from '../herder.ts'
import type { ConfigRecord } from './config-records.ts'

/** A connector as the config topic has it. Another object after each change. */
export interface ConfiguredConnector {
  readonly name: string
  /** The same object until the next record of it, even if that says the same. */
  readonly config: ConnectorConfig
  readonly target: TargetState
  /** One a task, as committed last. */
  readonly taskConfigs: readonly ConnectorConfig[]
  /** Which commit that was; -1: none yet. */
  readonly taskGeneration: bigint
  /** The connector's configuration at that commit. */
  readonly appliedConfig: ConnectorConfig | null
  /** Task configurations that were committed are missing, so there are none; the connector has to make them anew. */
  readonly isInconsistent: boolean
  /** How many tasks may have transactions of before; null: none had ever. */
  readonly fencedTaskCount: number | null
  /** The tasks of this generation must not start before those of earlier ones are fenced off. */
  readonly isFencingPending: boolean
}

/** What a record may have changed. */
export type ConfigChange = 'connector' | 'removed' | 'target' | 'tasks' | 'fencing' | null

/** The connectors of the config topic, brought about by its records in their order. */
export class ConfiguredConnectors {
  readonly #connectors = new Map<string, ConfiguredConnector>()
  /** Also those of connectors whose configuration comes later. */
  readonly #targets = new Map<string, TargetState>()
  /** Task configurations that count from their commit on. */
  readonly #uncommitted = new Map<string, Map<number, ConnectorConfig>>()
  readonly #fencedTaskCounts = new Map<string, number>()

  get(name: string): ConfiguredConnector | undefined {
    return this.#connectors.get(name)
  }

  /** In order of name. */
  names(): readonly string[] {
    return [...this.#connectors.keys()].sort()
  }

  /** The tasks of each connector. */
  tasks(): ReadonlyMap<string, readonly TaskId[]> {
    return new Map(
      [...this.#connectors.values()].map(({ name, taskConfigs }) => [
        name,
        taskConfigs.map((_, task) => ({ connector: name, task })),
      ]),
    )
  }

  apply(record: ConfigRecord, offset: bigint): ConfigChange {
    switch (record.kind) {
      case 'connector':
        return record.config === null
          ? this.#remove(record.connector)
          : this.#configure(record.connector, record.config)
      case 'target':
        return this.#aim(record.connector, record.target)
      case 'task': {
        const { connector, task } = record.id
        let configs = this.#uncommitted.get(connector)
        if (configs === undefined) this.#uncommitted.set(connector, (configs = new Map()))
        configs.set(task, record.config)
        return null
      }
      case 'commit':
        return this.#commit(record.connector, record.taskCount, offset)
      case 'fencing': {
        this.#fencedTaskCounts.set(record.connector, record.taskCount)
        const fencedTaskCount = record.taskCount
        return this.#change(record.connector, { fencedTaskCount, isFencingPending: false }) ? 'fencing' : null
      }
      case 'session-key':
      case 'restart':
      case 'logger':
        return null
    }
  }

  #configure(name: string, config: ConnectorConfig): ConfigChange {
    if (this.#change(name, { config })) return 'connector'
    this.#connectors.set(name, {
      name,
      config,
      target: this.#targets.get(name) ?? 'STARTED',
      taskConfigs: [],
      taskGeneration: -1n,
      appliedConfig: null,
      isInconsistent: false,
      fencedTaskCount: this.#fencedTaskCounts.get(name) ?? null,
      isFencingPending: false,
    })
    return 'connector'
  }

  #remove(name: string): ConfigChange {
    this.#uncommitted.delete(name)
    return this.#connectors.delete(name) ? 'removed' : null
  }

  #aim(name: string, target: TargetState | null): ConfigChange {
    if (target === null) this.#targets.delete(name)
    else this.#targets.set(name, target)
    const next = target ?? 'STARTED'
    if (this.#connectors.get(name)?.target === next) return null
    return this.#change(name, { target: next }) ? 'target' : null
  }

  /** Compaction may have left a commit without its connector, or without its task configurations. */
  #commit(name: string, count: number, offset: bigint): ConfigChange {
    const connector = this.#connectors.get(name)
    const configs = this.#uncommitted.get(name)
    this.#uncommitted.delete(name)
    if (connector === undefined) return null
    const committed = Array.from({ length: count }, (_, task) => configs?.get(task))
    const isInconsistent = committed.includes(undefined)
    this.#change(name, {
      taskConfigs: isInconsistent ? [] : (committed as ConnectorConfig[]),
      taskGeneration: offset,
      appliedConfig: connector.config,
      isInconsistent,
      isFencingPending: true,
    })
    return 'tasks'
  }

  #change(name: string, change: Partial<ConfiguredConnector>): boolean {
    const connector = this.#connectors.get(name)
    if (connector === undefined) return false
    this.#connectors.set(name, { ...connector, ...change })
    return true
  }
}
