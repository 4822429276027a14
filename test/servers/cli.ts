import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface CliResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `tailrace ARGS` to its end, as a process of its own. */
export async function runCli(
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string>>
    /** Standard input; none unless said. */
    readonly input?: string
  } = {},
): Promise<CliResult> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'src/cli/main.ts'), ...args],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
    },
  )
  // One that ends before it has read its input is no failure of the test's.
  child.stdin.on('error', () => {}).end(options.input ?? '')
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  const [status] = (await once(child, 'close')) as [number | null]
  process.off('exit', killWithUs)
  return { status, stdout, stderr }
}
