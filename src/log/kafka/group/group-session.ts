import { heartbeatV4, joinGroupV9, leaveGroupV5, syncGroupV5, type ConnectionPool } from '@platformatic/kafka'
import type { GroupAssignment, GroupMembershipOptions, GroupRound } from '../../group-membership.ts'
import { call, type Cluster } from '../connection/cluster.ts'
import { brokerError, brokerErrorName } from '../kafka-error.ts'

const NO_GENERATION = -1
const LEAVE_TIMEOUT_MS = 2000
/** On top of the time that the coordinator itself waits for other members. */
const JOIN_SLACK_MS = 10_000

/** Membership in a group of any protocol type: joins, and lets the coordinator know that it lives. */
export class GroupSession {
  /** A round has begun, or this is no member yet. */
  mustJoin = true
  /** The group went on without this member; whoever minds sets it back. */
  wasForgotten = false
  isLeader = false
  /** When the coordinator last took this for a member, on the clock of `performance.now`; 0: never. */
  lastContactMs = 0
  readonly #cluster: Cluster
  readonly #options: GroupMembershipOptions
  /** Joining waits for the other members; nothing else may wait behind it. */
  readonly #joinPool: ConnectionPool
  readonly #heartbeatPool: ConnectionPool
  #memberId = ''
  #generation = NO_GENERATION
  #isJoining = false
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(cluster: Cluster, options: GroupMembershipOptions) {
    this.#cluster = cluster
    this.#options = options
    this.#joinPool = cluster.connections(options.rebalanceTimeoutMs + JOIN_SLACK_MS)
    this.#heartbeatPool = cluster.connections(options.sessionTimeoutMs)
  }

  get memberId(): string {
    return this.#memberId
  }

  get generation(): number {
    return this.#generation
  }

  /** One attempt to take part in a round. Throws a broker's own errors; those that pass can be tried again. */
  async join(round: GroupRound): Promise<GroupAssignment> {
    const { groupId } = this.#options
    this.mustJoin = false
    this.#isJoining = true
    try {
      return await this.#join(round)
    } catch (error) {
      this.mustJoin = true
      switch (brokerErrorName(error)) {
        case 'UNKNOWN_MEMBER_ID':
          this.#forget()
          throw brokerError(COORDINATOR_LOADING)
        case 'ILLEGAL_GENERATION':
        case 'REBALANCE_IN_PROGRESS':
          throw brokerError(COORDINATOR_LOADING)
        case null:
        default:
          this.#cluster.forgetCoordinator(groupId)
          throw error
      }
    } finally {
      this.#isJoining = false
      if (this.#generation !== NO_GENERATION) this.#heartbeatLater()
    }
  }

  /** Tells the others that they need not wait for the session to time out. If that fails, they do. */
  async leave(): Promise<void> {
    const memberId = this.#memberId
    this.#stopHeartbeat()
    this.#memberId = ''
    this.#generation = NO_GENERATION
    this.isLeader = false
    this.mustJoin = true
    if (memberId === '' || this.#cluster.closing.aborted) return
    const left = this.#leave(memberId).catch(() => undefined)
    await Promise.race([left, this.#cluster.pause(LEAVE_TIMEOUT_MS)])
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.leave()
    await this.#cluster.closeConnections(this.#joinPool)
    await this.#cluster.closeConnections(this.#heartbeatPool)
  }

  async #join({ protocols, lead }: GroupRound): Promise<GroupAssignment> {
    const { groupId, protocolType, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options
    const connection = await this.#cluster.coordinator(groupId, this.#joinPool)
    const join = (): ReturnType<typeof joinGroupV9.api.async> =>
      call(
        joinGroupV9.api,
        connection,
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        this.#memberId,
        null,
        protocolType,
        [...protocols],
        null,
      )
    let joined = await join()
    if (joined.errorCode === MEMBER_ID_REQUIRED) {
      this.#memberId = joined.memberId
      joined = await join()
    }
    if (joined.errorCode !== 0) throw brokerError(joined.errorCode)
    const { memberId, generationId: generation, leader: leaderId } = joined
    const protocol = joined.protocolName ?? ''
    this.#memberId = memberId
    this.#generation = generation
    this.isLeader = leaderId === memberId
    // The leader may take its time, and the coordinator wants to hear of everybody from here on.
    this.#heartbeatLater()
    const assignments: { memberId: string; assignment: Buffer }[] = []
    if (this.isLeader) {
      const members = new Map(joined.members.map(({ memberId, metadata }) => [memberId, metadata]))
      for (const [memberId, assignment] of await lead({ protocol, generation, leaderId, members })) {
        assignments.push({ memberId, assignment })
      }
    }
    const sentMs = performance.now()
    const synced = await call(
      syncGroupV5.api,
      connection,
      groupId,
      generation,
      memberId,
      null,
      protocolType,
      protocol,
      assignments,
    )
    if (synced.errorCode !== 0) throw brokerError(synced.errorCode)
    this.lastContactMs = sentMs
    return { protocol, generation, memberId, assignment: synced.assignment }
  }

  #heartbeatLater(): void {
    if (this.#isClosed) return
    this.#stopHeartbeat()
    this.#timer = setTimeout(() => void this.#heartbeat(), this.#options.heartbeatIntervalMs)
  }

  async #heartbeat(): Promise<void> {
    const { groupId } = this.#options
    const [generation, memberId, timer] = [this.#generation, this.#memberId, this.#timer]
    const sentMs = performance.now()
    let problem: string | null
    try {
      const connection = await this.#cluster.coordinator(groupId, this.#heartbeatPool)
      const { errorCode } = await call(heartbeatV4.api, connection, groupId, generation, memberId, null)
      problem = errorCode === 0 ? null : brokerErrorName(brokerError(errorCode))
    } catch {
      problem = 'NOT_COORDINATOR'
    }
    const isMember = problem === null || problem === 'REBALANCE_IN_PROGRESS'
    if (isMember && memberId === this.#memberId) this.lastContactMs = Math.max(this.lastContactMs, sentMs)
    // Joining or leaving meanwhile has made this answer one of the past.
    if (timer !== this.#timer) return
    if (this.#isJoining) return this.#heartbeatLater()
    switch (problem) {
      case null:
        return this.#heartbeatLater()
      case 'REBALANCE_IN_PROGRESS':
        this.mustJoin = true
        this.#heartbeatLater()
        return this.#options.onMustJoin()
      case 'UNKNOWN_MEMBER_ID':
      case 'ILLEGAL_GENERATION':
      case 'FENCED_INSTANCE_ID':
        this.#forget()
        return this.#options.onMustJoin()
      default:
        // The coordinator is away; the next heartbeat looks for it.
        this.#cluster.forgetCoordinator(groupId)
        return this.#heartbeatLater()
    }
  }

  #forget(): void {
    this.#stopHeartbeat()
    this.#memberId = ''
    this.#generation = NO_GENERATION
    this.isLeader = false
    this.wasForgotten = true
    this.mustJoin = true
  }

  #stopHeartbeat(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  async #leave(memberId: string): Promise<void> {
    const { groupId } = this.#options
    const connection = await this.#cluster.coordinator(groupId, this.#heartbeatPool)
    await call(leaveGroupV5.api, connection, groupId, [{ memberId, groupInstanceId: null, reason: null }])
  }
}

const COORDINATOR_LOADING = 14
const MEMBER_ID_REQUIRED = 79
