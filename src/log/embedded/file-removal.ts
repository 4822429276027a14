import type { TaskLogger } from '../../api/source-task.ts'
import { removeFile } from './topic-files.ts'

/** Removes files that no topic needs any more, but none that a copy of the log may still read. */
export class FileRemoval {
  readonly #logger: TaskLogger
  readonly #waiting = new Set<string>()
  #holders = 0

  constructor(logger: TaskLogger) {
    this.#logger = logger
  }

  /** Failing to is no reason to fail, and so is ending before: the next start removes what belongs to nothing. */
  remove(path: string): void {
    if (this.#holders > 0) this.#waiting.add(path)
    else removeFile(path, this.#logger)
  }

  /** Nothing is removed until `release` was called as often. */
  hold(): void {
    this.#holders++
  }

  release(): void {
    this.#holders--
    if (this.#holders > 0) return
    for (const path of this.#waiting) removeFile(path, this.#logger)
    this.#waiting.clear()
  }
}
