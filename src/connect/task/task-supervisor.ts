import type { TaskLogger } from '../../api/source-task.ts'
import type { ConnectorConfig } from '../../api/config-def.ts'
import type { TaskDetails, TaskId, TaskMeters, TaskRestarts, TaskState, TaskStatus } from '../herder.ts'
import { ConfigReload } from '../config-providers/config-reload.ts'
import type { ConfigResolver } from '../config-providers/config-resolver.ts'
import { taskFailure } from './failure-trace.ts'
import { restartDelayMs, restartPolicy, type RestartPolicy } from './restart-policy.ts'
import type { StartupCounts } from '../startup-counts.ts'
import { StateTimes } from './state-times.ts'
import { StateMachine, taskTransitions, type TaskEvent } from './state-machine.ts'
import type { TaskFailure, TaskSpec, TaskReport } from './task-messages.ts'
import { MetricsBoard } from '../reported-metrics.ts'
import { TaskMeter } from './task-meter.ts'
import type { TaskRun, TaskThreadPool } from './task-thread-pool.ts'
import { taskAttributes } from '../tracing/task-attributes.ts'
import { nowMs, type Tracer } from '../tracing/tracer.ts'

export interface TaskSurroundings {
  readonly pool: TaskThreadPool
  readonly resolver: ConfigResolver
  readonly logger: TaskLogger
  readonly startups: StartupCounts
  /** Null: nobody looks at traces. */
  readonly tracer: Tracer | null
  readonly stopTimeoutMs: number
  /** A number that no other start of any task has. */
  readonly nextRun: () => number
  /** @param topicId of a topic that the task writes to; null: it reads it */
  readonly onTopic: (topic: string, topicId: string | null, by: TaskId) => void
  /** The ids that a connector's topics had when it wrote to them. */
  readonly topicIds: (connector: string) => ReadonlyMap<string, string>
  /** Rejects where a source task must not write any more; asked once nobody else writes as this task. */
  readonly mayWrite?: () => Promise<void>
  /** A task has another state; its trace, where there is one, says why. */
  readonly onState?: (id: TaskId, state: TaskState, trace: string | null) => void
  /** What the task waits for while it runs; null: nothing. */
  readonly onWaiting?: (reason: string | null) => void
}

/** What a task's starts have in common. Its configurations still name the values of config providers. */
export type TaskPlan = Omit<TaskSpec, 'run' | 'isPaused' | 'secrets' | 'meter' | 'topicIds'>

/** Keeps one task running: starts it, knows its state, starts it again when it failed for a cause that passes. */
export class TaskSupervisor {
  readonly id: TaskId
  readonly config: ConnectorConfig
  readonly #spec: TaskPlan
  /** Counts on through restarts. */
  readonly meter = new TaskMeter()
  /** What this run of the task reports. */
  readonly metrics = new MetricsBoard()
  /** How often it was started again by itself since the worker has it, by the code of the failure. */
  readonly restartsByCause = new Map<string, number>()
  readonly #surroundings: TaskSurroundings
  readonly #times = new StateTimes<TaskState>('UNASSIGNED')
  readonly #machine: StateMachine<TaskState, TaskEvent>
  #run: TaskRun | null = null
  #waitsFor: string | null = null
  /** The last one. */
  #failure: TaskFailure | null = null
  #runId = 0
  #isPaused = false
  /** When the start began of which it is not known yet how it ends; null: there is none. */
  #startingMs: number | null = null
  readonly #policy: RestartPolicy
  /** Since it last ran for long, or was restarted on request. */
  #restarts: TaskRestarts | null = null
  /** When its present run was ready; null before. */
  #readyAt: number | null = null
  #retryTimer: NodeJS.Timeout | null = null
  #reload: ConfigReload | null = null
  /** Goes up with each request to stop: a reload that was overtaken starts nothing. */
  #stops = 0
  #ended: Promise<unknown> = Promise.resolve()

  constructor(spec: TaskPlan, surroundings: TaskSurroundings) {
    this.id = spec.id
    this.config = spec.taskConfig
    this.#spec = spec
    this.#surroundings = surroundings
    this.#policy = restartPolicy(spec.worker, { ...spec.connectorConfig, ...spec.taskConfig })
    this.#machine = new StateMachine<TaskState, TaskEvent>(taskTransitions, 'UNASSIGNED', () => {
      const { state, trace } = this.#machine
      this.#times.entered(state)
      surroundings.onState?.(this.id, state, trace)
    })
  }

  get state(): TaskState {
    return this.#machine.state
  }

  status(workerId: string, version: string): TaskStatus {
    const { state, trace } = this.#machine
    return {
      id: this.id.task,
      state,
      workerId,
      version,
      ...(trace === null ? {} : { trace }),
      ...this.details(),
    }
  }

  details(): TaskDetails {
    const { state, trace } = this.#machine
    const restarts = this.#hasRecovered() ? null : this.#restarts
    return {
      ...(trace === null || this.#failure === null ? {} : { failure: this.#failure }),
      ...(restarts === null ? {} : { restarts }),
      ...(this.#waitsFor === null || state !== 'RUNNING' ? {} : { waitsFor: this.#waitsFor }),
    }
  }

  meters(): TaskMeters {
    const { id, meter, metrics, restartsByCause } = this
    const timeShare = (state: TaskState) => this.#times.share(state)
    return { id, meter, reported: metrics.groups, restarts: restartsByCause, timeShare }
  }

  start(isPaused: boolean): void {
    this.#isPaused = isPaused
    this.#launch()
  }

  pause(): void {
    this.#isPaused = true
    // While it waits for its next start there is no run to pause; that start will be a paused one.
    if (this.#run === null) this.#machine.on('paused', this.#machine.trace)
    this.#run?.pause()
  }

  resume(): void {
    this.#isPaused = false
    if (this.#run === null && this.#retryTimer !== null) this.#machine.on('restart', this.#machine.trace)
    this.#run?.resume()
  }

  forgetTopics(): void {
    this.#run?.forgetTopics()
  }

  /** Shows what is about to happen, before `restart`. */
  announceRestart(): void {
    this.#machine.on('restart')
  }

  async restart(isPaused: boolean): Promise<void> {
    this.#machine.on('restart')
    this.#restarts = null
    await this.stop()
    this.start(isPaused)
  }

  /** Resolves when the task holds nothing any more, or was given up. */
  async stop(): Promise<void> {
    this.#stops++
    await this.#end()
  }

  async #end(): Promise<void> {
    this.#reload?.[Symbol.dispose]()
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer)
    this.#retryTimer = null
    const run = this.#run
    this.#run = null
    this.#ended = Promise.all([this.#ended, run?.stop(this.#surroundings.stopTimeoutMs)])
    await this.#ended
  }

  #launch(): void {
    const { pool, resolver, nextRun, startups, topicIds } = this.#surroundings
    const run = (this.#runId = nextRun())
    this.#startingMs = nowMs()
    startups.task.attempts++
    this.#readyAt = null
    this.metrics.clear()
    this.#wait(null)
    try {
      const connector = resolver.resolve(this.#spec.connectorConfig)
      const task = resolver.resolve(this.#spec.taskConfig)
      const secrets = [...connector.secrets.values, ...task.secrets.values]
      const configs = {
        connectorConfig: connector.config,
        taskConfig: task.config,
        secrets,
        meter: this.meter.buffer,
        topicIds: topicIds(this.id.connector),
      }
      this.#watchProviders(connector.config, task.config)
      const spec = { ...this.#spec, ...configs, run, isPaused: this.#isPaused }
      this.#run = pool.start(spec, (report) => this.#received(report))
    } catch (error) {
      // A config provider has nothing to give: its file is away, for instance.
      this.#failed(taskFailure(error))
    }
  }

  #watchProviders(connector: ConnectorConfig, task: ConnectorConfig): void {
    this.#reload?.[Symbol.dispose]()
    this.#reload = new ConfigReload({
      resolver: this.#surroundings.resolver,
      config: { ...this.#spec.connectorConfig, ...this.#spec.taskConfig },
      used: { ...connector, ...task },
      onChange: () => void this.#restartWithNewValues(),
    })
  }

  async #restartWithNewValues(): Promise<void> {
    const fields = { connector: this.id.connector, task: this.id.task }
    this.#surroundings.logger.info(
      fields,
      'A config provider has another value; the task starts again with it',
    )
    const stops = ++this.#stops
    this.#machine.on('restart')
    await this.#end()
    if (this.#stops === stops) this.start(this.#isPaused)
  }

  #received(report: Exclude<TaskReport, { kind: 'stopped' }>): void {
    if (report.run !== this.#runId) return
    switch (report.kind) {
      case 'started':
        this.#readyAt ??= performance.now()
        this.#startEnded('successes')
        return void this.#machine.on('started')
      case 'paused':
        return void this.#machine.on('paused')
      case 'begun':
        return void this.#admit()
      case 'topic':
        return this.#surroundings.onTopic(report.topic, report.id, this.id)
      case 'waiting':
        return this.#wait(report.reason)
      case 'metrics':
        return this.metrics.put(report.reported)
      case 'failed':
        return this.#failed(report.failure)
    }
  }

  #wait(reason: string | null): void {
    this.#waitsFor = reason
    this.#surroundings.onWaiting?.(reason)
  }

  async #admit(): Promise<void> {
    const run = this.#run
    const refusal = await this.#surroundings.mayWrite?.().then(() => null, taskFailure)
    run?.admit(refusal ?? null)
  }

  #failed(failure: TaskFailure): void {
    const { trace, isRetriable } = failure
    this.#failure = failure
    this.#startEnded('failures')
    const { logger } = this.#surroundings
    const fields = { connector: this.id.connector, task: this.id.task, trace }
    this.#run = null
    if (this.#hasRecovered()) this.#restarts = null
    this.#readyAt = null
    const count = this.#restarts?.count ?? 0
    if (!isRetriable || count >= this.#policy.most) {
      this.#machine.on('failed', trace)
      logger.error(
        { ...fields, restarts: count },
        'Task failed; it runs again when it is restarted or its configuration is changed',
      )
      return
    }
    const delayMs = restartDelayMs(count, Math.random(), this.#policy)
    const reason = trace.split('\n', 1)[0]!
    const cause = failure.code ?? 'unexpected'
    this.restartsByCause.set(cause, (this.restartsByCause.get(cause) ?? 0) + 1)
    this.#restarts = { count: count + 1, reason, lastFailureAt: Date.now() }
    this.#machine.on('failedForNow', trace)
    logger.warn({ ...fields, delayMs, restarts: count + 1 }, 'Task failed for now and will be started again')
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null
      this.#launch()
    }, delayMs)
  }

  #startEnded(how: 'successes' | 'failures'): void {
    if (this.#startingMs === null) return
    const { startups, tracer } = this.#surroundings
    startups.task[how]++
    const code = this.#failure?.code ?? 'unexpected'
    const restarts = this.#restarts?.count ?? 0
    tracer?.report({
      name: 'start task',
      parent: null,
      startMs: this.#startingMs,
      endMs: nowMs(),
      attributes: {
        ...taskAttributes(this.id),
        'tailrace.restarts': restarts,
        ...(restarts === 0 ? {} : { 'tailrace.restart.cause': code }),
      },
      error: how === 'failures' ? code : null,
    })
    this.#startingMs = null
  }

  /** It ran for so long that what was before does not count any more. */
  #hasRecovered(): boolean {
    return this.#readyAt !== null && performance.now() - this.#readyAt > this.#policy.resetMs
  }
}
