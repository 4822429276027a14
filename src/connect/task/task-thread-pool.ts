import { MessageChannel } from 'node:worker_threads'
import type { MessagePort, ResourceLimits, Worker } from 'node:worker_threads'
import type { ErrorCode } from '../../api/error-codes.ts'
import { RetriableError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import { taskFailure } from './failure-trace.ts'
import type { JobSpec } from '../jobs/job-spec.ts'
import type {
  RunReport,
  TaskCode,
  TaskFailure,
  TaskReport,
  TaskSpec,
  ThreadCommand,
  ThreadReport,
} from './task-messages.ts'
import { traced } from '../tracing/traced.ts'
import type { WorkerTracing } from '../tracing/worker-tracing.ts'

/** A thread that does not answer this long after a task should have stopped is stuck in that task's code. */
const STUCK_AFTER_MS = 2_000
const EXIT_TIMEOUT_MS = 2_000
const JOB_STOP_MS = 10_000

/**
 * Starts a thread whose entry module calls `runTaskThread`. `port` must be in the worker's `workerData` and
 * `transferList`, `resourceLimits` among its options.
 */
export type StartTaskThread = (
  port: MessagePort,
  options: { readonly name: string; readonly resourceLimits: ResourceLimits },
) => Worker | Promise<Worker>

type TaskListener = (report: Exclude<TaskReport, { kind: 'stopped' }>) => void
/** Of what is hosted, be it a task or a job. */
type Listener = (report: Exclude<RunReport, { kind: 'stopped' }>) => void

/** One start of a task in some thread. */
export interface TaskRun {
  pause(): void
  resume(): void
  forgetTopics(): void
  /** Answers `begun`. @param refusal null: the task may write */
  admit(refusal: TaskFailure | null): void
  /** Resolves when the task holds nothing any more, or was given up with its thread. Nothing is reported after the call. */
  stop(timeoutMs: number): Promise<void>
}

interface HostedTask {
  readonly spec: TaskSpec | JobSpec
  readonly listener: Listener
  readonly ended: PromiseWithResolvers<undefined>
  isStopping: boolean
}

class TaskThread {
  readonly tasks = new Map<number, HostedTask>()
  readonly exited = Promise.withResolvers<undefined>()
  readonly port: MessagePort
  worker: Worker | null = null
  failure: unknown = null
  isEnding = false
  /** The class whose code it has loaded for a task that may come; null once it has run anything. */
  preparedFor: string | null = null

  constructor(port: MessagePort) {
    this.port = port
  }

  send(command: ThreadCommand): void {
    this.port.postMessage(command, [])
  }
}

/** Why a job did not come to its end, in the words that users see. */
export class JobFailure extends Error {
  readonly isRetriable: boolean
  readonly code: ErrorCode | null

  constructor({ trace, isRetriable, code }: TaskFailure) {
    super(trace)
    this.isRetriable = isRetriable
    this.code = code
  }
}

export interface TaskThreadPoolOptions {
  readonly startThread: StartTaskThread
  readonly maxThreads: number
  readonly resourceLimits: ResourceLimits
  readonly logger: TaskLogger
  /** Null: nobody looks at traces. */
  readonly tracing: WorkerTracing | null
}

/**
 * The threads that tasks run in: started with the first tasks, at most `maxThreads`, then many tasks to a thread. A thread
 * that dies takes its tasks with it; each is told so as a failure that may pass, and starts again elsewhere.
 */
export class TaskThreadPool {
  readonly #options: TaskThreadPoolOptions
  readonly #threads = new Set<TaskThread>()
  #started = 0
  #jobs = 0
  #isClosed = false

  constructor(options: TaskThreadPoolOptions) {
    this.#options = options
  }

  get threadCount(): number {
    return this.#threads.size
  }

  /**
   * A task of this code may be started soon: a thread without tasks, or a new one, loads it meanwhile. It takes 0.2 s, of
   * which the look at a configuration covers a half.
   */
  prepare(code: TaskCode): void {
    if (this.#isClosed) return
    const thread = this.#threadFor(code)
    if (thread.tasks.size > 0 || thread.preparedFor === code.connectorClass) return
    thread.preparedFor = code.connectorClass
    thread.send({ kind: 'prepare', code })
  }

  /** @param listener is told of everything until the run has failed or is stopped */
  start(spec: TaskSpec, listener: TaskListener): TaskRun {
    const { run } = spec
    const thread = this.#host(spec, (report) => {
      if (report.kind !== 'progress' && report.kind !== 'finished') listener(report)
    })
    // Waits in the port until the thread is there.
    thread.send({ kind: 'start', spec })
    return {
      pause: () => thread.send({ kind: 'pause', run }),
      resume: () => thread.send({ kind: 'resume', run }),
      forgetTopics: () => thread.send({ kind: 'forgetTopics', run }),
      admit: (refusal) => thread.send({ kind: 'admit', run, refusal }),
      stop: (timeoutMs) => this.#stop(thread, run, timeoutMs),
    }
  }

  /**
   * Runs something that has an end. Rejects with `JobFailure`.
   *
   * @param signal ends it: rejects once the job holds nothing any more
   */
  async runJob(
    work: JobSpec['work'],
    {
      connector,
      worker,
      secrets,
      signal,
      onProgress,
    }: Pick<JobSpec, 'connector' | 'worker' | 'secrets'> & {
      readonly signal: AbortSignal
      readonly onProgress: (progress: unknown) => void
    },
  ): Promise<unknown> {
    signal.throwIfAborted()
    // Runs of tasks are counted upwards by the herder.
    const run = --this.#jobs
    const id = { connector, task: run }
    const job: JobSpec = { run, id, type: 'job', connector, worker, secrets, work }
    const outcome = Promise.withResolvers<unknown>()
    const thread = this.#host(job, (report) => {
      if (report.kind === 'progress') onProgress(report.progress)
      else if (report.kind === 'finished') outcome.resolve(report.result)
      else if (report.kind === 'failed') outcome.reject(new JobFailure(report.failure))
    })
    thread.send({ kind: 'startJob', job })
    const stop = (): void => {
      void this.#stop(thread, run, JOB_STOP_MS).then(() => outcome.reject(signal.reason))
    }
    signal.addEventListener('abort', stop, { once: true })
    const span = {
      name: `job ${work.kind}`,
      attributes: { 'tailrace.connector': connector },
    }
    try {
      return await traced(this.#options.tracing?.tracer ?? null, span, () => outcome.promise)
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }

  /** Ends all threads. Their tasks have been stopped. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(
      [...this.#threads].map(async (thread) => {
        thread.isEnding = true
        thread.send({ kind: 'exit' })
        await this.#withDeadline(thread.exited.promise, EXIT_TIMEOUT_MS)
        await thread.worker?.terminate()
      }),
    )
  }

  #host(spec: TaskSpec | JobSpec, listener: Listener): TaskThread {
    const thread = this.#threadFor(spec)
    const ended = Promise.withResolvers<undefined>()
    thread.tasks.set(spec.run, { spec, listener, ended, isStopping: false })
    thread.preparedFor = null
    return thread
  }

  /**
   * One without tasks, or a new one while there may be one more; else the one with the least to do, sources and sinks
   * apart. One that was prepared is left to those whose code it has, as long as there is another.
   */
  #threadFor(wanted: TaskCode | JobSpec): TaskThread {
    const { type } = wanted
    const connectorClass = 'connectorClass' in wanted ? wanted.connectorClass : null
    const candidates = [...this.#threads].filter((thread) => !thread.isEnding)
    const idle = candidates.filter((thread) => thread.tasks.size === 0)
    const fitting =
      idle.find(({ preparedFor }) => preparedFor !== null && preparedFor === connectorClass) ??
      idle.find(({ preparedFor }) => preparedFor === null)
    if (fitting !== undefined) return fitting
    if (candidates.length < this.#options.maxThreads) return this.#open()
    if (idle[0] !== undefined) return idle[0]
    const sameType = (thread: TaskThread): number =>
      [...thread.tasks.values()].filter(({ spec }) => spec.type === type).length
    candidates.sort((a, b) => a.tasks.size - b.tasks.size || sameType(a) - sameType(b))
    return candidates[0]!
  }

  #open(): TaskThread {
    const { port1, port2 } = new MessageChannel()
    const thread = new TaskThread(port1)
    this.#threads.add(thread)
    port1.on('message', (report: ThreadReport) => this.#received(thread, report))
    void this.#launch(thread, port2)
    return thread
  }

  async #launch(thread: TaskThread, port: MessagePort): Promise<void> {
    const { startThread, resourceLimits, logger } = this.#options
    const name = `tailrace-tasks-${++this.#started}`
    try {
      const worker = await startThread(port, { name, resourceLimits })
      thread.worker = worker
      worker.on('error', (error: unknown) => {
        thread.failure = error
      })
      worker.on('exit', () => this.#ended(thread))
      if (thread.isEnding) await worker.terminate()
    } catch (error) {
      logger.error({ err: error, thread: name }, 'A task thread could not be started')
      thread.failure = error
      this.#ended(thread)
    }
  }

  #received(thread: TaskThread, report: ThreadReport): void {
    if (report.kind === 'spans') return report.spans.forEach((span) => this.#options.tracing?.add(span))
    const task = thread.tasks.get(report.run)
    if (task === undefined) return
    if (report.kind === 'stopped' || report.kind === 'failed' || report.kind === 'finished') {
      thread.tasks.delete(report.run)
      task.ended.resolve(undefined)
    }
    if (report.kind !== 'stopped' && !task.isStopping) task.listener(report)
  }

  #ended(thread: TaskThread): void {
    if (!this.#threads.delete(thread)) return
    thread.isEnding = true
    thread.port.close()
    thread.exited.resolve(undefined)
    const tasks = [...thread.tasks.values()]
    thread.tasks.clear()
    if (tasks.length === 0 && this.#isClosed) return
    const error = new RetriableError(
      'connect.thread-crashed',
      'The thread that ran this task ended unexpectedly; the task starts again on another one',
      thread.failure === null ? {} : { cause: thread.failure },
    )
    this.#options.logger.error({ err: error, tasks: tasks.length }, 'A task thread ended')
    for (const { spec, listener, ended, isStopping } of tasks) {
      ended.resolve(undefined)
      if (!isStopping) listener({ kind: 'failed', run: spec.run, failure: taskFailure(error) })
    }
  }

  async #stop(thread: TaskThread, run: number, timeoutMs: number): Promise<void> {
    const task = thread.tasks.get(run)
    if (task === undefined) return
    if (!task.isStopping) {
      task.isStopping = true
      thread.send({ kind: 'stop', run, timeoutMs })
    }
    if (await this.#withDeadline(task.ended.promise, timeoutMs + STUCK_AFTER_MS)) return
    this.#options.logger.error(
      { connector: task.spec.id.connector, task: task.spec.id.task },
      'A task does not let go of its thread; the thread is ended and its other tasks are restarted',
    )
    thread.isEnding = true
    await thread.worker?.terminate()
    this.#ended(thread)
  }

  async #withDeadline(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
    const late = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => late.resolve(false), timeoutMs)
    const isInTime = await Promise.race([promise.then(() => true), late.promise])
    clearTimeout(timer)
    return isInTime
  }
}
