import { existsSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { describeError } from '../../api/errors.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import { parseSignal, type Signal } from './signal.ts'
import type { SignalChannel } from './signal-channel.ts'

/**
 * Signals in a file, one JSON object a line. The file is moved aside and deleted once its signals are done: who appends to
 * it meanwhile begins another one, and a crash in between loses nothing.
 */
export class FileSignals implements SignalChannel {
  readonly name = 'file'
  readonly #path: string
  readonly #log: TaskLogger
  /** The file was read in this run. */
  #isTaken = false

  constructor(path: string, log: TaskLogger) {
    this.#path = path
    this.#log = log
    log.info({ file: path }, 'signals are read from a file: whoever may write it can command the connector')
  }

  async read(): Promise<readonly Signal[]> {
    if (this.#isTaken) return []
    const taken = `${this.#path}.taken`
    if (!existsSync(taken)) {
      if (!existsSync(this.#path)) return []
      await rename(this.#path, taken)
    }
    this.#isTaken = true
    const lines = (await readFile(taken, 'utf8')).split('\n')
    const signals = lines.flatMap((line) => {
      if (line.trim() === '') return []
      try {
        return [parseSignal(line)]
      } catch (error) {
        this.#log.warn(
          { file: this.#path, problem: describeError(error) },
          'a line of the signal file is no signal: it is skipped',
        )
        return []
      }
    })
    if (signals.length === 0) await this.done()
    return signals
  }

  async done(): Promise<void> {
    await rm(`${this.#path}.taken`, { force: true })
    this.#isTaken = false
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
