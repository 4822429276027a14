import type { ConnectorConfig } from '../../api/config-def.ts'
import { describeError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import { isSameConfig } from '../config/same-config.ts'
import type { ConfiguredConnector } from './configured-connectors.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 60_000

export interface PublisherSurroundings {
  readonly publish: (connector: string, taskConfigs: readonly ConnectorConfig[]) => Promise<void>
  readonly logger: TaskLogger
}

/**
 * Brings the task configurations of one connector to the leader, if they are others than those that are committed. A
 * leader that is away, or is just another one, is asked again until it has them or something newer is offered.
 */
export class TaskConfigsPublisher {
  readonly #connector: string
  readonly #surroundings: PublisherSurroundings
  #current: AbortController | null = null

  constructor(connector: string, surroundings: PublisherSurroundings) {
    this.#connector = connector
    this.#surroundings = surroundings
  }

  /** @param committed what the config topic says at present; null: the connector was deleted */
  offer(taskConfigs: readonly ConnectorConfig[], committed: () => ConfiguredConnector | null): void {
    this.abandon()
    const abandoned = (this.#current = new AbortController())
    void this.#publish(taskConfigs, { committed, signal: abandoned.signal })
  }

  abandon(): void {
    this.#current?.abort()
    this.#current = null
  }

  async #publish(
    taskConfigs: readonly ConnectorConfig[],
    { committed, signal }: { committed: () => ConfiguredConnector | null; signal: AbortSignal },
  ): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const connector = committed()
      if (signal.aborted || connector === null || isCommitted(taskConfigs, connector)) return
      try {
        return await this.#surroundings.publish(this.#connector, taskConfigs)
      } catch (error) {
        this.#surroundings.logger.warn(
          { connector: this.#connector, error: describeError(error) },
          'The leader did not take the task configurations; it is asked again',
        )
      }
      await pause(pauseMs, signal)
    }
  }
}

/** Also what the tasks make of their connector's own configuration counts: its converters, its transformations. */
function isCommitted(taskConfigs: readonly ConnectorConfig[], connector: ConfiguredConnector): boolean {
  const { config, appliedConfig, taskConfigs: committed, isInconsistent } = connector
  return (
    !isInconsistent &&
    appliedConfig !== null &&
    isSameConfig(appliedConfig, config) &&
    committed.length === taskConfigs.length &&
    committed.every((one, task) => isSameConfig(one, taskConfigs[task]!))
  )
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
