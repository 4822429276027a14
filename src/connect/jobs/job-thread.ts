import { describeError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { Log } from '../../log/log.ts'
import { boundLogger } from '../bound-logger.ts'
import { hidingLogger } from '../config-providers/hiding-logger.ts'
import { SecretValues } from '../config-providers/secret-values.ts'
import { taskFailure } from '../task/failure-trace.ts'
import type { PluginCatalogue } from '../plugin-catalogue.ts'
import type { ThreadReport } from '../task/task-messages.ts'
import type { WorkerConfig } from '../config/worker-config.ts'
import type { JobSpec } from './job-spec.ts'

/** What jobs get from the thread that they run in. */
export interface JobEnvironment {
  readonly log: Log
  readonly catalogue: PluginCatalogue
  readonly worker: WorkerConfig
  /** Bound to the connector. */
  readonly logger: TaskLogger
  readonly signal: AbortSignal
  readonly onProgress: (progress: unknown) => void
}

interface JobThreadParts extends Pick<JobEnvironment, 'log' | 'catalogue' | 'logger'> {
  readonly report: (message: ThreadReport) => void
}

/** The jobs of a task thread. */
export class JobThread {
  readonly #parts: JobThreadParts
  readonly #running = new Map<number, AbortController>()

  constructor(parts: JobThreadParts) {
    this.#parts = parts
  }

  async start(job: JobSpec): Promise<void> {
    const { run } = job
    const { log, catalogue, report } = this.#parts
    const secrets = SecretValues.ofValues(job.secrets)
    const stopping = new AbortController()
    this.#running.set(run, stopping)
    const { signal } = stopping
    try {
      const logger = hidingLogger(boundLogger(this.#parts.logger, { connector: job.connector }), secrets)
      const result = await perform(job, {
        log,
        catalogue,
        worker: job.worker,
        logger,
        signal,
        onProgress: (progress) => signal.aborted || report({ kind: 'progress', run, progress }),
      })
      if (!signal.aborted) report({ kind: 'finished', run, result })
    } catch (error) {
      if (signal.aborted) return
      const trace = secrets.hide(describeError(error))
      report({ kind: 'failed', run, failure: { ...taskFailure(error), trace } })
    } finally {
      this.#running.delete(run)
      if (signal.aborted) report({ kind: 'stopped', run })
    }
  }

  /** False: there is no such job. Reports `stopped` when it holds nothing any more. */
  stop(run: number): boolean {
    const stopping = this.#running.get(run)
    stopping?.abort()
    return stopping !== undefined
  }
}

/** The code of a job is loaded by the thread that needs it. */
async function perform({ work, connector }: JobSpec, environment: JobEnvironment): Promise<unknown> {
  switch (work.kind) {
    case 'verify': {
      const { verify } = await import('../verify/verification.ts')
      return verify(work, environment)
    }
    case 'reindex': {
      const { reindex } = await import('../reindex/reindex-job.ts')
      return reindex(connector, work, environment)
    }
    case 'preflight': {
      const { examineConnectors } = await import('../preflight/examine-connectors.ts')
      const { catalogue, signal } = environment
      const deadline = AbortSignal.timeout(work.deadlineMs)
      const surroundings = { catalogue, signal: AbortSignal.any([signal, deadline]) }
      return (await examineConnectors(work.connectors, surroundings)).examined
    }
  }
}
