import type { GroupMembership } from '../../log/group-membership.ts'
import {
  configuredWork,
  difference,
  intersection,
  isEmpty,
  NO_WORK,
  shareOf,
  union,
  workOf,
  type Work,
} from './assignor-work.ts'
import type { CoordinatorOptions, WorkerAssignment, WorkerShare } from './worker-assignment.ts'

/**
 * What a worker holds as a member of its group, and whether it runs. Where the group has not heard of the worker for a
 * whole session, others may run its work soon: it is stopped. The worker still claims it, and starts it again once the
 * group has confirmed that, unless it was away for so long that somebody surely has it.
 */
export class WorkerHoldings {
  readonly #options: CoordinatorOptions
  readonly #membership: GroupMembership
  #held: Work = NO_WORK
  #isStopped = false
  #isStopping = false
  #watch: NodeJS.Timeout | null = null
  /** The herder hears of one thing after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: CoordinatorOptions, membership: GroupMembership) {
    this.#options = options
    this.#membership = membership
  }

  get share(): WorkerShare {
    return shareOf(this.#held)
  }

  /** @param onStopped the work was stopped: the worker should come back */
  watchSession(onStopped: () => void): void {
    const { sessionTimeoutMs, heartbeatIntervalMs } = this.#options
    const intervalMs = Math.max(1, Math.min(heartbeatIntervalMs, sessionTimeoutMs / 4))
    this.#watch = setInterval(() => {
      if (this.#isStopped || this.#isStopping || isEmpty(this.#held) || !this.#isSessionOver) return
      this.#isStopping = true
      void this.#stop()
        .finally(() => (this.#isStopping = false))
        .then(onStopped)
    }, intervalMs)
  }

  /** Has it stopped, as far as it is held and runs. Answers what was held of it. */
  async giveUp(share: WorkerShare): Promise<WorkerShare> {
    const work = intersection(workOf(share), this.#held)
    if (isEmpty(work)) return shareOf(NO_WORK)
    await this.#inTurn(async () => {
      if (!this.#isStopped) await this.#options.onRevoked(shareOf(work))
    })
    this.#held = difference(this.#held, work)
    return shareOf(work)
  }

  add(share: WorkerShare): void {
    this.#held = union(this.#held, workOf(share))
  }

  /** Says what to run: everything that is held. */
  announce(assignment: Omit<WorkerAssignment, 'connectors' | 'tasks'>): Promise<void> {
    return this.#inTurn(() => {
      this.#isStopped = false
      return this.#options.onAssigned({ ...assignment, ...shareOf(this.#held) })
    })
  }

  dropOldClaims(): void {
    if (!this.#isStopped) return
    const { sessionTimeoutMs, scheduledRebalanceMaxDelayMs } = this.#options
    const isTooLong = this.#awayMs > sessionTimeoutMs + scheduledRebalanceMaxDelayMs
    this.#held = isTooLong
      ? NO_WORK
      : intersection(this.#held, configuredWork(this.#options.configSnapshot()))
  }

  async close(): Promise<void> {
    if (this.#watch !== null) clearInterval(this.#watch)
    await this.#turn
  }

  get #awayMs(): number {
    return performance.now() - this.#membership.lastContactMs
  }

  get #isSessionOver(): boolean {
    return this.#awayMs > this.#options.sessionTimeoutMs
  }

  async #stop(): Promise<void> {
    const { sessionTimeoutMs, groupId, logger } = this.#options
    try {
      await this.#inTurn(async () => {
        if (!this.#isSessionOver) return
        this.#isStopped = true
        logger.warn(
          { group: groupId, sessionTimeoutMs },
          'The group has not heard of this worker for a whole session; what it runs is stopped until it is back',
        )
        await this.#options.onRevoked(shareOf(this.#held))
        this.#options.onLost?.()
      })
    } catch (error) {
      logger.error({ err: error, group: groupId }, 'The work of this worker did not stop in good order')
    }
  }

  #inTurn(call: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(call)
    this.#turn = done.catch(() => undefined)
    return done
  }
}
