import { heartbeatV4, joinGroupV9, leaveGroupV5, syncGroupV5, type ConnectionPool } from '@platformatic/kafka'
import type { TopicPartition } from '../../api/sink-task.ts'
import { call, type Cluster } from './cluster.ts'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type Subscription,
} from './consumer-protocol.ts'
import type { GroupMembership } from './group-offsets.ts'
import { brokerError, brokerErrorName } from './kafka-error.ts'

export interface GroupMemberOptions {
  readonly group: string
  /** As the leader: gives each member its partitions. */
  readonly share: (
    members: ReadonlyMap<string, Subscription>,
  ) => Promise<ReadonlyMap<string, readonly TopicPartition[]>>
  /** `mustJoin` or `isLost` has become true. */
  readonly onNews: () => void
}

const PROTOCOL_TYPE = 'consumer'
/** Kafka's name of the protocol; its own consumers have it among their defaults, so both kinds may share a group. */
const PROTOCOL = 'cooperative-sticky'
const LEAVE_TIMEOUT_MS = 2000

/** A member of a consumer group: joins, and lets the coordinator know that it lives. */
export class GroupMember {
  /** A rebalance has begun, or this member is none yet. */
  mustJoin = true
  /** The group went on without this member: others may have its partitions already. */
  isLost = false
  isLeader = false
  readonly #cluster: Cluster
  readonly #options: GroupMemberOptions
  readonly #sessionTimeoutMs: number
  readonly #rebalanceTimeoutMs: number
  readonly #heartbeatIntervalMs: number
  /** Joining waits for the other members; nothing else may wait behind it. */
  readonly #joinPool: ConnectionPool
  readonly #heartbeatPool: ConnectionPool
  #memberId = ''
  #generation = -1
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  constructor(cluster: Cluster, options: GroupMemberOptions) {
    const { sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs } = cluster.description
    this.#cluster = cluster
    this.#options = options
    this.#sessionTimeoutMs = sessionTimeoutMs ?? 45_000
    this.#rebalanceTimeoutMs = rebalanceTimeoutMs ?? 300_000
    this.#heartbeatIntervalMs = heartbeatIntervalMs ?? 3000
    this.#joinPool = cluster.connections(this.#rebalanceTimeoutMs + 10_000)
    this.#heartbeatPool = cluster.connections()
  }

  /** For commits of offsets. */
  get membership(): GroupMembership {
    return { generation: this.#generation, memberId: this.#memberId }
  }

  /** Takes part in a rebalance; resolves with what is assigned, when all members have joined. */
  async join(subscription: Subscription): Promise<readonly TopicPartition[]> {
    const { group } = this.#options
    return this.#cluster.retrying(`join group ${group}`, async () => {
      this.#stopHeartbeat()
      this.mustJoin = false
      try {
        const assignment = await this.#joinOnce(subscription)
        this.#heartbeatLater()
        return assignment
      } catch (error) {
        this.mustJoin = true
        switch (brokerErrorName(error)) {
          case 'ILLEGAL_GENERATION':
          case 'REBALANCE_IN_PROGRESS':
            throw brokerError(COORDINATOR_LOADING)
          case 'UNKNOWN_MEMBER_ID':
            this.#forget()
            throw brokerError(COORDINATOR_LOADING)
          case null:
          default:
            this.#cluster.forgetCoordinator(group)
            throw error
        }
      }
    })
  }

  /** After `isLost`: a new member will join. */
  startOver(): void {
    this.isLost = false
    this.mustJoin = true
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stopHeartbeat()
    const memberId = this.#memberId
    if (memberId !== '' && !this.#cluster.closing.aborted) {
      // The others need not wait for the session to time out. If this fails, they do.
      const left = this.#leave(memberId).catch(() => undefined)
      await Promise.race([left, this.#cluster.pause(LEAVE_TIMEOUT_MS)])
    }
    await this.#cluster.closeConnections(this.#joinPool)
    await this.#cluster.closeConnections(this.#heartbeatPool)
  }

  async #joinOnce(subscription: Subscription): Promise<readonly TopicPartition[]> {
    const { group, share } = this.#options
    const connection = await this.#cluster.coordinator(group, this.#joinPool)
    const protocols = [{ name: PROTOCOL, metadata: encodeSubscription(subscription) }]
    const join = (): ReturnType<typeof joinGroupV9.api.async> =>
      call(
        joinGroupV9.api,
        connection,
        group,
        this.#sessionTimeoutMs,
        this.#rebalanceTimeoutMs,
        this.#memberId,
        null,
        PROTOCOL_TYPE,
        protocols,
        null,
      )
    let joined = await join()
    if (joined.errorCode === MEMBER_ID_REQUIRED) {
      this.#memberId = joined.memberId
      joined = await join()
    }
    if (joined.errorCode !== 0) throw brokerError(joined.errorCode)
    this.#memberId = joined.memberId
    this.#generation = joined.generationId
    this.isLeader = joined.leader === joined.memberId
    const assignments: { memberId: string; assignment: Buffer }[] = []
    if (this.isLeader) {
      const members = new Map(
        joined.members.map(({ memberId, metadata }) => [memberId, decodeSubscription(metadata)]),
      )
      for (const [memberId, partitions] of await share(members)) {
        assignments.push({ memberId, assignment: encodeAssignment(partitions) })
      }
    }
    const synced = await call(
      syncGroupV5.api,
      connection,
      group,
      this.#generation,
      this.#memberId,
      null,
      PROTOCOL_TYPE,
      PROTOCOL,
      assignments,
    )
    if (synced.errorCode !== 0) throw brokerError(synced.errorCode)
    return decodeAssignment(synced.assignment)
  }

  #heartbeatLater(): void {
    if (this.#isClosed) return
    this.#stopHeartbeat()
    this.#timer = setTimeout(() => void this.#heartbeat(), this.#heartbeatIntervalMs)
  }

  async #heartbeat(): Promise<void> {
    const { group, onNews } = this.#options
    const generation = this.#generation
    let problem: string | null = null
    try {
      const connection = await this.#cluster.coordinator(group, this.#heartbeatPool)
      const { errorCode } = await call(heartbeatV4.api, connection, group, generation, this.#memberId, null)
      problem = errorCode === 0 ? null : brokerErrorName(brokerError(errorCode))
    } catch {
      // The coordinator is away; the next heartbeat looks for it.
      this.#cluster.forgetCoordinator(group)
    }
    // Joining meanwhile has made this answer one of the past.
    if (this.#isClosed || generation !== this.#generation || this.#timer === null) return
    switch (problem) {
      case null:
        return this.#heartbeatLater()
      case 'REBALANCE_IN_PROGRESS':
        this.mustJoin = true
        this.#heartbeatLater()
        return onNews()
      case 'UNKNOWN_MEMBER_ID':
      case 'ILLEGAL_GENERATION':
      case 'FENCED_INSTANCE_ID':
        this.#forget()
        return onNews()
      default:
        this.#cluster.forgetCoordinator(group)
        return this.#heartbeatLater()
    }
  }

  #forget(): void {
    this.#stopHeartbeat()
    this.#memberId = ''
    this.#generation = -1
    this.isLeader = false
    this.isLost = true
  }

  #stopHeartbeat(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  async #leave(memberId: string): Promise<void> {
    const connection = await this.#cluster.coordinator(this.#options.group, this.#heartbeatPool)
    await call(leaveGroupV5.api, connection, this.#options.group, [
      { memberId, groupInstanceId: null, reason: null },
    ])
  }
}

const COORDINATOR_LOADING = 14
const MEMBER_ID_REQUIRED = 79
