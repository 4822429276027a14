import { ConfigError, RetriableError, type ConnectError } from '../../../api/errors.ts'
import type {
  GroupAssignment,
  GroupMembership,
  GroupMembershipOptions,
  GroupRound,
  OpenGroupMembership,
} from '../../group-membership.ts'
import { Cluster } from '../connection/cluster.ts'
import { GroupSession } from './group-session.ts'
import { asConnectError, brokerErrorName, isPassing } from '../kafka-error.ts'
import type { KafkaClientSettings } from '../kafka-log-description.ts'

/** Groups of a Kafka cluster, version 3.1 or newer. Every membership has connections of its own. */
export function kafkaGroups(description: KafkaClientSettings): OpenGroupMembership {
  return (options) => new KafkaGroupMembership(new Cluster(description), options)
}

class KafkaGroupMembership implements GroupMembership {
  readonly #cluster: Cluster
  readonly #options: GroupMembershipOptions
  readonly #session: GroupSession

  constructor(cluster: Cluster, options: GroupMembershipOptions) {
    this.#cluster = cluster
    this.#options = options
    this.#session = new GroupSession(cluster, options)
  }

  get memberId(): string {
    return this.#session.memberId
  }

  get generation(): number {
    return this.#session.generation
  }

  get mustJoin(): boolean {
    return this.#session.mustJoin
  }

  get lastContactMs(): number {
    return this.#session.lastContactMs
  }

  async join(round: GroupRound): Promise<GroupAssignment> {
    try {
      this.#cluster.requireOpen()
      return await this.#session.join(round)
    } catch (error) {
      throw this.#explain(error)
    }
  }

  leave(): Promise<void> {
    return this.#session.leave()
  }

  async close(): Promise<void> {
    await this.#session.close()
    await this.#cluster.close()
  }

  #explain(error: unknown): ConnectError {
    const { groupId, sessionTimeoutMs } = this.#options
    const doing = `join group ${groupId}`
    if (isPassing(error))
      return new RetriableError('log.kafka-unreachable', asConnectError(error, doing).message, {
        cause: error,
      })
    switch (brokerErrorName(error)) {
      case 'INCONSISTENT_GROUP_PROTOCOL':
        return new ConfigError(
          'log.kafka-refused',
          `Cannot ${doing}: it has members of another kind, consumers for example, or workers of another connect.protocol. Choose another group.id`,
          { cause: error },
        )
      case 'INVALID_SESSION_TIMEOUT':
        return new ConfigError(
          'log.kafka-refused',
          `Cannot ${doing}: session.timeout.ms = ${sessionTimeoutMs} is not between the broker's group.min.session.timeout.ms and group.max.session.timeout.ms`,
          { cause: error },
        )
      case null:
      default:
        return asConnectError(error, doing)
    }
  }
}
