/** Starts of one kind, since the worker started. */
export class Starts {
  attempts = 0
  successes = 0
  failures = 0

  /** Runs `start` and counts how it ended. */
  async counted<T>(start: () => Promise<T>): Promise<T> {
    this.attempts++
    try {
      const started = await start()
      this.successes++
      return started
    } catch (error) {
      this.failures++
      throw error
    }
  }
}

/** How often this worker started connectors and tasks, restarts included. */
export class StartupCounts {
  readonly connector = new Starts()
  readonly task = new Starts()
}
