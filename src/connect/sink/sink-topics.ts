import type { ConnectorConfig } from '../../api/config-def.ts'
import { JavaPattern } from '../../api/java/java-pattern.ts'
import type { Log } from '../../log/log.ts'
import { listOf } from '../config/list-of.ts'

/** The topics that a sink's `topics` or `topics.regex` stands for now. */
export async function sinkTopics(config: ConnectorConfig, log: Log): Promise<readonly string[]> {
  const regex = config['topics.regex']?.trim() ?? ''
  if (regex === '') return listOf(config['topics'])
  const whole = new JavaPattern(regex)
  return (await log.listTopics()).map(({ name }) => name).filter((name) => whole.matches(name))
}
