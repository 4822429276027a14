import type { TaskEnvironment } from './task-runner.ts'

/**
 * Where a task is in its life: held by a pause, started, told to stop, failed, ended. Runners of sources and of sinks
 * share it, and do between these moments what is theirs.
 */
export class TaskLife {
  readonly #environment: Pick<TaskEnvironment, 'onStarted' | 'onPaused' | 'onTopic'>
  readonly #stopping = new AbortController()
  readonly #failed = Promise.withResolvers<never>()
  readonly #ended = Promise.withResolvers<undefined>()
  readonly #usedTopics = new Set<string>()
  /** Resolves when the pause is over; null: there is none. */
  #pause: PromiseWithResolvers<undefined> | null = null
  /** The task's own start is over. */
  #isStarted = false

  constructor(environment: TaskEnvironment) {
    this.#environment = environment
    if (environment.spec.isPaused) this.#pause = Promise.withResolvers<undefined>()
    // Failing while nobody waits yet is not an unhandled rejection.
    this.#failed.promise.catch(() => {})
  }

  /** Aborted once the task is to stop. */
  get signal(): AbortSignal {
    return this.#stopping.signal
  }

  get isPaused(): boolean {
    return this.#pause !== null
  }

  /** Resolves once nothing of the task is left. */
  get ended(): Promise<undefined> {
    return this.#ended.promise
  }

  /** @param release lets go of everything, once the work is over or something has failed */
  async run(work: () => Promise<void>, release: () => Promise<void>): Promise<void> {
    if (this.isPaused) this.#environment.onPaused()
    const working = work()
    // The work of a failed task may hang until it is released below.
    working.catch(() => {})
    try {
      await Promise.race([working, this.#failed.promise])
    } finally {
      this.stop()
      await release()
      this.#ended.resolve(undefined)
    }
  }

  pause(): void {
    this.#pause ??= Promise.withResolvers<undefined>()
    this.#environment.onPaused()
  }

  resume(): void {
    this.#open()
    if (this.#isStarted) this.#environment.onStarted()
  }

  /** The task's own start is over. */
  started(): void {
    this.#isStarted = true
    if (!this.isPaused) this.#environment.onStarted()
  }

  fail(error: unknown): void {
    this.#failed.reject(error)
  }

  /** Lets go what waits for the end of a pause, too. */
  stop(): void {
    this.#stopping.abort()
    this.#open()
  }

  /** Resolves once no pause holds. False: the task is to stop. */
  async passed(): Promise<boolean> {
    while (this.#pause !== null) await this.#pause.promise
    return !this.signal.aborted
  }

  /** Reports a topic when it is first used. @param id of a topic that is written to, see `TopicDescription` */
  used(topic: string, id: string | null = null): void {
    if (this.#usedTopics.has(topic)) return
    this.#usedTopics.add(topic)
    this.#environment.onTopic(topic, id)
  }

  forgetTopics(): void {
    this.#usedTopics.clear()
  }

  #open(): void {
    this.#pause?.resolve(undefined)
    this.#pause = null
  }
}
