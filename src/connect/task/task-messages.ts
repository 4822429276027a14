import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ErrorCode } from '../../api/error-codes.ts'
import type { RecordPlace } from '../../api/errors.ts'
import type { TaskId } from '../herder.ts'
import type { JobSpec } from '../jobs/job-spec.ts'
import type { ReportedMetrics } from '../reported-metrics.ts'
import type { SpanRecord } from '../tracing/tracer.ts'
import type { WorkerConfig } from '../config/worker-config.ts'

/** What a thread has to load for a task. */
export interface TaskCode {
  readonly type: 'source' | 'sink'
  readonly connectorClass: string
}

/** Everything a thread needs to run a task. `run` names this one start of it: reports of an earlier run are stale. */
export interface TaskSpec extends TaskCode {
  readonly run: number
  readonly id: TaskId
  readonly connectorConfig: ConnectorConfig
  readonly taskConfig: ConnectorConfig
  /** Values of config providers in these configurations; they must not leave the worker. */
  readonly secrets: readonly string[]
  /** Of the task's `TaskMeter`. */
  readonly meter: SharedArrayBuffer
  /** How many tasks the connector has. */
  readonly taskCount: number
  /** Of a source's topics, as they were when the connector wrote to them. */
  readonly topicIds: ReadonlyMap<string, string>
  /** Start paused: the task's code is not called before `resume`. */
  readonly isPaused: boolean
  readonly worker: WorkerConfig
}

/** Herder to thread. */
export type ThreadCommand =
  | { readonly kind: 'start'; readonly spec: TaskSpec }
  /** A task of this code may start soon. Not answered. */
  | { readonly kind: 'prepare'; readonly code: TaskCode }
  | { readonly kind: 'startJob'; readonly job: JobSpec }
  | { readonly kind: 'pause'; readonly run: number }
  | { readonly kind: 'resume'; readonly run: number }
  /** Answered by `stopped` within the time; what is not done by then is given up. */
  | { readonly kind: 'stop'; readonly run: number; readonly timeoutMs: number }
  /** Answers `begun`: why the task must not write; null: it may. */
  | { readonly kind: 'admit'; readonly run: number; readonly refusal: TaskFailure | null }
  /** Report each topic again when it is next used. */
  | { readonly kind: 'forgetTopics'; readonly run: number }
  /** The thread is to end. No task is running any more. */
  | { readonly kind: 'exit' }

/** Thread to herder. */
export type ThreadReport = RunReport | { readonly kind: 'spans'; readonly spans: readonly SpanRecord[] }

/** Of a task or a job, by its run. */
export type RunReport = TaskReport | JobReport

export type TaskReport =
  | { readonly kind: 'started'; readonly run: number }
  | { readonly kind: 'paused'; readonly run: number }
  /** Nobody else writes as this task any more; it asks whether it is still the one that should. */
  | { readonly kind: 'begun'; readonly run: number }
  | { readonly kind: 'topic'; readonly run: number; readonly topic: string; readonly id: string | null }
  /** Null: it waits no more. */
  | { readonly kind: 'waiting'; readonly run: number; readonly reason: string | null }
  | { readonly kind: 'metrics'; readonly run: number; readonly reported: ReportedMetrics }
  /** The task failed and holds nothing any more. */
  | { readonly kind: 'failed'; readonly run: number; readonly failure: TaskFailure }
  | { readonly kind: 'stopped'; readonly run: number }

/** What a job says beside `failed` and `stopped`; its kind tells what the contents are. */
export type JobReport =
  | { readonly kind: 'progress'; readonly run: number; readonly progress: unknown }
  /** The job is done and holds nothing any more. */
  | { readonly kind: 'finished'; readonly run: number; readonly result: unknown }

export interface TaskFailure {
  /** What users see: the first line is `class: message`, as the reference's. */
  readonly trace: string
  /** True: expected to pass, so the task is started again. */
  readonly isRetriable: boolean
  /** Of what is at the bottom of it; null: nobody raised it on purpose. */
  readonly code: ErrorCode | null
  /** The record that could not be dealt with, where it was one. */
  readonly origin: RecordPlace | null
}
