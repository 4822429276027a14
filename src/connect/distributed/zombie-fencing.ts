import { ConflictError, NotFoundError, RetriableError, describeError } from '../../api/errors.ts'
import type { Log } from '../../log/log.ts'
import type { ConfigStore } from './config-store.ts'

export interface ZombieFencingOptions {
  readonly configs: ConfigStore
  readonly groupId: string
  readonly log: Pick<Log, 'fenceProducers'>
}

/**
 * The leader's part in exactly-once support: before tasks of a new generation start, those of the one before are kept
 * from writing any more, wherever they still run. Rounds for one connector that are asked for together are one.
 */
export class ZombieFencing {
  readonly #options: ZombieFencingOptions
  readonly #rounds = new Map<string, Promise<void>>()

  constructor(options: ZombieFencingOptions) {
    this.#options = options
  }

  /** Throws `connect.connector-unknown`; retriable: `connect.fencing-failed`. */
  fence(connector: string): Promise<void> {
    const known = this.#rounds.get(connector)
    if (known !== undefined) return known
    const round = this.#fence(connector).finally(() => this.#rounds.delete(connector))
    this.#rounds.set(connector, round)
    return round
  }

  async #fence(name: string): Promise<void> {
    const { configs, groupId, log } = this.#options
    await configs.readToEnd()
    const connector = configs.get(name)
    if (connector === undefined) {
      throw new NotFoundError('connect.connector-unknown', `Connector ${name} not found`)
    }
    if (!connector.isFencingPending) return
    const { taskGeneration, fencedTaskCount: before, taskConfigs } = connector
    // One task after one task: the new one fences the old one itself, when it begins with the same id.
    if (before !== null && (before !== 1 || taskConfigs.length !== 1)) {
      const ids = Array.from({ length: before }, (_, task) => `${groupId}-${name}-${task}`)
      try {
        await log.fenceProducers(ids)
      } catch (error) {
        throw new RetriableError(
          'connect.fencing-failed',
          `Earlier tasks of connector ${name} cannot be fenced off: ${describeError(error)}`,
          { cause: error },
        )
      }
      await configs.readToEnd()
      if (configs.get(name)?.taskGeneration !== taskGeneration) {
        throw new ConflictError(
          'connect.fencing-failed',
          'Fencing failed because new task configurations were generated for the connector',
        )
      }
    }
    await configs.putFencedTaskCount(name, taskConfigs.length)
  }
}
