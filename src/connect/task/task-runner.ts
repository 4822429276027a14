import type { ConnectorConfig } from '../../api/config-def.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { Log } from '../../log/log.ts'
import type { PluginCatalogue } from '../plugin-catalogue.ts'
import type { ReportedMetrics } from '../reported-metrics.ts'
import type { TaskMeter } from './task-meter.ts'
import type { TaskSpec } from './task-messages.ts'
import type { Tracer } from '../tracing/tracer.ts'

/** Runs one task in a task thread, from its start to its end. */
export interface TaskRunner {
  /** Resolves when the task was stopped; rejects when it failed. Either way everything is let go. */
  run(): Promise<void>
  pause(): void
  resume(): void
  /** May be called twice, and during `run`'s start. Resolves when nothing of the task is under way, or time is up. */
  stop(timeoutMs: number): Promise<void>
  /** Report each topic again when it is next used. */
  forgetTopics(): void
}

/** Opens the topics of another Kafka cluster, as its client properties say. */
export type OpenCluster = (properties: ConnectorConfig) => Promise<Log>

/** What runners get from the thread that they run in. */
export interface TaskEnvironment {
  readonly spec: TaskSpec
  readonly log: Log
  readonly catalogue: PluginCatalogue
  /** Bound to connector and task. */
  readonly logger: TaskLogger
  readonly meter: TaskMeter
  /** Resolves once the task may write, and nobody else writes as this task; rejects where it must not. */
  readonly begin: () => Promise<void>
  readonly onStarted: () => void
  readonly onPaused: () => void
  /** The id is that of a topic that is written to. */
  readonly onTopic: (topic: string, id: string | null) => void
  /** What the task waits for, or that it waits no more. */
  readonly onWaiting: (reason: string | null) => void
  readonly onMetrics: (reported: ReportedMetrics) => void
  readonly openCluster: OpenCluster
  /** Null: nobody looks at traces. */
  readonly tracer: Tracer | null
}
