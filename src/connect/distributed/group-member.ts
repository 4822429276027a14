import { setTimeout as delay } from 'node:timers/promises'
import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConfigError, ConflictError, describeError, NotFoundError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { RebalanceReading, RequestSignature, TaskId, WorkerGroup } from '../herder.ts'
import type { AssignedWork } from './assigned-work.ts'
import type { ConfigStore } from './config-store.ts'
import type { ConfigChange, ConfiguredConnector } from './configured-connectors.ts'
import { GroupRequests, RequestTargetError } from './group-requests.ts'
import { LeaderDuties } from './leader-duties.ts'
import type { SessionKeys } from './session-keys.ts'
import { isActive } from './status-records.ts'
import type { StatusStore } from './status-store.ts'
import type { WorkerAssignment, WorkerShare } from './worker-assignment.ts'
import type { WorkerCoordinator } from './worker-coordinator.ts'
import type { AskWorker } from './worker-requests.ts'
import type { ZombieFencing } from './zombie-fencing.ts'

/** What of a `WorkerCoordinator` is needed here. */
export type Coordinator = Pick<
  WorkerCoordinator,
  | 'start'
  | 'requestRejoin'
  | 'isLeader'
  | 'leaderUrl'
  | 'ownerUrl'
  | 'generation'
  | 'hasSignedRequests'
  | 'rebalancing'
  | 'rebalances'
  | 'close'
>

export interface GroupMemberParts {
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly work: AssignedWork
  readonly keys: SessionKeys
  readonly ask: AskWorker
  readonly fencing: ZombieFencing | null
  readonly logger: TaskLogger
}

/** How long a request waits for a round of the group to end. A client waits 90 s. */
const LONGEST_ROUND_MS = 60_000
const LOOK_AGAIN_MS = 10
/** How long tasks may take to stop before their offsets are changed. */
const LONGEST_STOP_MS = 10_000
/** States are told before somebody else has their connectors, but a topic that is away holds nobody up for longer. */
const LONGEST_FLUSH_MS = 5_000

/** This worker as one of its group: runs what it is given, leads if it has to, and knows whom to ask. */
export class GroupMember implements WorkerGroup {
  readonly #parts: GroupMemberParts
  readonly #requests: GroupRequests
  readonly #duties: LeaderDuties
  readonly #closing = new AbortController()
  readonly #loggerListeners: ((namespace: string, level: string) => void)[] = []
  /** How many tasks each connector has. When that changes, the work is shared out anew. */
  readonly #shape = new Map<string, number>()
  #coordinator: Coordinator | null = null
  #hasJoined = false
  /** In the round before. */
  #hadSignedRequests: boolean | null = null
  /** What the leader writes is written one after the other, so that nothing is decided on what is about to change. */
  #writing: Promise<unknown> = Promise.resolve()

  constructor(parts: GroupMemberParts) {
    this.#parts = parts
    this.#requests = new GroupRequests({
      ...parts,
      leaderUrl: () => this.leaderUrl,
      closing: this.#closing.signal,
    })
    this.#duties = new LeaderDuties(parts, this)
    for (const name of parts.configs.names())
      this.#shape.set(name, parts.configs.get(name)!.taskConfigs.length)
  }

  get hasJoined(): boolean {
    return this.#hasJoined
  }

  get hasSignedRequests(): boolean {
    return this.#coordinator?.hasSignedRequests ?? true
  }

  get rebalances(): RebalanceReading | null {
    return this.#coordinator?.rebalances ?? null
  }

  get isLeader(): boolean {
    return this.#coordinator?.isLeader ?? false
  }

  get leaderUrl(): string | null {
    return this.#coordinator?.leaderUrl ?? null
  }

  /** -1 before the first round. */
  get generation(): number {
    return this.#coordinator?.generation ?? -1
  }

  /** Known to the leader only. */
  ownerUrl(of: string | TaskId): string | null {
    return this.#coordinator?.ownerUrl(of) ?? null
  }

  /** Resolves with the first assignment. The coordinator calls `assigned` and `revoked`. */
  async join(coordinator: Coordinator): Promise<void> {
    this.#coordinator = coordinator
    await coordinator.start()
  }

  async assigned(assignment: WorkerAssignment): Promise<void> {
    const { work, logger } = this.#parts
    this.#hasJoined = true
    this.#noteSigning()
    this.#claimConfigs()
    this.#duties.takeUp()
    work.assign(assignment).catch((error: unknown) => {
      logger.error({ err: error }, 'Work that was assigned could not be taken up')
    })
  }

  async revoked(lost: WorkerShare): Promise<void> {
    await this.#parts.work.revoke(lost)
    await Promise.race([this.#parts.statuses.flush(), this.#pause(LONGEST_FLUSH_MS)])
  }

  /** The config topic says something new. */
  changed(name: string, change: NonNullable<ConfigChange>): void {
    const { configs, work, logger } = this.#parts
    const before = this.#shape.get(name)
    const count = configs.get(name)?.taskConfigs.length
    if (count === undefined) this.#shape.delete(name)
    else this.#shape.set(name, count)
    work.refresh(name).catch((error: unknown) => {
      logger.error({ err: error, connector: name }, 'A change of a connector could not be worked in')
    })
    if (count !== before || (change === 'tasks' && configs.get(name)?.isInconsistent === true))
      this.#coordinator?.requestRejoin(`the tasks of connector ${name} are others now`)
  }

  /** What the leader wrote was refused, because another worker leads now. */
  fenced(): void {
    this.#coordinator?.requestRejoin('another worker leads the group')
  }

  loggerLevel(namespace: string, level: string): void {
    for (const listener of this.#loggerListeners) listener(namespace, level)
  }

  onLoggerLevel(listener: (namespace: string, level: string) => void): void {
    this.#loggerListeners.push(listener)
  }

  setLoggerLevel(namespace: string, level: string): Promise<void> {
    return this.#parts.configs.putLoggerLevel(namespace, level)
  }

  /** Resolves when the work is shared out, so that somebody leads. Throws `ConflictError` when that takes too long. */
  async untilShared(): Promise<void> {
    const isShared = () => this.#hasJoined && this.#coordinator?.rebalancing === false
    if (await this.#until(isShared, LONGEST_ROUND_MS)) return
    throw new ConflictError(
      'connect.group-rebalancing',
      this.leaderUrl === null
        ? 'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.'
        : 'Cannot complete request because of a conflicting operation (e.g. worker rebalance)',
    )
  }

  /** Waits for the tasks of a stopped connector to say that they have ended; those of a dead worker never do. */
  async untilStopped(name: string): Promise<void> {
    const { statuses } = this.#parts
    const runs = (task: number) => isActive(statuses.task({ connector: name, task })?.state)
    await this.#until(() => !statuses.tasks(name).some(runs), LONGEST_STOP_MS)
  }

  /** Throws `RequestTargetError`, `ConflictError`. */
  async requireLeader(refusal: string): Promise<void> {
    await this.untilShared()
    if (!this.isLeader) throw new RequestTargetError(refusal, this.leaderUrl)
  }

  /** Runs here if this worker leads the group, one after the other. Throws `RequestTargetError`, `ConflictError`. */
  async asLeader<T>(refusal: string, work: () => Promise<T>): Promise<T> {
    await this.untilShared()
    const done = this.#writing.then(async () => {
      if (!this.isLeader) throw new RequestTargetError(refusal, this.leaderUrl)
      await this.#parts.configs.claim()
      return work()
    })
    this.#writing = done.catch(() => undefined)
    return done
  }

  /** Of a connector that this worker has. */
  async publish(name: string, taskConfigs: readonly ConnectorConfig[]): Promise<void> {
    await this.untilShared()
    if (this.isLeader) await this.#writeTaskConfigs(name, taskConfigs)
    else await this.#requests.putTaskConfigs(name, taskConfigs)
  }

  putTaskConfigs(
    name: string,
    taskConfigs: readonly ConnectorConfig[],
    signature: RequestSignature,
  ): Promise<void> {
    this.#verify(signature)
    return this.#writeTaskConfigs(name, taskConfigs)
  }

  /** For tasks that this worker is about to start. */
  async fenceBefore({ name, isFencingPending }: ConfiguredConnector): Promise<void> {
    if (this.#parts.fencing === null || !isFencingPending) return
    await this.untilShared()
    if (this.isLeader) await this.#fence(name)
    else await this.#requests.fence(name)
  }

  fence(name: string, signature: RequestSignature): Promise<void> {
    this.#verify(signature)
    return this.#fence(name)
  }

  /** @param stop ends everything that runs here, before the others hear that they may have it */
  async close(stop: () => Promise<void>): Promise<void> {
    this.#closing.abort()
    this.#duties.close()
    await stop()
    await this.#coordinator?.close()
  }

  #claimConfigs(): void {
    const { configs, logger } = this.#parts
    if (!this.isLeader) return configs.release()
    configs.claim().catch((error: unknown) => {
      logger.warn({ error: describeError(error) }, 'The leader cannot claim the config topic yet')
    })
  }

  /** A worker with an older protocol has come, or gone: the group speaks what all of its members know. */
  #noteSigning(): void {
    const { logger } = this.#parts
    const had = this.#hadSignedRequests
    this.#hadSignedRequests = this.hasSignedRequests
    if (had === this.hasSignedRequests) return
    if (this.hasSignedRequests) {
      if (had !== null) logger.info({}, 'Requests between the workers of the group are signed again')
      return
    }
    logger.warn(
      {},
      'Requests between the workers of the group are not signed, because at least one of them has connect.protocol=compatible or ' +
        'eager. Remove it from the properties of that worker unless some worker is older than Kafka Connect 2.4',
    )
  }

  #writeTaskConfigs(name: string, taskConfigs: readonly ConnectorConfig[]): Promise<void> {
    const { configs } = this.#parts
    return this.asLeader('Only the leader may write task configurations.', async () => {
      const connector = configs.get(name)
      if (connector === undefined) {
        throw new NotFoundError('connect.connector-unknown', `Connector ${name} not found`)
      }
      if (connector.target === 'STOPPED' && taskConfigs.length > 0) {
        throw new ConfigError(
          'connect.config-invalid',
          `Cannot submit non-empty set of task configs for stopped connector ${name}`,
        )
      }
      await configs.putTaskConfigs(name, taskConfigs)
    })
  }

  #fence(name: string): Promise<void> {
    return this.asLeader('Only the leader may perform zombie fencing.', async () => {
      await this.#parts.fencing?.fence(name)
    })
  }

  #verify(signature: RequestSignature): void {
    if (this.hasSignedRequests) this.#parts.keys.verify(signature)
  }

  /** False: it took too long, or the worker ends. */
  async #until(isSo: () => boolean, longestMs: number): Promise<boolean> {
    const deadline = performance.now() + longestMs
    while (!isSo()) {
      if (performance.now() > deadline || this.#closing.signal.aborted) return false
      await this.#pause(LOOK_AGAIN_MS)
    }
    return true
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined)
  }
}
