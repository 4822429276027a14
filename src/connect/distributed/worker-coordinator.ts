import { setTimeout as delay } from 'node:timers/promises'
import { ConnectError, describeError } from '../../api/errors.ts'
import type { GroupAssignment, GroupMembership } from '../../log/group-membership.ts'
import type { RebalanceReading, TaskId } from '../herder.ts'
import { AssigningLeader } from './assignor-leader.ts'
import {
  decodeAssignment,
  isEager,
  isSessioned,
  offeredProtocols,
  PROTOCOL_TYPE,
  type AssignmentMessage,
} from './connect-protocol.ts'
import { RebalanceMeter } from './rebalance-meter.ts'
import type { ConfigSnapshot, CoordinatorOptions } from './worker-assignment.ts'
import { WorkerHoldings } from './worker-holdings.ts'

const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 1000
/** Between attempts that a change elsewhere must heal first: a right, a setting of the broker. */
const REFUSED_PAUSE_MS = 5000
const QUIET_MS = 30_000
const MOST_REFRESHES = 5
const REFRESH_PAUSE_MS = 250

/**
 * This worker's part in the group: joins round after round, as the leader shares what is configured, and says what this
 * worker has to run and to stop. It keeps trying for as long as it is open.
 */
export class WorkerCoordinator {
  readonly #options: CoordinatorOptions
  readonly #membership: GroupMembership
  readonly #leader: AssigningLeader
  readonly #holdings: WorkerHoldings
  readonly #closing = new AbortController()
  readonly #meter = new RebalanceMeter()
  #last: AssignmentMessage | null = null
  #protocol: string | null = null
  #generation = -1
  #isRejoining = true
  #isRebalancing = true
  #wake: () => void = () => undefined
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null

  constructor(options: CoordinatorOptions) {
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs } = options
    this.#options = options
    this.#leader = new AssigningLeader(options.scheduledRebalanceMaxDelayMs)
    this.#membership = options.membership({
      groupId,
      protocolType: PROTOCOL_TYPE,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      heartbeatIntervalMs,
      onMustJoin: () => this.#wake(),
    })
    this.#holdings = new WorkerHoldings(options, this.#membership)
  }

  get isLeader(): boolean {
    const { memberId } = this.#membership
    return memberId !== '' && this.#last?.leaderId === memberId
  }

  /** Null before the first round. */
  get leaderUrl(): string | null {
    return this.#last?.leaderUrl ?? null
  }

  /** Of the last round: whether workers sign what they ask of each other. */
  get hasSignedRequests(): boolean {
    return this.#protocol === null ? this.#options.protocol === 'sessioned' : isSessioned(this.#protocol)
  }

  /** Of the last round; -1 before the first. */
  get generation(): number {
    return this.#generation
  }

  /** Whether a round is under way or about to begin. */
  get rebalancing(): boolean {
    return this.#isRebalancing || this.#isRejoining || this.#membership.mustJoin
  }

  /** In the words of `connect.protocol`. */
  get #spoken(): string {
    if (this.#protocol === null) return this.#options.protocol
    return isEager(this.#protocol) ? 'eager' : this.#protocol
  }

  get rebalances(): RebalanceReading {
    const { leaderUrl, generation } = this
    return {
      leaderUrl,
      generation,
      protocol: this.#spoken,
      isRebalancing: this.rebalancing,
      ...this.#meter.read(),
    }
  }

  /** Which worker has a connector or task. Only the leader knows, and between two rounds. */
  ownerUrl(of: string | TaskId): string | null {
    return this.rebalancing || !this.isLeader ? null : this.#leader.ownerUrl(of)
  }

  /** Resolves after the first assignment; rejects with what no second attempt would heal. */
  start(): Promise<void> {
    this.#holdings.watchSession(() => this.#rejoin())
    const started = Promise.withResolvers<void>()
    this.#running = this.#run(started).finally(() => started.resolve())
    return started.promise
  }

  requestRejoin(reason: string): void {
    this.#options.logger.info({ reason }, 'The worker joins its group again')
    this.#rejoin()
  }

  /** Leaves the group. What runs is the caller's to stop, best before. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#clearTimer()
    this.#wake()
    await this.#membership.close()
    await this.#running
    await this.#holdings.close()
  }

  async #run(started: PromiseWithResolvers<void>): Promise<void> {
    const { logger, groupId } = this.#options
    let isNew = true
    let quietUntilMs = 0
    for (let pauseMs = FIRST_PAUSE_MS; !this.#closing.signal.aborted;) {
      await this.#untilDue()
      if (this.#closing.signal.aborted) return
      try {
        if (await this.#takePart()) {
          started.resolve()
          isNew = false
        }
        pauseMs = FIRST_PAUSE_MS
      } catch (error) {
        if (this.#closing.signal.aborted) return
        const mayHeal = error instanceof ConnectError && error.retriable
        if (isNew && !mayHeal) return started.reject(error)
        this.#isRejoining = true
        // A round that others began again is nothing to tell, and a broker that is away is told once in a while.
        if (pauseMs > FIRST_PAUSE_MS * 8 && performance.now() > quietUntilMs) {
          quietUntilMs = performance.now() + QUIET_MS
          logger.warn(
            { error: describeError(error), group: groupId },
            'The worker cannot join its group; it keeps trying',
          )
        }
        await this.#pause(mayHeal ? pauseMs : REFUSED_PAUSE_MS)
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      }
    }
  }

  /** One round. True: work was assigned, be it none. */
  async #takePart(): Promise<boolean> {
    this.#isRebalancing = true
    this.#meter.began()
    this.#isRejoining = false
    this.#clearTimer()
    this.#leader.forgetOwners()
    if (this.#protocol !== null && isEager(this.#protocol)) await this.#holdings.giveUp(this.#holdings.share)
    this.#holdings.dropOldClaims()
    const { protocol, generation, memberId, assignment } = await this.#join()
    const message = decodeAssignment(assignment)
    const { leaderId, leaderUrl, configOffset, delayMs } = message
    if (isEager(protocol)) await this.#holdings.giveUp(this.#holdings.share)
    this.#protocol = protocol
    this.#generation = generation
    this.#last = message
    const revoked = await this.#holdings.giveUp(message.revoked)
    this.#holdings.add(message.assigned)
    this.#options.logger.info(
      { generation, memberId, leaderUrl, protocol, delayMs },
      'The worker has joined its group',
    )
    if (!(await this.#catchUp(message))) return false
    await this.#holdings.announce({
      generation,
      memberId,
      leaderId,
      leaderUrl,
      configOffset,
      revokedConnectors: revoked.connectors,
      revokedTasks: revoked.tasks,
      delayMs,
    })
    this.#isRebalancing = false
    this.#meter.completed()
    // Somebody gets what was given up only when all have said that they gave it up.
    if (revoked.connectors.length + revoked.tasks.length > 0) this.#rejoin()
    else if (delayMs > 0) this.#timer = setTimeout(() => this.#rejoin(), delayMs)
    return true
  }

  #join(): Promise<GroupAssignment> {
    const { protocol, workerUrl } = this.#options
    const metadata = {
      url: workerUrl,
      configOffset: this.#options.configSnapshot().offset,
      assignment:
        this.#last === null
          ? null
          : { ...this.#last, assigned: this.#holdings.share, revoked: { connectors: [], tasks: [] } },
    }
    return this.#membership.join({
      protocols: offeredProtocols(protocol, metadata),
      lead: async (group) =>
        this.#leader.lead(group, {
          snapshot: this.#options.configSnapshot(),
          lastGeneration: this.#generation,
          lastProtocol: this.#protocol,
        }),
    })
  }

  /** Reads the configs that the leader had before it. False: the worker has to join again. */
  async #catchUp({ failed, configOffset }: AssignmentMessage): Promise<boolean> {
    const { logger, groupId, workerUnsyncBackoffMs } = this.#options
    if (failed) this.#isRejoining = true
    for (let attempt = 1; this.#options.configSnapshot().offset < configOffset; attempt++) {
      try {
        await this.#refresh(configOffset)
      } catch (error) {
        if (this.#closing.signal.aborted) return false
        logger.warn(
          { error: describeError(error), group: groupId, configOffset: String(configOffset) },
          'The worker cannot read the configurations that the group works with',
        )
        if (attempt < MOST_REFRESHES) {
          await this.#pause(REFRESH_PAUSE_MS)
          continue
        }
        // Others can do the work meanwhile.
        await this.#holdings.giveUp(this.#holdings.share)
        await this.#membership.leave()
        await this.#pause(workerUnsyncBackoffMs)
        return false
      }
    }
    return !failed
  }

  async #refresh(configOffset: bigint): Promise<ConfigSnapshot> {
    const snapshot = await this.#options.refreshConfigs(configOffset)
    if (snapshot.offset >= configOffset) return snapshot
    throw new Error(`The config topic was read up to ${snapshot.offset}, not ${configOffset}`)
  }

  #rejoin(): void {
    this.#isRejoining = true
    this.#wake()
  }

  async #untilDue(): Promise<void> {
    while (!this.#closing.signal.aborted && !this.#isRejoining && !this.#membership.mustJoin) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined)
  }
}
