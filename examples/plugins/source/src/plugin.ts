import { setTimeout as delay } from 'node:timers/promises'
import {
  ConfigDef,
  primitiveSchema,
  structSchema,
  validators,
  ValueStruct,
  type ConnectorConfig,
  type JsonObject,
  type OptionDefinitions,
  type Plugin,
  type SourceBatch,
  type SourceConnectorPlugin,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
} from 'tailrace/api'

// Every option in one place: validation, the answers of the REST API and the console's form come from it.
const options = {
  topic: {
    type: 'STRING',
    validator: validators.nonEmpty(),
    importance: 'HIGH',
    documentation: 'The topic that gets the ticks.',
  },
  'interval.ms': {
    type: 'INT',
    default: 1000,
    validator: validators.atLeast(1),
    importance: 'MEDIUM',
    documentation: 'Milliseconds from one tick to the next.',
  },
} as const satisfies OptionDefinitions

const configDef = new ConfigDef(options)

// A schema is made once and shared: converters keep what they found out about it.
const tickSchema = structSchema([
  { name: 'number', schema: primitiveSchema('int64') },
  { name: 'text', schema: primitiveSchema('string') },
])

/** Counts: each tick is a record. Put what your source reads in its place. */
export const exampleSource: SourceConnectorPlugin = {
  type: 'source',
  className: 'ExampleSourceConnector',
  version: '0.1.0',
  configDef,
  // One configuration for each task; at most `maxTasks`.
  taskConfigs: (config) => [config],
  loadTask: async () => () => new ExampleSourceTask(),
}

export class ExampleSourceTask implements SourceTask {
  #config = configDef.parse({ topic: 'ticks' })
  #context: SourceTaskContext | null = null
  #next = 0n

  async start(config: ConnectorConfig, context: SourceTaskContext): Promise<void> {
    this.#config = configDef.parse(config)
    this.#context = context
    // Where an earlier run got to; null the first time.
    const stored = await context.offset(this.#partition)
    this.#next = BigInt(Number(stored?.['number'] ?? -1) + 1)
  }

  async poll(): Promise<SourceBatch | null> {
    const signal = this.#context?.signal
    await delay(this.#config['interval.ms'], undefined, { signal }).catch(() => {})
    if (signal?.aborted) return null
    const number = this.#next++
    return {
      parts: [{ kind: 'records', records: [this.#record(number)] }],
      // Stored together with the records: after a crash the task goes on right behind them.
      partition: this.#partition,
      offset: { number: Number(number) },
    }
  }

  /** Everything up to this offset is durable: the place to acknowledge it to where it came from. */
  commit(): void {}

  async stop(): Promise<void> {}

  #record(number: bigint): SourceRecord {
    return {
      topic: this.#config.topic,
      partition: null,
      keySchema: null,
      key: null,
      valueSchema: tickSchema,
      value: new ValueStruct(tickSchema, [number, `tick ${number}`]),
      timestamp: Date.now(),
      headers: [],
    }
  }

  get #partition(): JsonObject {
    return { counter: this.#config.topic }
  }
}

/** What the worker looks for. */
export const plugins: readonly Plugin[] = [exampleSource]
