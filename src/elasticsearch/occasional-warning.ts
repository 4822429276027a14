import type { TaskLogger } from '../api/source-task.ts'

const WARN_EVERY_MS = 30_000

/** Warns at once the first time, then at most every half minute; the other times go to the debug log. */
export class OccasionalWarning {
  readonly #log: TaskLogger
  readonly #message: string
  #lastMs = -Infinity

  constructor(log: TaskLogger, message: string) {
    this.#log = log
    this.#message = message
  }

  warn(fields: object, nowMs: number): void {
    if (nowMs - this.#lastMs < WARN_EVERY_MS) {
      this.#log.debug(fields, this.#message)
      return
    }
    this.#lastMs = nowMs
    this.#log.warn(fields, this.#message)
  }
}
