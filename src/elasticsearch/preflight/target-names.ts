import type { ConnectorConfig } from '../../api/config-def.ts'
import { elasticsearchOptions } from '../options/elasticsearch-options.ts'
import { IndexNameFormat } from '../indices/index-naming.ts'

/** The indices of the topics that the configuration names; none for `topics.regex`, data streams and aliases. */
export function targetNames(config: ConnectorConfig): string[] {
  return [...targetsOf(config).keys()]
}

/** The same, with the topic of each. */
export function targetsOf(config: ConnectorConfig): ReadonlyMap<string, string> {
  const options = elasticsearchOptions.parse(config)
  const isOwn =
    options['data.stream.type'].toLowerCase() === 'none' &&
    options['external.resource.usage'].toLowerCase() === 'disabled'
  if (!isOwn) return new Map()
  const format = new IndexNameFormat(options['index.name.format'])
  const topics = (config['topics'] ?? '').split(',').map((topic) => topic.trim())
  return new Map(topics.filter(Boolean).map((topic) => [format.nameOf(topic, Date.now()), topic]))
}
