/**
 * The port "group": being one of several processes that share work, whoever of them leads. The coordinator of the group
 * picks a protocol that all members offer; what the protocol's bytes mean is the members' own affair. Kafka only.
 */
export interface GroupMembership {
  /** As of the last round; empty: no member. */
  readonly memberId: string
  readonly generation: number
  /** Whether this process has to join: it is no member, or a round has begun. */
  readonly mustJoin: boolean
  /** When the coordinator last took this process for a member, on the clock of `performance.now`; 0: never. */
  readonly lastContactMs: number
  /**
   * Takes part in one round and resolves when all members have their assignments. A single attempt: throws what
   * went wrong, `RetriableError` where the same may succeed a little later, and asks `round` anew the next time.
   */
  join(round: GroupRound): Promise<GroupAssignment>
  /** Tells the others that they need not wait. The next `join` is a new member's. */
  leave(): Promise<void>
  /** Leaves, and ends the heartbeats and connections. */
  close(): Promise<void>
}

export interface GroupRound {
  /** The one preferred most first. */
  readonly protocols: readonly GroupProtocol[]
  /** Called if this process leads: what each member gets. */
  readonly lead: (group: LedGroup) => Promise<ReadonlyMap<string, Buffer>>
}

export interface GroupProtocol {
  readonly name: string
  readonly metadata: Buffer
}

export interface LedGroup {
  readonly protocol: string
  readonly generation: number
  readonly leaderId: string
  /** What each member, the leader among them, sent as the protocol's metadata. */
  readonly members: ReadonlyMap<string, Buffer>
}

export interface GroupAssignment {
  readonly protocol: string
  readonly generation: number
  readonly memberId: string
  /** Empty: nothing was assigned. */
  readonly assignment: Buffer
}

export interface GroupMembershipOptions {
  readonly groupId: string
  /** Kafka's: `connect`, `consumer`. All members have the same. */
  readonly protocolType: string
  readonly sessionTimeoutMs: number
  /** How long a round waits for members that were there before. */
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** `mustJoin` has become true. */
  readonly onMustJoin: () => void
}

/** Heartbeats begin with the first round. */
export type OpenGroupMembership = (options: GroupMembershipOptions) => GroupMembership
