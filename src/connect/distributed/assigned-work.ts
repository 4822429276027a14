import type { TaskDetails, TaskId, TaskMeters } from '../herder.ts'
import { AssignedConnector, type AssignedSurroundings } from './assigned-connector.ts'
import type { RestartRequest } from './config-records.ts'
import type { ConfiguredConnector } from './configured-connectors.ts'
import type { WorkerShare } from './worker-assignment.ts'

/** Everything that the group has given to this worker, running as the config topic wants it. */
export class AssignedWork {
  readonly #surroundings: AssignedSurroundings
  readonly #configured: (name: string) => ConfiguredConnector | undefined
  readonly #running = new Map<string, AssignedConnector>()
  #connectors: ReadonlySet<string> = new Set()
  #tasks: ReadonlyMap<string, ReadonlySet<number>> = new Map()
  #closed: Promise<void> | null = null

  constructor(
    surroundings: AssignedSurroundings,
    configured: (name: string) => ConfiguredConnector | undefined,
  ) {
    this.#surroundings = surroundings
    this.#configured = configured
  }

  hasConnector(name: string): boolean {
    return this.#connectors.has(name)
  }

  hasTask({ connector, task }: TaskId): boolean {
    return this.#tasks.get(connector)?.has(task) ?? false
  }

  /** All that is assigned from now on. Resolves once nothing else runs any more. */
  async assign(share: WorkerShare): Promise<void> {
    // A round that was under way when the worker began to end still brings work.
    await (this.#closed ?? this.#assign(share))
  }

  /** Resolves once none of these runs any more. */
  async revoke(lost: WorkerShare): Promise<void> {
    const isLost = new Set([...lost.connectors, ...lost.tasks.map(keyOf)])
    await this.assign({
      connectors: [...this.#connectors].filter((name) => !isLost.has(name)),
      tasks: this.#assignedTasks().filter((id) => !isLost.has(keyOf(id))),
    })
  }

  /** The config topic says something new of a connector. */
  async refresh(name: string): Promise<void> {
    const hasConnector = this.#connectors.has(name)
    const tasks = this.#tasks.get(name) ?? new Set<number>()
    let running = this.#running.get(name)
    if (running === undefined) {
      if (!hasConnector && tasks.size === 0) return
      this.#running.set(name, (running = new AssignedConnector(name, this.#surroundings)))
    }
    await running.update({ connector: this.#configured(name) ?? null, hasConnector, tasks })
    if (running.isIdle && this.#running.get(name) === running) this.#running.delete(name)
  }

  restartConnector(name: string): void {
    this.#running.get(name)?.restartConnector()
  }

  restartTask({ connector, task }: TaskId): void {
    this.#running.get(connector)?.restartTask(task)
  }

  restart(request: RestartRequest): void {
    this.#running.get(request.connector)?.restart(request)
  }

  forgetTopics(name: string): void {
    this.#running.get(name)?.forgetTopics()
  }

  meters(name: string): readonly TaskMeters[] {
    return this.#running.get(name)?.meters() ?? []
  }

  details({ connector, task }: TaskId): TaskDetails {
    return this.#running.get(connector)?.details(task) ?? {}
  }

  /** Resolves once nothing runs any more. */
  close(): Promise<void> {
    this.#closed ??= this.#assign({ connectors: [], tasks: [] })
    return this.#closed
  }

  async #assign({ connectors, tasks }: WorkerShare): Promise<void> {
    this.#connectors = new Set(connectors)
    this.#tasks = new Map(
      [...Map.groupBy(tasks, ({ connector }) => connector)].map(([name, ids]) => [
        name,
        new Set(ids.map(({ task }) => task)),
      ]),
    )
    const names = new Set([...this.#connectors, ...this.#tasks.keys(), ...this.#running.keys()])
    await Promise.all([...names].map((name) => this.refresh(name)))
  }

  #assignedTasks(): TaskId[] {
    return [...this.#tasks].flatMap(([connector, tasks]) => [...tasks].map((task) => ({ connector, task })))
  }
}

/** No connector has such a name: a line ends none. */
function keyOf({ connector, task }: TaskId): string {
  return `${connector}\n${task}`
}
