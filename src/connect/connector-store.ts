import type { ConnectorConfig } from '../api/config-def.ts'
import type { Log, StateEntry } from '../log/log.ts'
import type { TargetState } from './herder.ts'

const CONFIGS = 'connector-config'
const TARGETS = 'connector-target-state'

/** What is kept of a connector. */
export interface StoredConnector {
  readonly name: string
  readonly config: ConnectorConfig
  readonly target: TargetState
  /** False: it was created paused and never ran, so it has no tasks to show. */
  readonly hasTasks: boolean
}

/** The connectors' configurations and wanted states in the log's state. */
export class ConnectorStore {
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  /** In order of name. */
  async readAll(): Promise<readonly StoredConnector[]> {
    const [configs, targets] = await Promise.all([this.#log.readState(CONFIGS), this.#log.readState(TARGETS)])
    const connectors = [...configs].map(([name, text]) => {
      const stored = targets.get(name)
      const target =
        stored === undefined ? null : (JSON.parse(stored) as { state: TargetState; tasks: boolean })
      const config = JSON.parse(text) as ConnectorConfig
      return { name, config, target: target?.state ?? 'STARTED', hasTasks: target?.tasks ?? true } as const
    })
    return connectors.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Durable when it resolves, as all writes here. */
  async create(connector: StoredConnector): Promise<void> {
    await this.#log.writeState([configEntry(connector), targetEntry(connector)])
  }

  async writeConfig(connector: Pick<StoredConnector, 'name' | 'config'>): Promise<void> {
    await this.#log.writeState([configEntry(connector)])
  }

  async writeTarget(connector: Omit<StoredConnector, 'config'>): Promise<void> {
    await this.#log.writeState([targetEntry(connector)])
  }

  async delete(name: string): Promise<void> {
    await this.#log.writeState([
      { space: CONFIGS, key: name, value: null },
      { space: TARGETS, key: name, value: null },
    ])
  }
}

function configEntry({ name, config }: Pick<StoredConnector, 'name' | 'config'>): StateEntry {
  return { space: CONFIGS, key: name, value: JSON.stringify(config) }
}

function targetEntry({ name, target, hasTasks }: Omit<StoredConnector, 'config'>): StateEntry {
  return { space: TARGETS, key: name, value: JSON.stringify({ state: target, tasks: hasTasks }) }
}
