import type { ConnectorConfig } from '../../api/config-def.ts'
import { JavaPattern } from '../../api/java/java-pattern.ts'
import type { Log, TopicDescription } from '../../log/log.ts'
import { listOf } from '../config/list-of.ts'

/** The topics that a sink's `topics` or `topics.regex` stands for now. */
export async function sinkTopics(config: ConnectorConfig, log: Log): Promise<readonly string[]> {
  const matching = await matchingTopics(config, log)
  return matching?.map(({ name }) => name) ?? listOf(config['topics'])
}

/** The same, as far as they are there. */
export async function foundSinkTopics(
  config: ConnectorConfig,
  log: Log,
): Promise<readonly TopicDescription[]> {
  const matching = await matchingTopics(config, log)
  if (matching !== null) return matching
  const found = await Promise.all(listOf(config['topics']).map((topic) => log.describeTopic(topic)))
  return found.filter((topic) => topic !== null)
}

/** Null: its topics are named one by one. */
async function matchingTopics(
  config: ConnectorConfig,
  log: Log,
): Promise<readonly TopicDescription[] | null> {
  const regex = config['topics.regex']?.trim() ?? ''
  if (regex === '') return null
  const whole = new JavaPattern(regex)
  return (await log.listTopics()).filter(({ name }) => whole.matches(name))
}
