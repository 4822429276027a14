import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { unprivilegedUser } from '../../src/embedded/postgres/unprivileged-user.ts'
import { waitFor } from '../wait-for.ts'

export interface JavaServerOptions {
  /** For messages: `Elasticsearch 8.7.1`. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Its own directory: working directory, home, data. Given to the user that it runs as; `stop` removes it. */
  readonly place: string
  readonly isReady: () => Promise<boolean>
  /** It runs as root, too, and may then read what only the test can. */
  readonly mayBeRoot?: boolean
}

interface RunningProcess {
  readonly pid: number
  readonly closed: Promise<unknown>
  hasEnded: boolean
}

/** A server on a JVM, in a process group of its own because launchers start it as a second process. Most refuse to be root. */
export class JavaServer {
  readonly #options: JavaServerOptions
  readonly #user: ReturnType<typeof unprivilegedUser>
  #process: RunningProcess | null = null

  constructor(options: JavaServerOptions) {
    this.#options = options
    const { place, mayBeRoot = false } = options
    this.#user = mayBeRoot ? null : unprivilegedUser()
    if (this.#user !== null) spawnSync('chown', ['-R', `${this.#user.uid}:${this.#user.gid}`, place])
    process.once('exit', this.#endWithUs)
  }

  /** Resolves when it is ready; what a start that failed leaves is removed. */
  async start(): Promise<void> {
    const { name, command, args, env, place, isReady } = this.#options
    const child = spawn(command, args, {
      ...(this.#user === null ? {} : { uid: this.#user.uid, gid: this.#user.gid }),
      cwd: place,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: place, ...env },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (output = (output + chunk).slice(-4000)))
    }
    const running: RunningProcess = { pid: child.pid!, closed: once(child, 'close'), hasEnded: false }
    this.#process = running
    void running.closed.then(() => (running.hasEnded = true))
    const probe = async () => (running.hasEnded ? 'ended' : (await isReady()) && 'ready')
    try {
      await waitFor(`${name} to answer`, probe)
      if (running.hasEnded) throw new Error(`${name} ended while it started: ${output}`)
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.#process === null) return
    if (!this.#process.hasEnded) signalGroup(this.#process.pid, signal)
    await this.#process.closed
  }

  /** Ends it, if it still runs, and starts it on the same data. */
  async restart(): Promise<void> {
    await this.end('SIGTERM')
    await this.start()
  }

  async stop(): Promise<void> {
    // Nothing of it is wanted any more; an orderly end would take seconds.
    await this.end('SIGKILL')
    process.off('exit', this.#endWithUs)
    await rm(this.#options.place, { recursive: true, force: true, maxRetries: 5 })
  }

  readonly #endWithUs = () => {
    if (this.#process !== null && !this.#process.hasEnded) signalGroup(this.#process.pid, 'SIGKILL')
    rmSync(this.#options.place, { recursive: true, force: true })
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended already.
  }
}
