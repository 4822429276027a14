/** Holds a loop while its task is paused. */
export class PauseGate {
  #waiting: PromiseWithResolvers<undefined> | null = null

  constructor(isPaused: boolean) {
    if (isPaused) this.pause()
  }

  get isPaused(): boolean {
    return this.#waiting !== null
  }

  pause(): void {
    this.#waiting ??= Promise.withResolvers<undefined>()
  }

  /** Also called to let a stopping task's loop go. */
  resume(): void {
    this.#waiting?.resolve(undefined)
    this.#waiting = null
  }

  /** Resolves once nothing holds. */
  async passed(): Promise<void> {
    while (this.#waiting !== null) await this.#waiting.promise
  }
}
