import { describeError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { ConfigStore } from './config-store.ts'
import type { SessionKeys } from './session-keys.ts'
import { isActive } from './status-records.ts'
import type { StatusStore } from './status-store.ts'

export interface LeaderParts {
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly keys: SessionKeys
  readonly logger: TaskLogger
}

/** This worker, as one of its group. */
interface Membership {
  readonly isLeader: boolean
  readonly hasSignedRequests: boolean
}

const PAUSE_AFTER_FAILURE_MS = 1_000
/** Node's timers take no more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** What only the leader sees to: states of what is gone, and the key that requests between workers are signed with. */
export class LeaderDuties {
  readonly #parts: LeaderParts
  readonly #membership: Membership
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(parts: LeaderParts, membership: Membership) {
    this.#parts = parts
    this.#membership = membership
  }

  /** A round of the group is over. */
  takeUp(): void {
    this.#stopTimer()
    const { isLeader, hasSignedRequests } = this.#membership
    if (!isLeader) return
    this.#forgetDeleted()
    if (hasSignedRequests) this.#rotateKeys()
  }

  close(): void {
    this.#isClosed = true
    this.#stopTimer()
  }

  #forgetDeleted(): void {
    const { configs, statuses } = this.#parts
    for (const name of statuses.connectors()) {
      const connector = configs.get(name)
      if (connector === undefined) {
        statuses.forget(name)
        continue
      }
      for (const task of statuses.tasks(name)) {
        const id = { connector: name, task }
        // A task that is still ending says so itself: its offsets are not to be changed before.
        const isEnding = connector.target === 'STOPPED' && isActive(statuses.task(id)?.state)
        if (task >= connector.taskConfigs.length && !isEnding) statuses.forgetTask(id)
      }
    }
  }

  #rotateKeys(): void {
    const { keys, configs, logger } = this.#parts
    if (this.#isClosed || !this.#membership.isLeader) return
    const dueInMs = keys.dueMs - Date.now()
    if (dueInMs > 0) return this.#later(dueInMs)
    configs.putSessionKey(keys.create(Date.now())).then(
      () => this.#later(keys.dueMs - Date.now()),
      (error: unknown) => {
        logger.warn(
          { error: describeError(error) },
          'A new key for requests between workers cannot be written',
        )
        this.#later(PAUSE_AFTER_FAILURE_MS)
      },
    )
  }

  #later(ms: number): void {
    this.#stopTimer()
    if (this.#isClosed || ms === Infinity) return
    this.#timer = setTimeout(() => this.#rotateKeys(), Math.min(Math.max(ms, 0), LONGEST_TIMER_MS))
    this.#timer.unref()
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
