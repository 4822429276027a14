import type { ConnectorConfig } from '../../api/config-def.ts'
import type { TaskId } from '../herder.ts'
import type { PreflightWork } from '../preflight/preflight-work.ts'
import type { ReindexWork } from '../reindex/reindex-work.ts'
import type { VerifyWork } from '../verify/verify-work.ts'
import type { WorkerConfig } from '../config/worker-config.ts'

/** Something that somebody asked for once, and that runs in a task thread, so that REST stays quick. */
export interface JobSpec {
  readonly run: number
  /** For what is said of threads; no task has a number like that. */
  readonly id: TaskId
  readonly type: 'job'
  readonly connector: string
  readonly worker: WorkerConfig
  /** Values of config providers; they must not leave the worker. */
  readonly secrets: readonly string[]
  readonly work: VerifyWork | ReindexWork | PreflightWork
}

export interface ConnectorOf {
  readonly name: string
  /** With its secrets. */
  readonly config: ConnectorConfig
}
