import type { ConnectorConfig } from '../api/config-def.ts'
import { NotFoundError } from '../api/errors.ts'
import type { TaskLogger } from '../api/source-task.ts'
import { SecretValues } from './config-providers/secret-values.ts'
import { planTask, startConnector } from './connector-tasks.ts'
import { failureTrace } from './task/failure-trace.ts'
import type {
  ConnectorInfo,
  ConnectorState,
  ConnectorStatus,
  TargetState,
  TaskId,
  TaskMeters,
} from './herder.ts'
import type { StoredConnector } from './connector-store.ts'
import type { PluginCatalogue } from './plugin-catalogue.ts'
import { connectorTransitions, StateMachine, type ConnectorEvent } from './task/state-machine.ts'
import { TaskSupervisor, type TaskSurroundings } from './task/task-supervisor.ts'
import type { WorkerConfig } from './config/worker-config.ts'

export interface ConnectorSurroundings extends TaskSurroundings {
  readonly catalogue: PluginCatalogue
  readonly worker: WorkerConfig
  readonly workerId: string
  readonly logger: TaskLogger
}

/**
 * One connector: its configuration, its state, its tasks. What is asked of it is done one after the other in the
 * background; nobody waits for a task's `start`.
 */
export class ConnectorSupervisor {
  readonly name: string
  readonly #surroundings: ConnectorSurroundings
  readonly #machine = new StateMachine<ConnectorState, ConnectorEvent>(connectorTransitions, 'UNASSIGNED')
  #config: ConnectorConfig
  #target: TargetState
  #hasTasks: boolean
  #tasks: readonly TaskSupervisor[] = []
  /** The configuration that the tasks were made from; null while there are none. */
  #tasksOf: ConnectorConfig | null = null
  #queue: Promise<void>
  /** What config providers supplied to the configuration when it was last looked at. */
  #secrets = new SecretValues(new Map())

  /** @param after an earlier connector of this name that may still hold something */
  constructor(
    name: string,
    wanted: Omit<StoredConnector, 'name'>,
    { surroundings, after }: { readonly surroundings: ConnectorSurroundings; readonly after: Promise<void> },
  ) {
    this.name = name
    this.#config = wanted.config
    this.#target = wanted.target
    this.#hasTasks = wanted.hasTasks
    this.#surroundings = surroundings
    this.#queue = after
  }

  get config(): ConnectorConfig {
    return this.#config
  }

  get target(): TargetState {
    return this.#target
  }

  get state(): ConnectorState {
    return this.#machine.state
  }

  get type(): 'source' | 'sink' | 'unknown' {
    const entry = this.#entry()
    return entry === null ? 'unknown' : (entry.type as 'source' | 'sink')
  }

  /** Whether it is to have tasks: it is started, or was when it was paused. */
  get hasTasks(): boolean {
    return this.#hasTasks
  }

  info(): ConnectorInfo {
    const tasks = this.#tasks.map(({ id }) => id)
    return { name: this.name, config: this.#config, tasks, type: this.type }
  }

  status(): ConnectorStatus {
    const { workerId } = this.#surroundings
    const version = this.#entry()?.version ?? 'unknown'
    const { state, trace } = this.#machine
    return {
      name: this.name,
      connector: { state, workerId, version, ...(trace === null ? {} : { trace }) },
      tasks: this.#tasks.map((task) => task.status(workerId, version)),
      type: this.type,
    }
  }

  taskConfigs(): readonly { readonly id: TaskId; readonly config: ConnectorConfig }[] {
    return this.#tasks.map(({ id, config }) => ({ id, config }))
  }

  meters(): readonly TaskMeters[] {
    return this.#tasks.map((task) => task.meters())
  }

  begin(): void {
    this.#enqueue(() => this.#reconcile())
  }

  /** The stored configuration changed. */
  configure(config: ConnectorConfig): void {
    this.#config = config
    this.#enqueue(() => this.#reconcile())
  }

  /** The stored target state changed. */
  aim(target: TargetState): void {
    this.#hasTasks = hasTasksWhen(target, this.#hasTasks)
    this.#target = target
    this.#enqueue(() => this.#reconcile())
  }

  /** Answers the status at its start, with RESTARTING where something is about to restart. */
  restart({ includeTasks, onlyFailed }: { includeTasks: boolean; onlyFailed: boolean }): ConnectorStatus {
    const restartsConnector = !onlyFailed || this.#machine.state === 'FAILED'
    const tasks = includeTasks ? this.#tasks.filter((task) => !onlyFailed || task.state === 'FAILED') : []
    if (restartsConnector) this.#machine.on('restart')
    for (const task of tasks) task.announceRestart()
    const announced = this.status()
    this.#enqueue(async () => {
      const isPaused = this.#target === 'PAUSED'
      await Promise.all(
        tasks.filter((task) => this.#tasks.includes(task)).map((task) => task.restart(isPaused)),
      )
      if (restartsConnector) await this.#reconcile()
    })
    return announced
  }

  /** Throws `connect.task-unknown`. */
  restartTask(id: TaskId): void {
    const task = this.#tasks[id.task]
    if (task === undefined) {
      throw new NotFoundError('connect.task-unknown', `Unknown task: ${id.connector}-${id.task}`)
    }
    task.announceRestart()
    this.#enqueue(async () => {
      if (this.#tasks.includes(task)) await task.restart(this.#target === 'PAUSED')
    })
  }

  forgetTopics(): void {
    for (const task of this.#tasks) task.forgetTopics()
  }

  /** Ends the tasks; resolves when nothing of the connector runs any more. */
  close(): Promise<void> {
    this.#enqueue(() => this.#stopTasks())
    return this.#queue
  }

  #entry() {
    const className = this.#config['connector.class'] ?? ''
    return this.#surroundings.catalogue.find(className, 'source', 'sink')
  }

  #enqueue(work: () => Promise<void>): void {
    this.#queue = this.#queue.then(work).catch((error: unknown) => {
      const trace = this.#secrets.hide(failureTrace(error))
      this.#machine.on('failed', trace)
      this.#surroundings.logger.error({ connector: this.name, trace }, 'Connector failed')
    })
  }

  /** Brings what runs in line with what is wanted. */
  async #reconcile(): Promise<void> {
    const config = this.#config
    switch (this.#target) {
      case 'STOPPED':
        await this.#stopTasks()
        return void this.#machine.on('stopped')
      case 'PAUSED':
        if (this.#hasTasks) await this.#makeTasks(config, true)
        for (const task of this.#tasks) task.pause()
        return void this.#machine.on('paused')
      case 'STARTED':
        await this.#makeTasks(config, false)
        for (const task of this.#tasks) task.resume()
        return void this.#machine.on('started')
    }
  }

  /** Starts the tasks of a configuration; those of the same one run on. */
  async #makeTasks(config: ConnectorConfig, isPaused: boolean): Promise<void> {
    if (this.#tasksOf === config) return
    const onSecrets = (secrets: SecretValues) => (this.#secrets = secrets)
    const taskConfigs = await startConnector(this.name, config, { ...this.#surroundings, onSecrets })
    await this.#stopTasks()
    this.#tasks = taskConfigs.map((_, task) => {
      const plan = planTask({ connector: this.name, task }, { config, taskConfigs }, this.#surroundings)
      return new TaskSupervisor(plan, this.#surroundings)
    })
    this.#tasksOf = config
    for (const task of this.#tasks) task.start(isPaused)
  }

  async #stopTasks(): Promise<void> {
    await Promise.all(this.#tasks.map((task) => task.stop()))
    this.#tasks = []
    this.#tasksOf = null
  }
}

/** A connector that is created paused, or paused while it is stopped, gets its tasks when it is first resumed. */
export function hasTasksWhen(target: TargetState, hasTasks: boolean): boolean {
  return target === 'STARTED' || (target === 'PAUSED' && hasTasks)
}
