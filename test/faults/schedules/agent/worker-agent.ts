import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitFor } from '../../../wait-for.ts'

/** Has the threads of a worker do what no signal can: `agent-thread.ts` is in each of them. */
export class WorkerAgent implements AsyncDisposable {
  readonly env: Readonly<Record<string, string>>
  readonly #directory: string
  #asked = 0

  private constructor(directory: string) {
    this.#directory = directory
    const program = new URL('./agent-thread.ts', import.meta.url).href
    this.env = {
      TAILRACE_TEST_AGENT: directory,
      NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import ${program}`,
    }
  }

  static async prepare(): Promise<WorkerAgent> {
    return new WorkerAgent(await mkdtemp(join(tmpdir(), 'tailrace-agent-')))
  }

  /** Resolves once a thread has taken it; false: none has while that was awaited. */
  async ask(what: 'crash-task' | 'crash-log' | 'fill-heap'): Promise<boolean> {
    const file = join(this.#directory, `${what}-${++this.#asked}`)
    await writeFile(file, '')
    const isTaken = waitFor(`a thread to ${what}`, () => !existsSync(file), { deadlineMs: 30_000 })
    return isTaken.catch(async () => {
      await rm(file, { force: true })
      return false
    })
  }

  /** Sets the wall clock of all threads wrong by so much. */
  async moveClock(ms: number): Promise<void> {
    await writeFile(join(this.#directory, 'clock'), String(ms))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }
}
