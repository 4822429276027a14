import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { createHerder } from '../create-herder.ts'
import type { Herder } from '../herder.ts'
import type { StartTaskThread } from '../task/task-thread-pool.ts'
import { parseWorkerConfig } from '../config/worker-config.ts'
import { openEmbeddedLog, type EmbeddedLog } from './real-log.ts'
import { silentLogger } from './silent-logger.ts'
import { testCatalogue, testWorkerProperties } from './test-catalogue.ts'

/** A worker on the real log and real threads, with the test plugins. Its directory outlives `stop`. */
export class TestWorker {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'tailrace-connect-'))
  readonly threads: Worker[] = []
  #log: EmbeddedLog | null = null
  #herder: Herder | null = null
  readonly #properties: Readonly<Record<string, string>>

  constructor(properties: Readonly<Record<string, string>> = {}) {
    this.#properties = properties
  }

  get herder(): Herder {
    return this.#herder!
  }

  get log(): EmbeddedLog {
    return this.#log!
  }

  async start(): Promise<void> {
    const log = (this.#log = await openEmbeddedLog({ dataDir: join(this.dataDir, 'log') }))
    const startTaskThread: StartTaskThread = (port, { name, resourceLimits }) => {
      const logPort = log.connect()
      const thread = new Worker(new URL('./test-task-thread.ts', import.meta.url), {
        name,
        resourceLimits,
        workerData: { port, logPort, dataDir: log.dataDir },
        transferList: [port, logPort],
      })
      this.threads.push(thread)
      return thread
    }
    this.#herder = await createHerder({
      log,
      catalogue: testCatalogue,
      worker: parseWorkerConfig({ ...testWorkerProperties, ...this.#properties }),
      workerId: '127.0.0.1:8083',
      startTaskThread,
      logger: silentLogger,
      version: '4.3.1',
      commit: 'test',
    })
  }

  async stop(): Promise<void> {
    await this.#herder?.close()
    await this.#log?.close()
    this.#herder = null
    this.#log = null
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.dataDir, { recursive: true, force: true })
  }

  file(name: string): string {
    return join(this.dataDir, name)
  }

  /** What a collecting sink has written. */
  lines(name: string): readonly CollectedLine[] {
    if (!existsSync(this.file(name))) return []
    // What comes after the last newline is just being written.
    const lines = readFileSync(this.file(name), 'utf8').split('\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line) as CollectedLine)
  }

  async create(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    await this.herder.putConnectorConfig(name, config, { mode: 'create' })
  }

  /** `RUNNING RUNNING`: the connector's state, then its tasks'. */
  states(name: string): string {
    const { connector, tasks } = this.herder.connectorStatus(name)
    return [connector.state, ...tasks.map((task) => task.state)].join(' ')
  }
}

export interface CollectedLine {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly value: { readonly n: number; readonly text: string } | null
  readonly kind: 'json' | 'records'
}

/** Waits until `find` gives something true, and answers it. */
export async function until<T>(find: () => T | Promise<T>, timeoutMs = 180_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const found = await find()
    if (found) return found
    if (performance.now() > deadline) throw new Error(`Not so within ${timeoutMs} ms: ${find.toString()}`)
    await sleep(5)
  }
}
