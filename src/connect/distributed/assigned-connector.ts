import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConflictError, ConnectError, describeError, RetriableError } from '../../api/errors.ts'
import { SecretValues } from '../config-providers/secret-values.ts'
import { planTask, startConnector, type ConnectorTaskParts } from '../connector-tasks.ts'
import { failureTrace } from '../task/failure-trace.ts'
import type { ConnectorState, TaskDetails, TaskId, TaskMeters, TaskState } from '../herder.ts'
import { connectorTransitions, StateMachine, type ConnectorEvent } from '../task/state-machine.ts'
import { TaskSupervisor, type TaskSurroundings } from '../task/task-supervisor.ts'
import type { RestartRequest } from './config-records.ts'
import type { ConfiguredConnector } from './configured-connectors.ts'
import { LastingReason } from './lasting-reason.ts'
import { TaskConfigsPublisher } from './task-configs-publisher.ts'

/** What this worker has of a connector: the connector itself, some of its tasks, or both. */
export interface AssignedPart {
  /** Null: it was deleted. */
  readonly connector: ConfiguredConnector | null
  readonly hasConnector: boolean
  /** Those assigned, be they configured or not. */
  readonly tasks: ReadonlySet<number>
}

export interface AssignedSurroundings extends ConnectorTaskParts, Omit<TaskSurroundings, 'onState'> {
  /** @param version the plugin's; null: not known */
  readonly onConnectorState: (
    connector: string,
    status: {
      readonly state: ConnectorState
      readonly trace: string | null
      readonly version: string | null
    },
  ) => void
  readonly onTaskState: (
    id: TaskId,
    status: {
      readonly state: TaskState
      readonly trace: string | null
      readonly version: string | null
      readonly details?: TaskDetails
    },
  ) => void
  /** Gives task configurations to the leader, who writes them. Rejects where it cannot, or not now. */
  readonly publish: (connector: string, taskConfigs: readonly ConnectorConfig[]) => Promise<void>
  /**
   * Resolves once no task of an earlier generation can write any more; at once where nothing is written in
   * transactions. Rejects with a retriable error where it has to be tried again.
   */
  readonly fence: (connector: ConfiguredConnector) => Promise<void>
  /** Resolves once everything that the config topic says at the time of the call is known here. */
  readonly readConfigs: () => Promise<void>
}

interface RunningTask {
  /** Null: it could not even be prepared. */
  readonly supervisor: TaskSupervisor | null
  readonly isSource: boolean
  readonly generation: bigint
  /** False while tasks of before are being fenced off. */
  isStarted: boolean
}

const FENCING_PAUSE_MS = 1000

/**
 * Runs what is assigned to this worker of one connector, as the config topic wants it. What changes is worked in one
 * after the other; nobody waits for a task's `start`.
 */
export class AssignedConnector {
  readonly name: string
  readonly #surroundings: AssignedSurroundings
  readonly #machine: StateMachine<ConnectorState, ConnectorEvent>
  readonly #publisher: TaskConfigsPublisher
  readonly #tasks = new Map<number, RunningTask>()
  #part: AssignedPart = { connector: null, hasConnector: false, tasks: new Set() }
  /** What the connector was started, or moved, for; null: it does not run. */
  #startedFor: Pick<ConfiguredConnector, 'config' | 'target'> | null = null
  #queue: Promise<void> = Promise.resolve()
  #secrets = new SecretValues(new Map())

  constructor(name: string, surroundings: AssignedSurroundings) {
    this.name = name
    this.#surroundings = surroundings
    this.#publisher = new TaskConfigsPublisher(name, surroundings)
    this.#machine = new StateMachine<ConnectorState, ConnectorEvent>(
      connectorTransitions,
      'UNASSIGNED',
      () => {
        const { state, trace } = this.#machine
        surroundings.onConnectorState(name, { state, trace, version: this.#version() })
      },
    )
  }

  /** Nothing runs and nothing is to. */
  get isIdle(): boolean {
    const { hasConnector, tasks } = this.#part
    return !hasConnector && tasks.size === 0 && this.#tasks.size === 0 && this.#startedFor === null
  }

  /** Resolves once nothing runs any more that should not. */
  update(part: AssignedPart): Promise<void> {
    this.#part = part
    if (!part.hasConnector) this.#publisher.abandon()
    return this.#enqueue(() => this.#reconcile())
  }

  restartConnector(): void {
    if (!this.#part.hasConnector) return
    this.#machine.on('restart')
    void this.#enqueue(() => {
      this.#startedFor = null
      return this.#reconcile()
    })
  }

  /** A task that is configured and assigned here. */
  restartTask(task: number): void {
    this.#tasks.get(task)?.supervisor?.announceRestart()
    void this.#enqueue(async () => {
      const running = this.#tasks.get(task)
      if (running?.isStarted === true) await running.supervisor?.restart(this.#isPaused)
      else this.#tasks.delete(task)
      await this.#reconcile()
    })
  }

  /** What of a restart concerns this worker. */
  restart({ includeTasks, onlyFailed }: RestartRequest): void {
    if (!onlyFailed || this.#machine.state === 'FAILED') this.restartConnector()
    if (!includeTasks) return
    for (const [task, { supervisor }] of this.#tasks) {
      if (!onlyFailed || supervisor === null || supervisor.state === 'FAILED') this.restartTask(task)
    }
  }

  forgetTopics(): void {
    for (const { supervisor } of this.#tasks.values()) supervisor?.forgetTopics()
  }

  meters(): readonly TaskMeters[] {
    return [...this.#tasks.values()].flatMap(({ supervisor }) =>
      supervisor === null ? [] : [supervisor.meters()],
    )
  }

  /** Of a task that runs here. */
  details(task: number): TaskDetails {
    return this.#tasks.get(task)?.supervisor?.details() ?? {}
  }

  get #isPaused(): boolean {
    return this.#part.connector?.target !== 'STARTED'
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const { logger } = this.#surroundings
    this.#queue = this.#queue.then(work).catch((error: unknown) => {
      logger.error({ err: error, connector: this.name }, 'A change of a connector could not be worked in')
    })
    return this.#queue
  }

  async #reconcile(): Promise<void> {
    await this.#stopTasks()
    try {
      await this.#reconcileConnector()
    } catch (error) {
      const trace = this.#secrets.hide(failureTrace(error))
      this.#machine.on('failed', trace)
      this.#surroundings.logger.error({ connector: this.name, trace }, 'Connector failed')
    }
    this.#startTasks()
  }

  /** Those that are not wanted any more, and those whose configuration is another one now. */
  async #stopTasks(): Promise<void> {
    const { connector, tasks } = this.#part
    const count = connector?.taskConfigs.length ?? 0
    const stopping = [...this.#tasks].filter(
      ([task, { generation }]) =>
        !tasks.has(task) || task >= count || generation !== connector?.taskGeneration,
    )
    await Promise.all(
      stopping.map(async ([task, { supervisor }]) => {
        this.#tasks.delete(task)
        await supervisor?.stop()
        // The leader removes what there is of a deleted connector.
        if (this.#part.connector === null) return
        const id = { connector: this.name, task }
        this.#surroundings.onTaskState(id, { state: 'UNASSIGNED', trace: null, version: null })
      }),
    )
  }

  async #reconcileConnector(): Promise<void> {
    const { connector, hasConnector } = this.#part
    if (connector === null || !hasConnector) {
      const wasStarted = this.#startedFor !== null
      this.#startedFor = null
      if (wasStarted && connector !== null) {
        const status = { state: 'UNASSIGNED', trace: null, version: this.#version() } as const
        this.#surroundings.onConnectorState(this.name, status)
      }
      return
    }
    const { config, target } = connector
    const isSame = this.#startedFor?.config === config && this.#startedFor.target === target
    if (isSame && !connector.isInconsistent) return
    this.#startedFor = { config, target }
    switch (target) {
      case 'STOPPED':
        this.#publisher.abandon()
        return void this.#machine.on('stopped')
      case 'PAUSED':
        this.#publisher.abandon()
        return void this.#machine.on('paused')
      case 'STARTED': {
        const onSecrets = (secrets: SecretValues) => (this.#secrets = secrets)
        const taskConfigs = await startConnector(this.name, config, { ...this.#surroundings, onSecrets })
        this.#machine.on('started')
        this.#publisher.offer(taskConfigs, () => this.#part.connector)
      }
    }
  }

  #startTasks(): void {
    const { connector, tasks } = this.#part
    if (connector === null) return
    for (const task of connector.taskConfigs.keys()) {
      if (!tasks.has(task)) continue
      const running = this.#tasks.get(task)
      if (running === undefined) this.#startTask(task, connector)
      else if (this.#isPaused && running.isStarted) running.supervisor?.pause()
      else if (running.isStarted) running.supervisor?.resume()
    }
  }

  #startTask(task: number, connector: ConfiguredConnector): void {
    const id = { connector: this.name, task }
    const generation = connector.taskGeneration
    try {
      const plan = planTask(id, connector, this.#surroundings)
      const onState: TaskSurroundings['onState'] = (id, state, trace) => {
        const details = this.#toldDetails(task, state, waiting.told)
        this.#surroundings.onTaskState(id, { state, trace, version: this.#version(), details })
      }
      const waiting = new LastingReason(() => {
        if (this.#tasks.get(task)?.supervisor?.state === 'RUNNING') onState(id, 'RUNNING', null)
      })
      const onWaiting = (reason: string | null): void => waiting.set(reason)
      const mayWrite = () => this.#requireNewest(task, generation)
      const supervisor = new TaskSupervisor(plan, { ...this.#surroundings, onState, onWaiting, mayWrite })
      const running = { supervisor, isSource: plan.type === 'source', generation, isStarted: false }
      this.#tasks.set(task, running)
      void this.#startFenced(running, connector)
    } catch (error) {
      // Nobody here has a plugin of that class, for instance.
      this.#tasks.set(task, { supervisor: null, isSource: false, generation, isStarted: false })
      const trace = failureTrace(error)
      this.#surroundings.onTaskState(id, { state: 'FAILED', trace, version: null })
    }
  }

  /** What the group is told beside the state: only what stays true as long as the state, or is told again when it changes. */
  #toldDetails(task: number, state: TaskState, waitsFor: string | null): TaskDetails {
    const { restarts, failure } = this.details(task)
    return {
      ...(state === 'RUNNING' && waitsFor !== null ? { waitsFor } : {}),
      ...(state === 'RESTARTING' && restarts !== undefined ? { restarts } : {}),
      ...(failure === undefined ? {} : { failure }),
    }
  }

  /** A sink has no transactions of before. */
  async #startFenced(running: RunningTask, connector: ConfiguredConnector): Promise<void> {
    const supervisor = running.supervisor!
    const { task } = supervisor.id
    const isWanted = () => this.#tasks.get(task) === running
    while (running.isSource) {
      try {
        await this.#surroundings.fence(connector)
        break
      } catch (error) {
        if (!isWanted()) return
        const isPassing = error instanceof ConnectError && error.retriable
        const trace = failureTrace(error)
        this.#surroundings.logger.warn(
          { ...supervisor.id, trace, isPassing },
          'Earlier tasks are not fenced off',
        )
        if (!isPassing) {
          const status = { state: 'FAILED', trace, version: this.#version() } as const
          return this.#surroundings.onTaskState(supervisor.id, status)
        }
        await new Promise((resolve) => setTimeout(resolve, FENCING_PAUSE_MS))
      }
      if (!isWanted()) return
    }
    if (!isWanted()) return
    running.isStarted = true
    supervisor.start(this.#isPaused)
  }

  /** A worker that was out of the group for a while may start tasks that others have taken over, or that are no more. */
  async #requireNewest(task: number, generation: bigint): Promise<void> {
    await this.#surroundings.readConfigs().catch((error: unknown) => {
      const message = `It is not known whether source task ${this.name}-${task} is still to run: ${describeError(error)}`
      throw new RetriableError('connect.fencing-failed', message, { cause: error })
    })
    const { connector, tasks } = this.#part
    if (connector?.taskGeneration === generation && tasks.has(task)) return
    throw new ConflictError(
      'connect.fencing-failed',
      `Cannot start source task ${this.name}-${task} with exactly-once support as the connector has already generated a new set of task ` +
        'configs, or another worker runs the task now',
    )
  }

  #version(): string | null {
    const className = this.#part.connector?.config['connector.class'] ?? ''
    return this.#surroundings.catalogue.find(className, 'source', 'sink')?.version ?? null
  }
}
