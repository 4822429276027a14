import { ConfigDef, validators, type ConnectorConfig, type OptionDefinitions } from '../api/config-def.ts'
import { ConnectError } from '../api/errors.ts'
import type { OffsetChange, SourceConnectorPlugin } from '../api/plugin.ts'

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

/** Offsets are positions in bytes, of files by their names. In the reference's words. */
function checkOffsets(config: ConnectorConfig, offsets: readonly OffsetChange[]): void {
  const refuse = (message: string): never => {
    throw new ConnectError('connect.offsets-invalid', message)
  }
  if (!config['file']?.trim()) {
    refuse(
      "Offsets cannot be modified if the 'file' configuration is unspecified. This is because stdin is used for input and offsets are not tracked.",
    )
  }
  for (const { partition, offset } of offsets) {
    if (offset === null || offset === undefined) continue
    if (!Object.hasOwn(offset, 'position'))
      refuse("Offset objects should either be null or contain the key 'position'")
    const { position } = offset
    if (typeof position !== 'bigint' && !Number.isInteger(position))
      refuse("The value for the 'position' key in the offset is expected to be a Long value")
    if (Number(position) < 0)
      refuse("The value for the 'position' key in the offset should be a non-negative value")
    if (partition === null || partition === undefined) refuse('Partition objects cannot be null')
    else if (!Object.hasOwn(partition, 'filename'))
      refuse("Partition objects should contain the key 'filename'")
  }
}

/** Kafka's `FileStreamSourceConnector`: each line of a file is a record. */
export const fileStreamSourceConnector: SourceConnectorPlugin = {
  type: 'source',
  className: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  version: '4.3.1',
  configDef: fileSourceConfigDef,
  taskConfigs: (config) => [
    { ...config, 'task.class': 'org.apache.kafka.connect.file.FileStreamSourceTask' },
  ],
  checkOffsets,
  async loadTask() {
    const { FileStreamSourceTask } = await import('./source-task.ts')
    return () => new FileStreamSourceTask()
  },
}
