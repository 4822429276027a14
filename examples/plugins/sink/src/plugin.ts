import {
  ConfigDef,
  DataError,
  jsonBytes,
  RetriableError,
  sinkRecords,
  validators,
  type ConnectorConfig,
  type OptionDefinitions,
  type Plugin,
  type SinkBatch,
  type SinkConnectorPlugin,
  type SinkTask,
  type SinkTaskContext,
  type TopicPartitionOffset,
} from 'tailrace/api'

// Every option in one place: validation, the answers of the REST API and the console's form come from it.
const options = {
  url: {
    type: 'STRING',
    validator: (value) => (URL.canParse(String(value)) ? null : 'it must be http://HOST:PORT/PATH'),
    importance: 'HIGH',
    documentation: 'Where the records are posted to, as an array of JSON.',
  },
  'timeout.ms': {
    type: 'INT',
    default: 10_000,
    validator: validators.atLeast(1),
    importance: 'LOW',
    documentation: 'How long one request may take.',
  },
} as const satisfies OptionDefinitions

const configDef = new ConfigDef(options)
const format = { decimalFormat: 'numeric', replaceNullWithDefault: true } as const

/** Posts records to a web server. Put what your sink writes in its place. */
export const exampleSink: SinkConnectorPlugin = {
  type: 'sink',
  className: 'ExampleSinkConnector',
  version: '0.1.0',
  configDef,
  // The topics' partitions are spread over the tasks.
  taskConfigs: (config, maxTasks) => Array.from({ length: maxTasks }, () => config),
  loadTask: async () => () => new ExampleSinkTask(),
}

export class ExampleSinkTask implements SinkTask {
  #config = configDef.parse({ url: 'http://localhost' })
  #context: SinkTaskContext | null = null

  async start(config: ConnectorConfig, context: SinkTaskContext): Promise<void> {
    this.#config = configDef.parse(config)
    this.#context = context
  }

  async put(batches: readonly SinkBatch[]): Promise<void> {
    const values = batches
      .flatMap(sinkRecords)
      .map(({ valueSchema, value }) => jsonBytes(valueSchema, value, format).toString())
    if (values.length === 0) return
    await this.#post(`[${values.join(',')}]`)
    this.#context?.requestCommit()
  }

  /** Everything that was put is there: `put` waits for the answer. */
  async preCommit(positions: readonly TopicPartitionOffset[]): Promise<readonly TopicPartitionOffset[]> {
    return positions
  }

  async stop(): Promise<void> {}

  async #post(body: string): Promise<void> {
    const { url, 'timeout.ms': timeoutMs } = this.#config
    let status: number
    try {
      const headers = { 'content-type': 'application/json' }
      const signal = AbortSignal.timeout(timeoutMs)
      const answer = await fetch(url, { method: 'POST', headers, body, signal })
      await answer.arrayBuffer()
      status = answer.status
    } catch (cause) {
      // Put again later, and the task starts again if it goes on for long: nothing is lost.
      throw new RetriableError('plugin.unavailable', `${url} cannot be reached`, { cause })
    }
    if (status === 429 || status >= 500) {
      throw new RetriableError('plugin.unavailable', `${url} answered ${status}`)
    }
    if (status >= 400) throw new DataError('plugin.failed', `${url} refuses these records: it answered ${status}`)
  }
}

/** What the worker looks for. */
export const plugins: readonly Plugin[] = [exampleSink]
