import { ConfigDef, type OptionDefinitions } from '../../api/config-def.ts'
import { DataError } from '../../api/errors.ts'
import { javaPatternProblem, JavaPattern } from '../../api/java/java-pattern.ts'
import type { TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord } from '../../api/record.ts'

const configDef = new ConfigDef({
  regex: {
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'A regular expression in Java notation that has to match the whole topic name.',
    validator: javaPatternProblem,
  },
  replacement: {
    type: 'STRING',
    importance: 'HIGH',
    documentation: 'The new topic name; $1 or ${name} stand for what a group of the expression matched.',
  },
} as const satisfies OptionDefinitions)

/** Sends records of topics that match to another topic. */
export const regexRouter: TransformationPlugin = {
  type: 'transformation',
  className: 'org.apache.kafka.connect.transforms.RegexRouter',
  version: '4.3.1',
  configDef,
  create: (config) => {
    const { regex, replacement } = configDef.parse(config)
    const pattern = new JavaPattern(regex)
    const routed = <T extends { readonly topic: string }>(routable: T): T =>
      pattern.matches(routable.topic)
        ? { ...routable, topic: pattern.replaceFirst(routable.topic, replacement) }
        : routable
    return {
      apply: <R extends ConnectRecord>(record: R) => routed(record),
      compile(template) {
        try {
          return routed(template)
        } catch (error) {
          // A replacement that asks for a group that is not there: each record is to fail with it.
          if (error instanceof DataError) return null
          throw error
        }
      },
    }
  },
}
