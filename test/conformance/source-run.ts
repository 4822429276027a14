import type { ConnectorConfig } from '../../src/api/config-def.ts'
import type { Converter } from '../../src/api/plugin.ts'
import { encodeHeaders, RecordBatchReader, type EncodedHeader } from '../../src/api/record-batch.ts'
import type { JsonObject, SourceRecord } from '../../src/api/record.ts'
import type { SourcePart, SourceTask, SourceTaskContext } from '../../src/api/source-task.ts'
import type { CompileResult, RecordTemplate } from '../../src/api/template.ts'
import { jsonConverter } from '../../src/converters/json-converter.ts'
import { simpleHeaderConverter } from '../../src/converters/simple-header-converter.ts'
import { stringConverter } from '../../src/converters/string-converter.ts'
import { createPostgresSourceTask } from '../../src/postgres/source-task.ts'
import { extractNewRecordState } from '../../src/transforms/extract-new-record-state.ts'

/** A record as it lies in a topic, as text. */
export interface SeenRecord {
  readonly topic: string
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}

/**
 * A source task with its transformations and converters, and nothing else of the runtime.
 * `general`: as if nothing could be compiled.
 */
export class SourceRun implements AsyncDisposable {
  readonly records: SeenRecord[] = []
  readonly #task: SourceTask = createPostgresSourceTask()
  readonly #abort = new AbortController()
  readonly #key: Converter
  readonly #value: Converter
  readonly #header = simpleHeaderConverter.create({})
  readonly #unwrap: ReturnType<typeof extractNewRecordState.create> | null
  #loop: Promise<void> = Promise.resolve()
  #failure: unknown = null

  private constructor(config: ConnectorConfig) {
    this.#key = converter(config, 'key')
    this.#value = converter(config, 'value')
    this.#unwrap =
      config['transforms'] === undefined
        ? null
        : extractNewRecordState.create(withoutPrefix(config, 'transforms.unwrap.'))
  }

  static async start(config: ConnectorConfig, way: 'compiled' | 'general'): Promise<SourceRun> {
    const run = new SourceRun(config)
    const quiet = () => {}
    const context: SourceTaskContext = {
      connectorName: 'conformance',
      taskId: 0,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      signal: run.#abort.signal,
      offset: () => Promise.resolve(null),
      metrics: () => ({ set: () => {}, add: () => {} }),
      compile: (template) =>
        Promise.resolve(way === 'general' ? { kind: 'general' } : run.#compile(template)),
    }
    await run.#task.start(config, context)
    run.#loop = run.#poll().catch((error: unknown) => {
      run.#failure = error
    })
    return run
  }

  /** Throws what the task failed with. */
  check(): void {
    if (this.#failure !== null) throw this.#failure
  }

  /** The records of the first topic, then those of the next, in order of the topics' names. */
  inTopicOrder(): readonly SeenRecord[] {
    return this.records.toSorted((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort()
    await this.#task.stop()
    await this.#loop
  }

  async #poll(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const batch = await this.#task.poll()
      if (batch === null) continue
      for (const part of batch.parts) this.#see(part)
      this.#task.commit(batch.offset satisfies JsonObject)
    }
  }

  #compile(template: RecordTemplate): CompileResult {
    const result = this.#unwrap === null ? template : this.#unwrap.compile!(template)
    if (result === null) return { kind: 'general' }
    if (result === 'dropped') return { kind: 'dropped' }
    const { topic, key, value } = result
    const keyRendering = key === null ? null : this.#key.compile?.(topic, key)
    const valueRendering = value === null ? null : this.#value.compile?.(topic, value)
    if (keyRendering === undefined || valueRendering === undefined) return { kind: 'general' }
    const headers: EncodedHeader[] = []
    for (const { name, value } of result.headers) {
      if (value.kind !== 'constant') return { kind: 'general' }
      const header = { name, schema: value.schema, value: value.value }
      headers.push({ name, value: this.#header.fromConnectHeader(topic, header) })
    }
    return {
      kind: 'compiled',
      topic,
      partitions: 1,
      key: keyRendering,
      value: valueRendering,
      headers: encodeHeaders(headers),
    }
  }

  #see(part: SourcePart): void {
    if (part.kind === 'records') {
      for (const record of part.records) this.#convert(record)
      return
    }
    for (const reader = new RecordBatchReader(part.batch); reader.next();) {
      this.records.push({
        topic: part.topic,
        key: text(reader.key),
        value: text(reader.value),
        headers: reader.headers.map(({ name, value }) => [name, text(value)]),
      })
    }
  }

  #convert(source: SourceRecord): void {
    const record = this.#unwrap === null ? source : this.#unwrap.apply(source)
    if (record === null) return
    const { topic } = record
    this.records.push({
      topic,
      key: text(this.#key.fromConnectData(topic, record.keySchema, record.key)),
      value: text(this.#value.fromConnectData(topic, record.valueSchema, record.value)),
      headers: record.headers.map((header) => [
        header.name,
        text(this.#header.fromConnectHeader(topic, header)),
      ]),
    })
  }
}

function converter(config: ConnectorConfig, role: 'key' | 'value'): Converter {
  const className = config[`${role}.converter`] ?? jsonConverter.className
  const own = withoutPrefix(config, `${role}.converter.`)
  if (className === stringConverter.className) return stringConverter.create(own, role)
  // What the reference's worker was set to, for connectors that say nothing of their own.
  const isWorkers = config[`${role}.converter`] === undefined
  return jsonConverter.create(isWorkers ? { 'schemas.enable': 'false' } : own, role)
}

function withoutPrefix(config: ConnectorConfig, prefix: string): ConnectorConfig {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  )
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString()
}
