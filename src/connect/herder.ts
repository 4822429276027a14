import type { ConnectorConfig } from '../api/config-def.ts'
import type { OffsetChange } from '../api/plugin.ts'
import type { JsonObject } from '../api/record.ts'
import type { OptionDefinition, OptionState } from '../api/config-def.ts'
import type { TopicDescription } from '../log/log.ts'
import type { Log } from '../log/log.ts'
import type { ConfigAdmission } from './config/config-admission.ts'
import type { Explorer } from './explore/explorer.ts'
import type { Reindexings } from './reindex/reindexings.ts'
import type { ReportedMetrics } from './reported-metrics.ts'
import type { RecentReading } from './recent-values.ts'
import type { StartupCounts } from './startup-counts.ts'
import type { TaskFailure } from './task/task-messages.ts'
import type { TaskMeter } from './task/task-meter.ts'
import type { Verifications } from './verify/verifications.ts'

/** Kafka Connect's states, as its REST API spells them. */
export type ConnectorState = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'RESTARTING'
export type TaskState = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'FAILED' | 'RESTARTING'
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED'

export interface TaskId {
  readonly connector: string
  readonly task: number
}

/** What is counted of one task. */
export interface TaskMeters {
  readonly id: TaskId
  readonly meter: TaskMeter
  /** Numbers of the task's own, since it was last started. */
  readonly reported: readonly ReportedMetrics[]
  /** How often it was started again by itself, by the code of the failure. */
  readonly restarts: ReadonlyMap<string, number>
  /** How much of the time since it is here it was in a state, from 0 to 1. */
  readonly timeShare: (state: TaskState) => number
}

export interface ConnectorInfo {
  readonly name: string
  readonly config: ConnectorConfig
  readonly tasks: readonly TaskId[]
  readonly type: 'source' | 'sink' | 'unknown'
}

export interface ConnectorStatus {
  readonly name: string
  readonly connector: {
    readonly state: ConnectorState
    readonly workerId: string
    /** The plugin's version. */
    readonly version?: string
    readonly trace?: string
  }
  readonly tasks: readonly TaskStatus[]
  readonly type: 'source' | 'sink' | 'unknown'
}

export interface TaskStatus {
  readonly id: number
  readonly state: TaskState
  readonly workerId: string
  /** The plugin's version. */
  readonly version?: string
  readonly trace?: string
  /** What `trace` is about, for programs; where it is known. */
  readonly failure?: Pick<TaskFailure, 'code' | 'origin'>
  /** What it waits for though it runs. */
  readonly waitsFor?: string
  /** Where it was started again by itself since it last ran for long; of another worker's only while that starts it again. */
  readonly restarts?: TaskRestarts
}

/** What of a task's status only the worker knows that has it, or was told by it. */
export type TaskDetails = Pick<TaskStatus, 'failure' | 'waitsFor' | 'restarts'>

/** How often a task was started again in a row after failures that pass, and why the last time. */
export interface TaskRestarts {
  readonly count: number
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly lastFailureAt: number
}

/** The whole answer of a validation, plugin options and common connector options together. */
export interface ConfigValidation {
  /** The connector's class. */
  readonly name: string
  readonly errorCount: number
  readonly groups: readonly string[]
  readonly options: readonly ValidatedOption[]
}

export interface ValidatedOption extends Omit<OptionState, 'definition'> {
  /** Null: nobody defines a property of this name. */
  readonly definition: OptionDefinition | null
}

export interface PluginInfo {
  readonly className: string
  readonly type: 'source' | 'sink' | 'converter' | 'header_converter' | 'transformation' | 'predicate'
  readonly version: string
}

export interface OffsetEntry {
  readonly partition: JsonObject
  readonly offset: JsonObject | null
}

/**
 * Decides what runs where. Everything that REST can ask of connectors goes through it. Rejections are `ConnectError`s:
 * `NotFoundError` (404), `ConflictError` (409), `ConfigError` (400), others 500; messages word for word as the
 * reference's.
 */
export interface Herder {
  readonly log: Log
  readonly kafkaClusterId: string
  readonly version: string
  readonly commit: string

  /** Answers questions about plugins and configurations. */
  readonly admission: Pick<ConfigAdmission, 'plugins' | 'pluginConfig' | 'validate'>

  connectors(): readonly string[]
  connectorInfo(name: string): ConnectorInfo
  connectorStatus(name: string): ConnectorStatus
  taskConfigs(name: string): readonly { readonly id: TaskId; readonly config: ConnectorConfig }[]
  /** What the connector's tasks have counted. */
  taskMeters(name: string): readonly TaskMeters[]
  /** Whether a connector, or a task, is this worker's to run. */
  isHere(of: string | TaskId): boolean
  /** How often this worker started connectors and tasks. */
  readonly startups: StartupCounts
  /** Validates, stores and starts. `create` refuses a name that exists; otherwise answers whether it was new. */
  putConnectorConfig(
    name: string,
    config: ConnectorConfig,
    options: { readonly mode: 'create' | 'createOrUpdate'; readonly initialState?: TargetState },
  ): Promise<{ readonly created: boolean; readonly info: ConnectorInfo }>
  patchConnectorConfig(name: string, patch: ConnectorConfig): Promise<ConnectorInfo>
  deleteConnector(name: string): Promise<void>
  setTargetState(name: string, state: TargetState): Promise<void>
  restartConnector(
    name: string,
    options: { readonly includeTasks: boolean; readonly onlyFailed: boolean },
  ): Promise<ConnectorStatus>
  restartTask(id: TaskId): Promise<void>

  connectorOffsets(name: string): Promise<readonly OffsetEntry[]>
  alterConnectorOffsets(name: string, offsets: readonly OffsetChange[]): Promise<string>
  resetConnectorOffsets(name: string): Promise<string>
  connectorTopics(name: string): readonly string[]
  resetConnectorTopics(name: string): Promise<void>

  /** Compares sinks' documents with the rows behind them, on the worker that was asked. */
  readonly verifications: Pick<Verifications, 'start' | 'state' | 'ownState' | 'stop'>
  /** Makes sinks' indices anew; in a group the leader does, for it may stop connectors. */
  readonly reindexings: Pick<Reindexings, 'start' | 'state' | 'ownState' | 'abort'>
  /** Looks at what is behind connectors. */
  readonly explorer: Pick<Explorer, 'preflight' | 'tables' | 'indices' | 'search'>

  topics(): Promise<readonly TopicDescription[]>
  /** Null: this worker is on its own. */
  readonly group: WorkerGroup | null
  close(): Promise<void>
}

/** What a worker of a group does for the others. */
export interface WorkerGroup {
  /** Whether it has joined: it knows what to run, and whom to ask. */
  readonly hasJoined: boolean
  /** Whether workers sign what they ask of each other. */
  readonly hasSignedRequests: boolean
  /** Null before it has begun to join. */
  readonly rebalances: RebalanceReading | null
  /** The owner of a connector gives its task configurations to the leader, who writes them. */
  putTaskConfigs(
    name: string,
    taskConfigs: readonly ConnectorConfig[],
    signature: RequestSignature,
  ): Promise<void>
  /** The leader sees to it that no earlier task of a connector can write any more. */
  fence(name: string, signature: RequestSignature): Promise<void>
  /** Sets a logger's level on all workers of the group, this one included. */
  setLoggerLevel(namespace: string, level: string): Promise<void>
  /** @param listener told of levels that some worker was asked to set on all */
  onLoggerLevel(listener: (namespace: string, level: string) => void): void
}

/** How a worker's group has shared out its work, since the worker started. */
export interface RebalanceReading {
  /** Null before the first round. */
  readonly leaderUrl: string | null
  /** -1 before the first round. */
  readonly generation: number
  /** The words of `connect.protocol`. */
  readonly protocol: string
  readonly completed: number
  readonly isRebalancing: boolean
  /** Of rounds, in milliseconds. */
  readonly times: RecentReading
  /** Null before the first round has ended. */
  readonly sinceLastMs: number | null
}

/** The signature of a request between workers, as its headers have it. */
export interface RequestSignature {
  /** The request's body, byte for byte. */
  readonly body: string
  /** Base64; undefined: the header is missing. */
  readonly signature: string | undefined
  readonly algorithm: string | undefined
}
