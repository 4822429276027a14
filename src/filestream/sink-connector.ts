import { ConfigDef, type OptionDefinitions } from '../api/config-def.ts'
import type { SinkConnectorPlugin } from '../api/plugin.ts'

const options = {
  file: {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    documentation: "The file to append to, a line for each record. Without it: the worker's standard output.",
  },
} as const satisfies OptionDefinitions

export const fileSinkConfigDef = new ConfigDef(options)

/** Kafka's `FileStreamSinkConnector`: each record's value becomes a line of a file. */
export const fileStreamSinkConnector: SinkConnectorPlugin = {
  type: 'sink',
  className: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  version: '4.3.1',
  configDef: fileSinkConfigDef,
  taskConfigs: (config, maxTasks) =>
    Array.from({ length: maxTasks }, () => ({
      ...config,
      'task.class': 'org.apache.kafka.connect.file.FileStreamSinkTask',
    })),
  checkOffsets: () => undefined,
  async loadTask() {
    const { FileStreamSinkTask } = await import('./sink-task.ts')
    return () => new FileStreamSinkTask()
  },
}
