import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SystemUser } from '../../src/embedded/postgres/unprivileged-user.ts'
import { waitFor } from '../wait-for.ts'
import { canaryPassword, CanaryWatch } from './canary.ts'
import { freePort } from './free-port.ts'
import type { ProgramForUser } from './program-for-user.ts'
import { assertNoCanaryInAnswer, assertNoCanaryInMetrics, assertNoCanaryInTopics } from './worker-leaks.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface WorkerOptions {
  /** Kept by `stop` when given; otherwise a temporary one that `stop` removes. */
  readonly dataDir?: string
  /** `dist` for the built program; `src` (default) needs no build. */
  readonly from?: 'src' | 'dist'
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** The working directory; this one's by default. */
  readonly cwd?: string
  /** Whom it runs as, where not as who runs the test, and what that user can run. */
  readonly as?: { readonly user: SystemUser | null; readonly program: ProgramForUser }
}

export interface RestAnswer {
  readonly status: number
  readonly body: unknown
}

/** `tailrace worker` as a process of its own, on a free port. It fails the test that it gives a password away to. */
export class WorkerProcess implements AsyncDisposable {
  readonly url: string
  readonly dataDir: string
  /** What it wrote to both of its outputs. */
  output = ''
  readonly #watch = new CanaryWatch()
  readonly #options: WorkerOptions
  readonly #port: number
  #child: ChildProcess | null = null
  #closed: Promise<unknown> = Promise.resolve()

  constructor(options: WorkerOptions, place: { readonly port: number; readonly dataDir: string }) {
    this.#options = options
    this.#port = place.port
    this.dataDir = place.dataDir
    this.url = `http://127.0.0.1:${place.port}`
  }

  get pid(): number {
    return this.#child!.pid!
  }

  /** Whether it is not there any more, for whatever reason. */
  get hasEnded(): boolean {
    return this.#child === null || this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    await this.#closed
  }

  /** Starts it, after `kill` or `stop` again on the same port and data; resolves when REST answers. */
  async start(): Promise<void> {
    const main = this.#options.from === 'dist' ? 'dist/cli/main.js' : 'src/cli/main.ts'
    const { user = null, program } = this.#options.as ?? {}
    const place = ['--port', String(this.#port), '--data-dir', this.dataDir]
    const child = spawn(
      program?.node ?? process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(program?.root ?? root, main),
        'worker',
        ...place,
        ...(this.#options.args ?? []),
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...this.#options.env },
        cwd: this.#options.cwd ?? process.cwd(),
        ...(user !== null && { uid: user.uid, gid: user.gid }),
      },
    )
    this.#child = child
    // After its exit there may still be something to read of what it wrote.
    const closed = once(child, 'close')
    this.#closed = closed
    const note = (text: string) => {
      this.#watch.see(text)
      this.output = (this.output + text).slice(-200_000)
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', note)
    const killWithUs = () => child.kill('SIGKILL')
    process.once('exit', killWithUs)
    child.once('exit', () => process.off('exit', killWithUs))
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null
    await waitFor('the worker to answer', async () => hasEnded() || (await fetch(this.url)).ok)
    if (!hasEnded()) return
    await closed
    throw new Error(`The worker exited with ${child.exitCode}: ${this.output.slice(-2000)}`)
  }

  async rest(method: string, path: string, body?: unknown): Promise<RestAnswer> {
    const answer = await fetch(this.url + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    })
    const text = await answer.text()
    assertNoCanaryInAnswer({ method, path, status: answer.status, text })
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) }
  }

  /** Posts a connector; throws unless it was created. */
  async create(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    const { status, body } = await this.rest('POST', '/connectors', { name, config })
    if (status !== 201) throw new Error(`POST of ${name} answered ${status}: ${JSON.stringify(body)}`)
  }

  /** The states of a connector and its tasks, with the trace of what failed. */
  async states(name: string): Promise<{ connector: string; tasks: string[]; trace: string }> {
    const { body } = await this.rest('GET', `/connectors/${name}/status`)
    const status = body as { connector: TaskState; tasks: TaskState[] }
    return {
      connector: status.connector.state,
      tasks: status.tasks.map((task) => task.state),
      trace: [status.connector, ...status.tasks]
        .map((part) => part.trace ?? '')
        .join('\n')
        .trim(),
    }
  }

  /** How many records a topic has; 0 if there is no such topic. */
  async records(topic: string): Promise<number> {
    const { status, body } = await this.rest('GET', `/topics/${topic}`)
    if (status === 404) return 0
    const { partitions } = body as { partitions: { start_offset: number; end_offset: number }[] }
    return partitions.reduce((sum, part) => sum + part.end_offset - part.start_offset, 0)
  }

  /** A figure of /proc/PID/status in megabytes of 10^6 bytes. */
  residentMegabytes(field: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return Math.round((Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)![1]) * 1024) / 1e6)
  }

  /** Resolves once it has written that: what it writes and what it answers come in no order. */
  async hasWritten(pattern: RegExp): Promise<void> {
    await waitFor(`the worker to write ${pattern.source}`, () => pattern.test(this.output))
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** An orderly stop, as Ctrl-C does it. */
  async terminate(): Promise<void> {
    try {
      if (!this.hasEnded) await assertNoCanaryInMetrics(this.url)
    } finally {
      await this.#end('SIGTERM')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.terminate()
      assertNoCanaryInTopics(this.dataDir)
    } finally {
      if (this.#options.dataDir === undefined) await rm(this.dataDir, { recursive: true, force: true })
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    if (child === null) return
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await this.#closed
    this.#watch.assertNone("the worker's output")
  }
}

interface TaskState {
  readonly state: string
  readonly trace?: string
}

export async function startWorker(options: WorkerOptions = {}): Promise<WorkerProcess> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'tailrace-worker-')))
  const worker = new WorkerProcess(options, { port: await freePort(), dataDir })
  await worker.start()
  return worker
}

/** The source of the walk-through for one table of a test server, unwrapped, with own names for everything. */
export function sourceConfig(
  postgres: { readonly host: string; readonly port: number },
  more: Readonly<Record<string, string>>,
): Record<string, string> {
  return {
    'connector.class': 'io.debezium.connector.postgresql.PostgresConnector',
    'tasks.max': '1',
    'database.hostname': postgres.host,
    'database.port': String(postgres.port),
    'database.user': 'postgres',
    'database.password': canaryPassword('postgres'),
    'database.dbname': 'postgres',
    'plugin.name': 'pgoutput',
    'topic.prefix': 'p',
    transforms: 'unwrap',
    'transforms.unwrap.type': 'io.debezium.transforms.ExtractNewRecordState',
    'transforms.unwrap.add.fields': 'op,ts_ms',
    ...more,
  }
}

/** The sink of the walk-through. */
export function sinkConfig(
  url: string,
  topics: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    'connector.class': 'io.confluent.connect.elasticsearch.ElasticsearchSinkConnector',
    'tasks.max': '1',
    topics,
    'connection.url': url,
    'key.ignore': 'true',
    'schema.ignore': 'true',
    ...more,
  }
}
