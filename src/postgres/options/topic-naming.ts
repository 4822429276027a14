import type { ConnectorConfig } from '../../api/config-def.ts'
import { JavaPattern } from '../../api/java/java-pattern.ts'
import type { ConfigIssue } from '../../api/plugin.ts'
import { topicName, unicodeEscape } from '../../api/adjust-name.ts'
import type { TopicNames } from '../envelope/topic-names.ts'
import { isTopicName } from './checks.ts'

/** The strategies, by their Java names without the package. */
const STRATEGIES: ReadonlyMap<
  string,
  { readonly withSchema: boolean; readonly kind: 'plain' | 'regex' | 'unicode' }
> = new Map([
  ['SchemaTopicNamingStrategy', { withSchema: true, kind: 'plain' }],
  ['DefaultTopicNamingStrategy', { withSchema: false, kind: 'plain' }],
  ['SchemaRegexTopicNamingStrategy', { withSchema: true, kind: 'regex' }],
  ['DefaultRegexTopicNamingStrategy', { withSchema: false, kind: 'regex' }],
  ['SchemaUnicodeTopicNamingStrategy', { withSchema: true, kind: 'unicode' }],
  ['DefaultUnicodeTopicNamingStrategy', { withSchema: false, kind: 'unicode' }],
])

/** Options of every strategy. */
const NAMES: readonly string[] = ['topic.transaction', 'topic.heartbeat.prefix', 'topic.heartbeat.name']

const OF_REGEX: ReadonlySet<string> = new Set([
  'topic.regex',
  'topic.replacement',
  'topic.key.enforce.uniqueness',
  'topic.key.field.name',
  'topic.key.field.regex',
  'topic.key.field.replacement',
])

/** The topics of a configuration in which `topicNamingIssues` found nothing wrong. */
export function topicNaming(config: ConnectorConfig): TopicNames {
  const text = (name: string, byDefault = ''): string => config[name]?.trim() || byDefault
  const { withSchema, kind } = strategyOf(config) ?? STRATEGIES.get('SchemaTopicNamingStrategy')!
  const prefix = text('topic.prefix')
  const delimiter = text('topic.delimiter', '.')
  const origin = (schema: string, table: string): string =>
    [prefix, ...(withSchema ? [schema] : []), table].join(delimiter)
  const sanitize = kind === 'unicode' ? unicodeTopicName : (name: string) => topicName([name], '')
  const heartbeatPrefix = text(
    'topic.heartbeat.prefix',
    text('heartbeat.topics.prefix', '__debezium-heartbeat'),
  )
  const common = {
    transactions: `${prefix}${delimiter}${text('topic.transaction', 'transaction')}`,
    heartbeats: text('topic.heartbeat.name', `${heartbeatPrefix}${delimiter}${prefix}`),
  }
  if (kind !== 'regex') {
    return { ...common, table: (schema, table) => sanitize(origin(schema, table)), keyField: () => null }
  }
  const pattern = new JavaPattern(text('topic.regex'))
  const keyPattern = new JavaPattern(text('topic.key.field.regex', '(.*)'))
  const keyReplacement = text('topic.key.field.regex') === '' ? '$1' : text('topic.key.field.replacement')
  const isKeyUnique = text('topic.key.enforce.uniqueness', 'true').toLowerCase() === 'true'
  return {
    ...common,
    table: (schema, table) => {
      const name = sanitize(origin(schema, table))
      return replaced(pattern, name, text('topic.replacement')) || name
    },
    keyField: (schema, table) => {
      if (!isKeyUnique) return null
      const value = replaced(keyPattern, origin(schema, table), keyReplacement)
      return { name: text('topic.key.field.name', '__dbz__physicalTableIdentifier'), value }
    },
  }
}

/** Whether one of `topic.*` that are no definitions of their own is read. */
export function readsTopicProperty(name: string, config: ConnectorConfig): boolean {
  return NAMES.includes(name) || (strategyOf(config)?.kind === 'regex' && OF_REGEX.has(name))
}

/** What is wrong with the options that the naming strategy has of its own. */
export function topicNamingIssues(config: ConnectorConfig): readonly ConfigIssue[] {
  return [...nameIssues(config), ...strategyIssues(config)]
}

function nameIssues(config: ConnectorConfig): readonly ConfigIssue[] {
  return NAMES.flatMap((name) => {
    const text = config[name]?.trim()
    const problem = text ? isTopicName(text, config) : null
    return problem === null ? [] : [issue(name, problem)]
  })
}

function strategyIssues(config: ConnectorConfig): readonly ConfigIssue[] {
  const strategy = strategyOf(config)
  if (strategy === undefined) {
    return [
      issue(
        'topic.naming.strategy',
        `Value must be one of ${[...STRATEGIES.keys()].map((name) => `io.debezium.schema.${name}`).join(', ')}`,
      ),
    ]
  }
  if (strategy.kind !== 'regex') return []
  return [
    ...['topic.regex', 'topic.replacement'].flatMap((name) =>
      config[name]?.trim() ? [] : [issue(name, 'A value is required')],
    ),
    ...['topic.regex', 'topic.key.field.regex'].flatMap((name) => {
      const problem = patternProblem(config[name]?.trim() ?? '')
      return problem === null ? [] : [issue(name, `A regular expression is expected, but ${problem}`)]
    }),
    ...(config['topic.key.field.regex']?.trim() && !config['topic.key.field.replacement']?.trim()
      ? [
          issue(
            'topic.key.field.replacement',
            'topic.key.field.replacement must be non-empty if topic.key.field.regex is set.',
          ),
        ]
      : []),
  ]
}

function strategyOf(config: ConnectorConfig) {
  const name = config['topic.naming.strategy']?.trim() || 'io.debezium.schema.SchemaTopicNamingStrategy'
  return STRATEGIES.get(name.replace('io.debezium.schema.', ''))
}

/** Only names that match as a whole are replaced. */
function replaced(pattern: JavaPattern, name: string, replacement: string): string {
  return pattern.matches(name) ? pattern.replaceFirst(name, replacement) : name
}

/** What Kafka does not allow in a name becomes `_u` and its code; so does `_` itself, so that names stay different. */
function unicodeTopicName(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9.-]/g, unicodeEscape)
}

function patternProblem(source: string): string | null {
  try {
    void new JavaPattern(source)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function issue(option: string, problem: string): ConfigIssue {
  return { option, message: `The '${option}' value is invalid: ${problem}` }
}
