import { validators, type ConnectorConfig, type OptionDefinitions } from '../../api/config-def.ts'
import { JavaPattern, javaPatternProblem } from '../../api/java/java-pattern.ts'
import { listOf } from '../config/list-of.ts'

const deadLetterGroup = { group: 'Error Handling', importance: 'MEDIUM', width: 'MEDIUM' } as const

/** The options of every sink connector. */
export const sinkOptions: OptionDefinitions = {
  topics: {
    type: 'LIST',
    default: [],
    validator: validators.distinct('topics'),
    importance: 'HIGH',
    documentation: 'The topics to read, separated by commas.',
    group: 'Common',
    width: 'LONG',
    displayName: 'Topics',
  },
  'topics.regex': {
    type: 'STRING',
    default: '',
    validator: javaPatternProblem,
    importance: 'HIGH',
    documentation:
      'A regular expression; topics whose whole name matches are read, also those that come later.',
    group: 'Common',
    width: 'LONG',
    displayName: 'Topics regex',
  },
  'errors.deadletterqueue.topic.name': {
    ...deadLetterGroup,
    type: 'STRING',
    default: '',
    documentation: 'The topic for records that failed; without a name they are not kept.',
    displayName: 'Dead letter queue topic name',
  },
  'errors.deadletterqueue.topic.replication.factor': {
    ...deadLetterGroup,
    type: 'SHORT',
    default: 3,
    documentation: 'Replicas of the dead letter queue topic when it is created; the embedded log keeps one.',
    displayName: 'Dead letter queue replication factor',
  },
  'errors.deadletterqueue.context.headers.enable': {
    ...deadLetterGroup,
    type: 'BOOLEAN',
    default: false,
    documentation: 'Whether dead letters get headers __connect.errors.* that say what failed where.',
    displayName: 'Context headers on dead letters',
  },
}

/** What is wrong between a sink's options, by option name. */
export function sinkOptionIssues(config: ConnectorConfig): { option: string; message: string }[] {
  const topics = listOf(config['topics'])
  const regex = config['topics.regex']?.trim() ?? ''
  const both = (message: string) => [
    { option: 'topics', message },
    { option: 'topics.regex', message },
  ]
  if (topics.length === 0 && regex === '') return both('Must configure one of topics or topics.regex')
  if (topics.length > 0 && regex !== '') {
    return both('topics and topics.regex are mutually exclusive options, but both are set.')
  }
  const deadLetters = config['errors.deadletterqueue.topic.name']?.trim() ?? ''
  if (deadLetters === '') return []
  if (topics.includes(deadLetters)) {
    const message = `The DLQ topic '${deadLetters}' may not be included in the list of topics ('topics=[${topics.join(', ')}]') consumed by the connector`
    return [{ option: 'topics', message }]
  }
  if (regex !== '' && javaPatternProblem(regex) === null && new JavaPattern(regex).matches(deadLetters)) {
    const message = `The DLQ topic '${deadLetters}' may not be matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector`
    return [{ option: 'topics.regex', message }]
  }
  return []
}
