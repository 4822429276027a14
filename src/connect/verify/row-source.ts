import type { ConnectorConfig } from '../../api/config-def.ts'
import type { SourceConnectorPlugin } from '../../api/plugin.ts'
import type { SinkBatch } from '../../api/sink-task.ts'
import type { SourceTaskContext, TaskLogger } from '../../api/source-task.ts'
import type { TablePass, TableReader } from '../../api/verification.ts'
import { compileTemplate } from '../source/compile-template.ts'
import { ErrorTolerance } from '../task/error-tolerance.ts'
import type { PluginCatalogue } from '../plugin-catalogue.ts'
import { loadRecordConverters } from '../task/record-converters.ts'
import type { SinkRecordConverter } from '../sink/sink-record-converter.ts'
import { SourceRecordEncoder } from '../source/source-record-encoder.ts'
import { TaskMeter } from '../task/task-meter.ts'
import { loadTransformationChain, type TransformationChain } from '../task/transformation-chain.ts'
import type { WorkerConfig } from '../config/worker-config.ts'

export interface RowSourceParts {
  readonly catalogue: PluginCatalogue
  readonly worker: WorkerConfig
  readonly logger: TaskLogger
  readonly signal: AbortSignal
}

/** All records go to one partition, and no topic is created for them: they are only compared. */
const ONE_PARTITION = { partitions: () => Promise.resolve(1) }

/** The rows of a source connector, on the way that they take to the sink: only that they do not pass the log. */
export class RowSource {
  readonly reader: TableReader
  readonly config: ConnectorConfig
  readonly #chain: TransformationChain
  readonly #encoder: SourceRecordEncoder

  private constructor(
    { reader, config }: { readonly reader: TableReader; readonly config: ConnectorConfig },
    chain: TransformationChain,
    encoder: SourceRecordEncoder,
  ) {
    this.reader = reader
    this.config = config
    this.#chain = chain
    this.#encoder = encoder
  }

  /** Null: a connector whose tables cannot be read. */
  static async open(
    name: string,
    config: ConnectorConfig,
    { catalogue, worker, logger, signal }: RowSourceParts,
  ): Promise<RowSource | null> {
    const plugin = (await catalogue.loadConnector(config['connector.class'] ?? '')) as SourceConnectorPlugin
    if (plugin.loadTableReader === undefined) return null
    const openReader = await plugin.loadTableReader()
    const converters = await loadRecordConverters(config, worker, catalogue)
    const chain = await loadTransformationChain(config, catalogue, { log: logger, tracing: null })
    // What the task would have passed over is passed over here too.
    const tolerance = new ErrorTolerance(config, {
      task: { connector: name, task: 0 },
      logger,
      signal,
      meter: new TaskMeter(),
    })
    const topics = ONE_PARTITION
    const encoder = new SourceRecordEncoder({ chain, converters, topics, tolerance })
    const context: SourceTaskContext = {
      connectorName: name,
      taskId: 0,
      log: logger,
      signal,
      offset: () => Promise.resolve(null),
      compile: (template) => compileTemplate(template, { chain, converters, topics }),
      metrics: () => ({ set: () => undefined, add: () => undefined, observe: () => undefined }),
    }
    return new RowSource({ reader: await openReader(config, context), config }, chain, encoder)
  }

  /** All rows of a pass, as the sink's task would get them. */
  async *read(
    pass: TablePass,
    {
      isWanted,
      converter,
    }: { readonly isWanted: (topic: string) => boolean; readonly converter: SinkRecordConverter },
  ): AsyncGenerator<SinkBatch> {
    for (let polled = await pass.poll(); polled !== null; polled = await pass.poll()) {
      for (const part of polled.parts) {
        const batches = part.kind === 'encoded' ? [part] : await this.#encoder.encode(part.records)
        for (const { topic, batch } of batches) {
          if (isWanted(topic)) yield converter.convert({ topic, partition: 0, batch, firstOffset: 0n })
        }
      }
    }
  }

  close(): void {
    this.reader.close()
    this.#chain.close()
  }
}
