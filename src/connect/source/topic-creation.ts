import { ConfigDef, type ConnectorConfig, type OptionValidator } from '../../api/config-def.ts'
import { JavaPattern, javaPatternProblem } from '../../api/java/java-pattern.ts'
import type { ConfigIssue } from '../../api/plugin.ts'
import { DEFAULT_PARTITIONS, type Log, type NewTopic } from '../../log/log.ts'
import { RetriableError } from '../../api/errors.ts'
import { listOf } from '../config/list-of.ts'
import { withoutPrefix } from '../../api/without-prefix.ts'
import { countOrDefault } from './source-options.ts'

/** Knows how many partitions topics have, and creates those that are missing as `topic.creation.*` says. */
export class TopicCreation {
  readonly #log: Pick<Log, 'describeTopic' | 'createTopic'>
  readonly #config: ConnectorConfig
  readonly #isEnabled: boolean
  readonly #partitions = new Map<string, Promise<number>>()

  /** @param isEnabled false (`topic.creation.enable=false`): topics are left to whoever runs the log */
  constructor(log: Pick<Log, 'describeTopic' | 'createTopic'>, config: ConnectorConfig, isEnabled: boolean) {
    this.#log = log
    this.#config = config
    this.#isEnabled = isEnabled
  }

  /** The number of partitions of a topic that exists when this resolves. */
  partitions(topic: string): Promise<number> {
    let known = this.#partitions.get(topic)
    if (known === undefined) {
      known = this.#findOrCreate(topic)
      this.#partitions.set(topic, known)
      // A failure is for those who wait now; the next record asks again.
      known.catch(() => this.#partitions.delete(topic))
    }
    return known
  }

  async #findOrCreate(topic: string): Promise<number> {
    const existing = await this.#log.describeTopic(topic)
    if (existing !== null) return existing.partitions.length
    const wanted = this.#isEnabled
      ? newTopic(topic, this.#config)
      : { name: topic, partitions: DEFAULT_PARTITIONS, isAutomatic: true }
    await this.#log.createTopic(wanted)
    // Somebody else may have created it in between, and differently.
    const created = await this.#log.describeTopic(topic)
    if (created !== null) return created.partitions.length
    throw new RetriableError('log.topic-unknown', `Topic ${topic} was deleted as soon as it was created`)
  }
}

/** How a topic is to be created: by the first group that includes it, else by the default group. */
export function newTopic(topic: string, config: ConnectorConfig): NewTopic {
  const group = listOf(config['topic.creation.groups']).find((alias) => {
    const own = withoutPrefix(config, `topic.creation.${alias}.`)
    return matchesAny(own['include'], topic) && !matchesAny(own['exclude'], topic)
  })
  const fallback = withoutPrefix(config, 'topic.creation.default.')
  const own =
    group === undefined ? fallback : { ...fallback, ...withoutPrefix(config, `topic.creation.${group}.`) }
  const { partitions, 'replication.factor': replicationFactor, include: _, exclude: __, ...settings } = own
  const replicas = positive(replicationFactor)
  return {
    name: topic,
    partitions: positive(partitions) ?? DEFAULT_PARTITIONS,
    ...(replicas === undefined ? {} : { replicationFactor: replicas }),
    config: Object.fromEntries(Object.entries(settings).flatMap(([k, v]) => (v === null ? [] : [[k, v]]))),
  }
}

/** What is wrong with the properties of a connector's groups; those of the default group are among its options. */
export function topicCreationIssues(config: ConnectorConfig): readonly ConfigIssue[] {
  return listOf(config['topic.creation.groups']).flatMap((group) => {
    const name = (property: string) => `topic.creation.${group}.${property}`
    const definition = new ConfigDef({
      [name('include')]: patterns('Expressions for the whole names of topics that the group is for.'),
      [name('exclude')]: patterns('Expressions for the names of topics that it is not for.'),
      [name('partitions')]: count('Partitions of its topics.'),
      [name('replication.factor')]: count('Replicas of its topics.'),
    })
    const own = Object.fromEntries(
      Object.entries(config).filter(([option]) => Object.hasOwn(definition.options, option)),
    )
    return definition
      .validate(own)
      .flatMap(({ name, errors }) => errors.map((message) => ({ option: name, message })))
  })
}

const javaPatterns: OptionValidator = (value) =>
  listOf(String(value))
    .map((pattern) => javaPatternProblem(pattern))
    .find((problem) => problem !== null) ?? null

function patterns(documentation: string) {
  return {
    type: 'STRING',
    default: '',
    validator: javaPatterns,
    importance: 'LOW',
    documentation,
  } as const
}

function count(documentation: string) {
  return { type: 'INT', default: -1, validator: countOrDefault, importance: 'LOW', documentation } as const
}

function matchesAny(patterns: string | null | undefined, topic: string): boolean {
  return listOf(patterns).some((pattern) => new JavaPattern(pattern).matches(topic))
}

function positive(text: string | null | undefined): number | undefined {
  const value = Number(text ?? '')
  return Number.isInteger(value) && value > 0 ? value : undefined
}
