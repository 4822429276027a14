import type { ConnectorConfig } from '../../api/config-def.ts'
import { JavaPattern } from '../../api/java/java-pattern.ts'
import type { Log, TopicDescription } from '../../log/log.ts'
import { listOf } from '../config/list-of.ts'

/** What a sink reads, as its configuration has it: `topics`, or `topics.regex`. */
export function wantedTopics(config: ConnectorConfig): readonly string[] | JavaPattern {
  const regex = config['topics.regex']?.trim() ?? ''
  return regex === '' ? listOf(config['topics']) : new JavaPattern(regex)
}

/** The topics that this stands for now; those that are named need not be there. */
export async function sinkTopics(config: ConnectorConfig, log: Log): Promise<readonly string[]> {
  const wanted = wantedTopics(config)
  return wanted instanceof JavaPattern ? (await matching(wanted, log)).map(({ name }) => name) : wanted
}

/** The same, as far as they are there. */
export async function foundSinkTopics(
  config: ConnectorConfig,
  log: Log,
): Promise<readonly TopicDescription[]> {
  const wanted = wantedTopics(config)
  if (wanted instanceof JavaPattern) return matching(wanted, log)
  const found = await Promise.all(wanted.map((topic) => log.describeTopic(topic)))
  return found.filter((topic) => topic !== null)
}

async function matching(pattern: JavaPattern, log: Log): Promise<readonly TopicDescription[]> {
  return (await log.listTopics()).filter(({ name }) => pattern.matches(name))
}
