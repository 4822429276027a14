/** Shorter than that nobody waits for somebody to look. */
const LASTING_MS = 1000

/** What a task waits for, once it has lasted: under load one waits many times a second, and each time would be a record. */
export class LastingReason {
  readonly #onChange: () => void
  #reason: string | null = null
  #told: string | null = null
  #timer: NodeJS.Timeout | null = null

  /** @param onChange `told` is another one */
  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  get told(): string | null {
    return this.#told
  }

  set(reason: string | null): void {
    this.#reason = reason
    if (reason !== null) {
      this.#timer ??= setTimeout(() => this.#tell(), LASTING_MS).unref()
      return
    }
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#tell()
  }

  #tell(): void {
    this.#timer = null
    if (this.#told === this.#reason) return
    this.#told = this.#reason
    this.#onChange()
  }
}
