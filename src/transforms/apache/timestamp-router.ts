import { ConfigDef, type OptionDefinitions } from '../../api/config-def.ts'
import { ConfigError, DataError } from '../../api/errors.ts'
import type { TransformationPlugin } from '../../api/plugin.ts'
import { SimpleDateFormat } from './simple-date-format.ts'

const configDef = new ConfigDef({
  'topic.format': {
    type: 'STRING',
    default: '${topic}-${timestamp}',
    importance: 'HIGH',
    documentation: 'The new topic name; ${topic} and ${timestamp} stand for the former name and the time.',
  },
  'timestamp.format': {
    type: 'STRING',
    default: 'yyyyMMdd',
    importance: 'HIGH',
    documentation: "How the record's time is written: a pattern of java.text.SimpleDateFormat, in UTC.",
  },
} as const satisfies OptionDefinitions)

/** Sends records to topics named by their time. A template does not tell which time a record will have. */
export const timestampRouter: TransformationPlugin = {
  type: 'transformation',
  className: 'org.apache.kafka.connect.transforms.TimestampRouter',
  version: '4.3.1',
  configDef,
  create: (config) => {
    const { 'topic.format': topicFormat, 'timestamp.format': pattern } = configDef.parse(config)
    const format = formatOf(pattern)
    return {
      apply(record) {
        if (record.timestamp === null) {
          throw new DataError(
            'connect.data-invalid',
            `Timestamp missing on record: one of topic ${record.topic}`,
          )
        }
        const time = format.format(new Date(record.timestamp))
        const topic = topicFormat
          .replaceAll('${topic}', () => record.topic)
          .replaceAll('${timestamp}', () => time)
        return { ...record, topic }
      },
    }
  },
}

function formatOf(pattern: string): SimpleDateFormat {
  try {
    return new SimpleDateFormat(pattern)
  } catch (error) {
    throw new ConfigError(
      'connect.config-invalid',
      `Invalid value ${pattern} for configuration timestamp.format: ${(error as Error).message}`,
      { cause: error },
    )
  }
}
