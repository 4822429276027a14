import type { TopicPartition } from '../../../api/sink-task.ts'
import type { Cluster } from '../connection/cluster.ts'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type Subscription,
} from './consumer-protocol.ts'
import type { GroupMembership } from './group-offsets.ts'
import { GroupSession } from './group-session.ts'

export interface GroupMemberOptions {
  readonly group: string
  /** As the leader: gives each member its partitions. */
  readonly share: (
    members: ReadonlyMap<string, Subscription>,
  ) => Promise<ReadonlyMap<string, readonly TopicPartition[]>>
  /** `mustJoin` or `isLost` has become true. */
  readonly onNews: () => void
}

/** Kafka's name of the protocol; its own consumers have it among their defaults, so both kinds may share a group. */
const PROTOCOL = 'cooperative-sticky'

/** A member of a consumer group. */
export class GroupMember {
  readonly #cluster: Cluster
  readonly #options: GroupMemberOptions
  readonly #session: GroupSession

  constructor(cluster: Cluster, options: GroupMemberOptions) {
    const { sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs } = cluster.description
    this.#cluster = cluster
    this.#options = options
    this.#session = new GroupSession(cluster, {
      groupId: options.group,
      protocolType: 'consumer',
      sessionTimeoutMs: sessionTimeoutMs ?? 45_000,
      rebalanceTimeoutMs: rebalanceTimeoutMs ?? 300_000,
      heartbeatIntervalMs: heartbeatIntervalMs ?? 3000,
      onMustJoin: options.onNews,
    })
  }

  /** A rebalance has begun, or this member is none yet. */
  get mustJoin(): boolean {
    return this.#session.mustJoin
  }

  /** The group went on without this member: others may have its partitions already. */
  get isLost(): boolean {
    return this.#session.wasForgotten
  }

  get isLeader(): boolean {
    return this.#session.isLeader
  }

  /** For commits of offsets. */
  get membership(): GroupMembership {
    return { generation: this.#session.generation, memberId: this.#session.memberId }
  }

  /** Takes part in a rebalance; resolves with what is assigned, when all members have joined. */
  async join(subscription: Subscription): Promise<readonly TopicPartition[]> {
    const { assignment } = await this.#cluster.retrying(`join group ${this.#options.group}`, () => {
      // Forgotten between two attempts: what it had may be another one's.
      const metadata = encodeSubscription(this.isLost ? { ...subscription, owned: [] } : subscription)
      const protocols = [{ name: PROTOCOL, metadata }]
      return this.#session.join({ protocols, lead: ({ members }) => this.#lead(members) })
    })
    return decodeAssignment(assignment)
  }

  requestJoin(): void {
    this.#session.mustJoin = true
  }

  /** After `isLost`: a new member will join. */
  startOver(): void {
    this.#session.wasForgotten = false
    this.#session.mustJoin = true
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  async #lead(members: ReadonlyMap<string, Buffer>): Promise<ReadonlyMap<string, Buffer>> {
    const subscriptions = new Map([...members].map(([id, metadata]) => [id, decodeSubscription(metadata)]))
    const shares = await this.#options.share(subscriptions)
    return new Map([...shares].map(([id, partitions]) => [id, encodeAssignment(partitions)]))
  }
}
