import { RetriableError } from '../../api/errors.ts'
import type {
  GroupAssignment,
  GroupMembership,
  GroupMembershipOptions,
  GroupRound,
  OpenGroupMembership,
} from '../../log/group-membership.ts'

/** A coordinator of one group, in memory: rounds as Kafka's go, all members at a time; no sessions of its own. */
export class MemoryGroup {
  readonly members = new Map<string, MemoryMembership>()
  generation = 0
  #nextId = 1
  #joining = new Map<MemoryMembership, { round: GroupRound; join: PromiseWithResolvers<GroupAssignment> }>()

  readonly open: OpenGroupMembership = (options) => new MemoryMembership(this, options)

  join(member: MemoryMembership, round: GroupRound): Promise<GroupAssignment> {
    if (member.memberId === '') member.memberId = `m${this.#nextId++}`
    this.members.set(member.memberId, member)
    const join = Promise.withResolvers<GroupAssignment>()
    this.#joining.set(member, { round, join })
    for (const other of this.members.values()) if (!this.#joining.has(other)) other.hearOfRound()
    this.#completeIfAllAreHere()
    return join.promise
  }

  leave(member: MemoryMembership): void {
    const joining = this.#joining.get(member)
    this.#joining.delete(member)
    joining?.join.reject(new RetriableError('log.kafka-unreachable', 'The member has left'))
    if (!this.members.delete(member.memberId)) return
    for (const other of this.members.values()) if (!this.#joining.has(other)) other.hearOfRound()
    this.#completeIfAllAreHere()
  }

  #completeIfAllAreHere(): void {
    if (this.#joining.size < this.members.size || this.#joining.size === 0) return
    const all = this.#joining
    this.#joining = new Map()
    void this.#complete(all)
  }

  async #complete(
    all: Map<MemoryMembership, { round: GroupRound; join: PromiseWithResolvers<GroupAssignment> }>,
  ) {
    const generation = ++this.generation
    const rounds = [...all.values()].map(({ round }) => round)
    const common = rounds[0]!.protocols.find(({ name }) =>
      rounds.every(({ protocols }) => protocols.some((other) => other.name === name)),
    )!
    const metadata = new Map(
      [...all].map(([{ memberId }, { round }]) => [
        memberId,
        round.protocols.find(({ name }) => name === common.name)!.metadata,
      ]),
    )
    const [leader, led] = [...all][0]!
    const group = { protocol: common.name, generation, leaderId: leader.memberId, members: metadata }
    try {
      const assignments = await led.round.lead(group)
      for (const [member, { join }] of all) {
        const { memberId } = member
        member.generation = generation
        member.lastContactMs = performance.now()
        join.resolve({ protocol: common.name, generation, memberId, assignment: assignments.get(memberId)! })
      }
    } catch (error) {
      for (const { join } of all.values()) join.reject(error)
    }
  }
}

export class MemoryMembership implements GroupMembership {
  memberId = ''
  generation = -1
  mustJoin = true
  lastContactMs = 0
  /** Set by a test: the network is down. */
  isCutOff = false
  readonly #group: MemoryGroup
  readonly #options: GroupMembershipOptions
  readonly #heartbeat: NodeJS.Timeout

  constructor(group: MemoryGroup, options: GroupMembershipOptions) {
    this.#group = group
    this.#options = options
    this.#heartbeat = setInterval(() => {
      if (!this.isCutOff && this.memberId !== '') this.lastContactMs = performance.now()
    }, options.heartbeatIntervalMs)
  }

  hearOfRound(): void {
    this.mustJoin = true
    this.#options.onMustJoin()
  }

  async join(round: GroupRound): Promise<GroupAssignment> {
    if (this.isCutOff) throw new RetriableError('log.kafka-unreachable', 'The network is down')
    this.mustJoin = false
    return this.#group.join(this, round)
  }

  async leave(): Promise<void> {
    this.#group.leave(this)
    this.memberId = ''
    this.mustJoin = true
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat)
    await this.leave()
  }
}
