import { ConfigDef, validators, type OptionDefinitions } from '../api/config-def.ts'
import type { SourceConnectorPlugin } from '../api/plugin.ts'

const options = {
  file: {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    documentation: "The file whose lines become records. Without it: the worker's standard input.",
  },
  topic: {
    type: 'STRING',
    validator: validators.nonEmpty(),
    importance: 'HIGH',
    documentation: 'The topic that gets the lines.',
  },
  'batch.size': {
    type: 'INT',
    default: 2000,
    importance: 'LOW',
    documentation: 'Most lines that are read at once.',
  },
} as const satisfies OptionDefinitions

export const fileSourceConfigDef = new ConfigDef(options)

/** Kafka's `FileStreamSourceConnector`: each line of a file is a record. */
export const fileStreamSourceConnector: SourceConnectorPlugin = {
  type: 'source',
  className: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  version: '4.3.1',
  configDef: fileSourceConfigDef,
  taskConfigs: (config) => [
    { ...config, 'task.class': 'org.apache.kafka.connect.file.FileStreamSourceTask' },
  ],
  async loadTask() {
    const { FileStreamSourceTask } = await import('./source-task.ts')
    return () => new FileStreamSourceTask()
  },
}
