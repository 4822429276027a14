import type { TaskLogger } from '../../api/source-task.ts'
import type { OpenGroupMembership } from '../../log/group-membership.ts'
import type { TaskId } from '../herder.ts'

/** What this worker has to run. */
export interface WorkerAssignment {
  readonly generation: number
  readonly memberId: string
  readonly leaderId: string
  /** Where the leader's REST API is. */
  readonly leaderUrl: string
  /** The leader assigned what the config topic says up to here; this worker has read as far. */
  readonly configOffset: bigint
  /** Everything that this worker has now, what it had before included. */
  readonly connectors: readonly string[]
  readonly tasks: readonly TaskId[]
  /** What it gave up in this round: `onRevoked` was told already. */
  readonly revokedConnectors: readonly string[]
  readonly revokedTasks: readonly TaskId[]
  /** Not 0: the leader waits so long for a worker that has gone, then shares again. */
  readonly delayMs: number
}

export interface WorkerShare {
  readonly connectors: readonly string[]
  readonly tasks: readonly TaskId[]
}

/** What is configured, as far as the config topic has been read. */
export interface ConfigSnapshot {
  /** One after the last record that was read; -1: none was. Kafka Connect counts the same way. */
  readonly offset: bigint
  /** Every connector with its tasks as committed. */
  readonly connectors: ReadonlyMap<string, readonly TaskId[]>
}

export type ConnectProtocolName = 'sessioned' | 'compatible' | 'eager'

export interface CoordinatorOptions {
  readonly membership: OpenGroupMembership
  readonly groupId: string
  /** The advertised URL of this worker's REST API, with a slash at the end. */
  readonly workerUrl: string
  /** `connect.protocol`: the most modern that is offered. */
  readonly protocol: ConnectProtocolName
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly rebalanceTimeoutMs: number
  readonly scheduledRebalanceMaxDelayMs: number
  /** `worker.unsync.backoff.ms`: how long to stay away after the config topic could not be read. */
  readonly workerUnsyncBackoffMs: number
  readonly logger: TaskLogger
  configSnapshot(): ConfigSnapshot
  /** Reads the config topic to its end, at least up to `offset`; rejects after a while if that is not there. */
  refreshConfigs(offset: bigint): Promise<ConfigSnapshot>
  /** Called one after the other with `onRevoked`; heartbeats go on meanwhile. Should start work, not wait for it. */
  onAssigned(assignment: WorkerAssignment): Promise<void>
  /**
   * Resolves once these have stopped: another worker gets them after that. Those that do not run are none of its
   * business. Called for everything when the group went on without this worker; `onAssigned` follows once it is back.
   */
  onRevoked(lost: WorkerShare): Promise<void>
  /** The group went on, or may have, without this worker; `onRevoked` comes before. */
  onLost?(): void
}
