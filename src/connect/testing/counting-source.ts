import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigDef, type ConnectorConfig, type OptionDefinitions } from '../../api/config-def.ts'
import { ConfigError, DataError, RetriableError } from '../../api/errors.ts'
import type { SourceConnectorPlugin } from '../../api/plugin.ts'
import { RecordBatchWriter } from '../../api/record-batch.ts'
import type { JsonObject, SourceRecord } from '../../api/record.ts'
import { primitiveSchema, structSchema } from '../../api/schema.ts'
import type { SourceBatch, SourcePart, SourceTask, SourceTaskContext } from '../../api/source-task.ts'
import { ValueStruct } from '../../api/struct.ts'
import type { CompileResult, Template } from '../../api/template.ts'

const options = {
  topic: { type: 'STRING', importance: 'HIGH', documentation: 'Where the numbers go.' },
  count: {
    type: 'INT',
    default: 2 ** 31 - 1,
    importance: 'HIGH',
    documentation: 'How many numbers there are.',
  },
  'batch.size': { type: 'INT', default: 100, importance: 'LOW', documentation: 'Numbers of one poll.' },
  'poll.delay.ms': { type: 'INT', default: 0, importance: 'LOW', documentation: 'Time that a poll takes.' },
  'fail.at': { type: 'INT', default: -1, importance: 'LOW', documentation: 'The number that fails.' },
  'fail.how': { type: 'STRING', default: 'data', importance: 'LOW', documentation: 'What happens then.' },
  'start.how': { type: 'STRING', default: 'well', importance: 'LOW', documentation: 'well, hang, fail.' },
  'refuse.with': { type: 'STRING', default: '', importance: 'LOW', documentation: 'The answer of validate.' },
} as const satisfies OptionDefinitions

const configDef = new ConfigDef(options)
const numberSchema = primitiveSchema('int32')
const keySchema = structSchema([{ name: 'n', schema: numberSchema }])
const valueSchema = structSchema([
  { name: 'n', schema: numberSchema },
  { name: 'text', schema: primitiveSchema('string') },
])
const slot = {}
/** Failures that happen once in a thread's life, so that a restarted task gets through. */
const happened = new Set<string>()

/** Counts from 0 and writes `{"n":0,"text":"number 0"}` with the key `{"n":0}`; the offset is the next number. */
export const countingSource: SourceConnectorPlugin = {
  type: 'source',
  className: 'test.CountingSourceConnector',
  version: '1.2',
  configDef,
  validate: async (config) => {
    const message = config['refuse.with'] ?? ''
    return message === '' ? [] : [{ option: 'topic', message }]
  },
  readsProperty: (name) => /^note\.\d+$/.test(name),
  // What a task's configuration says of restarts counts more.
  taskConfigs: ({ 'own.restarts': most, ...config }) => [
    {
      ...config,
      'task.class': 'test.CountingSourceTask',
      ...(most == null ? {} : { 'tasks.auto.restart.max': most }),
    },
  ],
  loadTask: async () => () => new CountingSourceTask(),
}

class CountingSourceTask implements SourceTask {
  #config = configDef.parse({ topic: '' })
  #name = ''
  #context: SourceTaskContext | null = null
  #compiled: CompileResult = { kind: 'general' }
  #next = 0
  #committed = -1

  async start(config: ConnectorConfig, context: SourceTaskContext): Promise<void> {
    this.#config = configDef.parse(config)
    this.#name = context.connectorName
    this.#context = context
    if (this.#config['start.how'] === 'hang') await new Promise(() => {})
    if (this.#config['start.how'] === 'fail') {
      throw new ConfigError('connect.config-invalid', 'There is nothing to count')
    }
    this.#next = Number((await context.offset(this.#partition))?.['next'] ?? 0)
    const text: Template = { kind: 'slot', schema: primitiveSchema('string'), slot }
    const number: Template = { kind: 'slot', schema: numberSchema, slot }
    this.#compiled = await context.compile({
      topic: this.#config.topic,
      key: { kind: 'struct', schema: keySchema, fields: [number] },
      value: { kind: 'struct', schema: valueSchema, fields: [number, text] },
      headers: [],
    })
  }

  async poll(): Promise<SourceBatch | null> {
    const { count, 'batch.size': size, 'poll.delay.ms': delayMs } = this.#config
    const { signal } = this.#context!
    if (delayMs > 0 || this.#next >= count) {
      const wait = this.#next >= count ? 2 ** 31 - 1 : delayMs
      await sleep(wait, undefined, { signal }).catch(() => {})
      if (signal.aborted) return null
    }
    const numbers = Array.from({ length: Math.min(size, count - this.#next) }, (_, i) => this.#next + i)
    if (numbers.includes(this.#config['fail.at'])) await this.#fail()
    this.#next += numbers.length
    return { parts: [this.#part(numbers)], partition: this.#partition, offset: { next: this.#next } }
  }

  commit(offset: JsonObject): void {
    const next = Number(offset['next'])
    if (next <= this.#committed) throw new Error(`${next} was committed after ${this.#committed}`)
    this.#committed = next
  }

  async stop(): Promise<void> {}

  get #partition(): JsonObject {
    return { counter: this.#name }
  }

  #part(numbers: readonly number[]): SourcePart {
    const compiled = this.#compiled
    if (compiled.kind !== 'compiled') return { kind: 'records', records: numbers.map((n) => this.#record(n)) }
    const writer = new RecordBatchWriter(compiled.headers)
    for (const n of numbers) {
      const value = Buffer.from(`{"n":${n},"text":"number ${n}"}`)
      writer.record(Date.now(), Buffer.from(`{"n":${n}}`), value)
    }
    return { kind: 'encoded', topic: compiled.topic, partition: 0, batch: writer.finish() }
  }

  #record(n: number): SourceRecord {
    return {
      topic: this.#config.topic,
      partition: null,
      keySchema,
      key: new ValueStruct(keySchema, [n]),
      valueSchema,
      value: new ValueStruct(valueSchema, [n, `number ${n}`]),
      timestamp: null,
      headers: [],
    }
  }

  async #fail(): Promise<void> {
    const how = this.#config['fail.how']
    if (how.endsWith('-once')) {
      const key = `${this.#name} ${this.#config['fail.at']}`
      if (happened.has(key)) return
      happened.add(key)
    }
    switch (how) {
      case 'data':
        throw new DataError('connect.data-invalid', `${this.#config['fail.at']} cannot be counted`)
      case 'retriable':
      case 'retriable-once':
        throw new RetriableError('connect.task-timeout', 'The counter is away')
      case 'uncaught':
        setImmediate(() => {
          throw new Error('nobody catches this')
        })
        return
      case 'block':
        for (;;);
    }
  }
}
