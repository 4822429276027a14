import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

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

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child
    this.#closed = once(child, 'close')
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (this.stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (this.stderr += chunk))
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** The exit status. */
  async ended(): Promise<number | null> {
    const [status] = (await this.#closed) as [number | null]
    return status
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL')
    await this.#closed
  }
}

export function startCli(args: readonly string[], { cwd, env, input }: CliOptions = {}): CliProcess {
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
  return new CliProcess(child)
}
