import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { ConfigDef, type ConnectorConfig, type OptionDefinitions } from '../../api/config-def.ts'
import { DataError, RetriableError } from '../../api/errors.ts'
import type { SinkConnectorPlugin } from '../../api/plugin.ts'
import type {
  JsonSinkBatch,
  SinkBatch,
  SinkTask,
  SinkTaskContext,
  TopicPartition,
  TopicPartitionOffset,
} from '../../api/sink-task.ts'
import { collectingReindexer } from './collecting-reindexer.ts'

const options = {
  file: { type: 'STRING', importance: 'HIGH', documentation: 'Where the records go, one JSON line each.' },
  'fail.how': {
    type: 'STRING',
    default: 'not',
    importance: 'LOW',
    documentation: 'not, data, retriable-once, later, hang.',
  },
} as const satisfies OptionDefinitions

const configDef = new ConfigDef(options)

/** Writes `{"topic","partition","offset","value","kind"}` lines into a file. */
export const collectingSink: SinkConnectorPlugin = {
  type: 'sink',
  className: 'test.CollectingSinkConnector',
  version: '2.1',
  configDef,
  taskConfigs: (config, maxTasks) =>
    Array.from({ length: maxTasks }, (_, i) => ({ ...config, taskId: String(i) })),
  loadTask: async () => () => new CollectingSinkTask(),
  loadReindexer:
    async () =>
    (config, { suffix }) =>
      collectingReindexer(configDef.parse(config).file, {
        suffix,
        task: (file) => new CollectingSinkTask(file),
      }),
}

/** Commits nothing while there is a file `<file>.uncommitted`. */
class CollectingSinkTask implements SinkTask {
  #config = configDef.parse({ file: '' })
  #context: SinkTaskContext | null = null
  readonly #file: string | null

  /** @param file instead of the configuration's */
  constructor(file: string | null = null) {
    this.#file = file
  }

  async start(config: ConnectorConfig, context: SinkTaskContext): Promise<void> {
    this.#config = configDef.parse({ ...config, ...(this.#file !== null && { file: this.#file }) })
    this.#context = context
  }

  async open(partitions: readonly TopicPartition[]): Promise<void> {
    this.#context!.log.debug({ partitions }, 'Opened')
  }

  async put(batches: readonly SinkBatch[]): Promise<void> {
    await this.#failAsAsked(batches)
    appendFileSync(this.#config.file, batches.flatMap(linesOf).join(''))
    this.#context!.requestCommit()
  }

  async preCommit(positions: readonly TopicPartitionOffset[]): Promise<readonly TopicPartitionOffset[]> {
    return existsSync(`${this.#config.file}.uncommitted`) ? [] : positions
  }

  async stop(): Promise<void> {}

  async #failAsAsked(batches: readonly SinkBatch[]): Promise<void> {
    const marker = `${this.#config.file}.failed`
    switch (this.#config['fail.how']) {
      case 'data':
        throw new DataError('connect.data-invalid', 'The file does not like it')
      case 'hang':
        return new Promise(() => {})
      case 'later':
        this.#context!.fail(new DataError('connect.data-invalid', 'The file did not like it'))
        return
      case 'retriable-once':
        if (existsSync(marker)) return
        writeFileSync(marker, '')
        // A cursor that was moved must not matter for the next delivery.
        for (const batch of batches) if (batch.kind === 'json') batch.reader.next()
        throw new RetriableError('connect.task-timeout', 'The file is away')
    }
  }
}

/** What a task does with bytes that it cannot use: it asks for the record. */
function parsed(value: Buffer, batch: JsonSinkBatch): unknown {
  try {
    return JSON.parse(value.toString())
  } catch {
    return batch.record().value
  }
}

function linesOf(batch: SinkBatch): string[] {
  const { topic, partition, kind } = batch
  const line = (offset: bigint, value: unknown): string =>
    `${JSON.stringify({ topic, partition, offset: Number(offset), value, kind })}\n`
  if (batch.kind === 'records') {
    return batch.records.map(({ origin, value }) =>
      line(origin.offset, value instanceof Map ? Object.fromEntries(value) : value),
    )
  }
  const { reader, firstOffset } = batch
  const lines: string[] = []
  while (reader.next()) {
    if (reader.offset < firstOffset) continue
    const value = reader.value
    lines.push(line(reader.offset, value === null ? null : parsed(value, batch)))
  }
  return lines
}
