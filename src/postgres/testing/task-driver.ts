import { inspect } from 'node:util'
import { CanaryWatch } from '../../../test/servers/canary.ts'
import type { ConnectorConfig } from '../../api/config-def.ts'
import type { JsonObject, SourceRecord } from '../../api/record.ts'
import type { SourceBatch, SourceTask, SourceTaskContext } from '../../api/source-task.ts'
import { RecordBatchReader } from '../../api/record-batch.ts'
import { isStruct } from '../../api/struct.ts'
import type { CompiledRecord, JsonRendering, RecordTemplate, Template } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { createPostgresSourceTask } from '../source-task.ts'
import { metricsInMemory } from './metrics-in-memory.ts'

export interface DriverOptions {
  readonly config: ConnectorConfig
  /** Carried from one run to the next: what a worker has stored. */
  readonly store: OffsetStore
  /** Called with each batch before it counts as durable; false: it never does, and polling ends. */
  readonly accept?: (batch: SourceBatch) => boolean | Promise<boolean>
  /** Rows go through the emitters, as JSON: they are in `lines`, not in `changes`. */
  readonly isEncoding?: boolean
}

export interface OffsetStore {
  offset: JsonObject | null
}

/** A change as tests look at it: `r t {id:1,…} first`. */
export interface SeenChange {
  readonly topic: string
  readonly op: string | null
  readonly key: Record<string, unknown> | null
  readonly before: Record<string, unknown> | null
  readonly after: Record<string, unknown> | null
  readonly snapshot: unknown
  readonly record: SourceRecord
}

/**
 * Does what the runtime does: start, poll, store, commit. Every record takes the general path, unless told. Its end throws
 * where the task has given a password away.
 */
export class TaskDriver implements AsyncDisposable {
  readonly changes: SeenChange[] = []
  /** Topic, key and value of each encoded record. */
  readonly lines: string[] = []
  readonly offsets: JsonObject[] = []
  readonly logs: string[] = []
  /** By name and labels, as `/metrics` shows them. */
  readonly metrics = new Map<string, number>()
  readonly #watch = new CanaryWatch()
  readonly #task: SourceTask
  readonly #options: DriverOptions
  readonly #abort = new AbortController()
  #loop: Promise<void> = Promise.resolve()
  failure: unknown = null

  private constructor(options: DriverOptions) {
    this.#options = options
    this.#task = createPostgresSourceTask()
  }

  static async start(options: DriverOptions): Promise<TaskDriver> {
    const driver = new TaskDriver(options)
    const log = (fields: object, message: string) => {
      driver.logs.push(message)
      driver.#watch.see(`${message} ${inspect(fields)}\n`)
    }
    const context: SourceTaskContext = {
      connectorName: 'test',
      taskId: 0,
      log: { debug: log, info: log, warn: log, error: log },
      signal: driver.#abort.signal,
      offset: () => Promise.resolve(options.store.offset),
      compile: (template) =>
        Promise.resolve(options.isEncoding === true ? compiled(template) : { kind: 'general' }),
      metrics: (group) => metricsInMemory(group, driver.metrics),
    }
    await driver.#task.start(options.config, context)
    driver.#loop = driver.#run().catch((error: unknown) => {
      driver.failure = error
    })
    return driver
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#task.stop()
    await this.#loop
    this.#watch.see(inspect(this.failure))
    this.#watch.assertNone('what the task logged or failed with')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #run(): Promise<void> {
    for (;;) {
      const batch = await this.#task.poll()
      if (batch === null) return
      const accepted = (await this.#options.accept?.(batch)) ?? true
      if (!accepted) return
      this.#see(batch)
      this.#options.store.offset = batch.offset
      this.offsets.push(batch.offset)
      this.#task.commit(batch.offset)
    }
  }

  #see(batch: SourceBatch): void {
    for (const part of batch.parts) {
      if (part.kind === 'records') for (const record of part.records) this.changes.push(seen(record))
      else
        for (const reader = new RecordBatchReader(part.batch); reader.next();)
          this.lines.push(`${part.topic} ${reader.key?.toString()} ${reader.value?.toString()}`)
    }
  }
}

/** As the runtime answers without transformations, for a JSON converter without schemas. */
function compiled({ topic, key, value }: RecordTemplate): CompiledRecord {
  const json = (template: Template | null): JsonRendering | null =>
    template && {
      kind: 'json',
      prefix: '',
      template,
      suffix: '',
      decimalFormat: 'base64',
      replaceNullWithDefault: true,
    }
  return {
    kind: 'compiled',
    topic,
    partitions: 1,
    key: json(key),
    value: json(value),
    headers: new Uint8Array(0),
  }
}

function seen(record: SourceRecord): SeenChange {
  const value = plain(record.value) as Record<string, unknown> | null
  const source = value?.['source'] as Record<string, unknown> | undefined
  return {
    topic: record.topic,
    op: (value?.['op'] as string | undefined) ?? null,
    key: plain(record.key) as Record<string, unknown> | null,
    before: (value?.['before'] as Record<string, unknown> | undefined) ?? null,
    after: (value?.['after'] as Record<string, unknown> | undefined) ?? null,
    snapshot: source?.['snapshot'] ?? null,
    record,
  }
}

/** Structs as objects. */
export function plain(value: ConnectValue): unknown {
  if (!isStruct(value)) return value
  return Object.fromEntries(value.schema.fields!.map((field, i) => [field.name, plain(value.at(i))]))
}
