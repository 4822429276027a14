import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assertNoCanary } from './canary.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface CliResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

interface CliOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Standard input; none unless said. */
  readonly input?: string
  /** It is there to print what is given to it, passwords included. */
  readonly printsPasswords?: true
}

/** Runs `tailrace ARGS` to its end, as a process of its own. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const running = startCli(args, options)
  const status = await running.ended()
  return { status, stdout: running.stdout, stderr: running.stderr }
}

/** `tailrace ARGS` while it runs. */
export class CliProcess implements AsyncDisposable {
  stdout = ''
  stderr = ''
  readonly #child: ChildProcessWithoutNullStreams
  readonly #closed: Promise<unknown[]>
  readonly #printsPasswords: boolean

  constructor(child: ChildProcessWithoutNullStreams, { printsPasswords = false }) {
    this.#child = child
    this.#printsPasswords = printsPasswords
    this.#closed = once(child, 'close')
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (this.stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (this.stderr += chunk))
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** The exit status; throws where it has shown a password. */
  async ended(): Promise<number | null> {
    const [status] = (await this.#closed) as [number | null]
    if (!this.#printsPasswords) assertNoCanary(this.stdout, 'what the command printed')
    assertNoCanary(this.stderr, 'what the command wrote to its standard error')
    return status
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL')
    await this.ended()
  }
}

export function startCli(args: readonly string[], options: CliOptions = {}): CliProcess {
  const { cwd, env, input, printsPasswords = false } = options
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'src/cli/main.ts'), ...args],
    { stdio: ['pipe', 'pipe', 'pipe'], cwd: cwd ?? root, env: { ...process.env, ...env } },
  )
  // One that ends before it has read its input is no failure of the test's.
  child.stdin.on('error', () => {}).end(input ?? '')
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  child.once('close', () => process.off('exit', killWithUs))
  return new CliProcess(child, { printsPasswords })
}
