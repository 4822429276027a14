import { ConfigDef, DataError, sinkRecords } from '../../../src/api/index.ts'
import type {
  Plugin,
  SinkBatch,
  SinkTask,
  SinkTaskContext,
  TopicPartitionOffset,
} from '../../../src/api/index.ts'

/** Reports each record whose value is an object with a field `report`, in its words. */
class ReportingSinkTask implements SinkTask {
  #context: SinkTaskContext | null = null

  async start(_config: unknown, context: SinkTaskContext): Promise<void> {
    this.#context = context
  }

  async put(batches: readonly SinkBatch[]): Promise<void> {
    for (const batch of batches) {
      for (const record of sinkRecords(batch)) {
        const text = record.value instanceof Map ? record.value.get('report') : undefined
        if (typeof text !== 'string') continue
        await this.#context!.errantRecords!.report(record, new DataError('connect.data-invalid', text))
      }
    }
  }

  async preCommit(positions: readonly TopicPartitionOffset[]): Promise<readonly TopicPartitionOffset[]> {
    return positions
  }

  async stop(): Promise<void> {}
}

export const plugins: readonly Plugin[] = [
  {
    type: 'sink',
    className: 'test.ReportingSink',
    version: '1',
    configDef: new ConfigDef({}),
    taskConfigs: (config) => [config],
    loadTask: async () => () => new ReportingSinkTask(),
  },
]
