import { ConfigDef, validators, type OptionDefinitions, type OptionValidator } from '../api/config-def.ts'
import { JavaPattern, javaPatternProblem } from '../api/java/java-pattern.ts'
import type { PredicatePlugin } from '../api/plugin.ts'

const nonEmpty = validators.nonEmpty()
const nonEmptyPattern: OptionValidator = Object.assign(
  (value: Parameters<OptionValidator>[0]) => nonEmpty(value) ?? javaPatternProblem(value),
  { nullProblem: javaPatternProblem.nullProblem! },
)

const configDef = new ConfigDef({
  pattern: {
    type: 'STRING',
    importance: 'MEDIUM',
    documentation: 'A regular expression in Java notation that has to match the whole topic name.',
    validator: nonEmptyPattern,
  },
} as const satisfies OptionDefinitions)

/** Holds for records of topics with matching names. */
export const topicNameMatches: PredicatePlugin = {
  type: 'predicate',
  className: 'org.apache.kafka.connect.transforms.predicates.TopicNameMatches',
  version: '4.3.1',
  configDef,
  create: (config) => {
    const pattern = new JavaPattern(configDef.parse(config).pattern)
    const holds = ({ topic }: { readonly topic: string }): boolean => pattern.matches(topic)
    return { test: holds, compile: holds }
  },
}
