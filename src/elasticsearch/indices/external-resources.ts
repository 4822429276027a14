import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ConfigIssue } from '../../api/plugin.ts'
import type { ElasticsearchClient } from '../client/client.ts'
import { requestAgain } from '../client/late-answers.ts'
import type { ElasticsearchConfig } from '../options/elasticsearch-options.ts'
import { splitMapping } from '../sink-options.ts'

const USAGE = 'external.resource.usage'
const MAPPING = 'topic.to.external.resource.mapping'

/** What is wrong with where topics go, in the words of the reference: the first problem. */
export function externalResourceIssues(options: ElasticsearchConfig, config: ConnectorConfig): ConfigIssue[] {
  const entries = options[MAPPING]
  const isUsed = options[USAGE].toLowerCase() !== 'disabled'
  const refuse = (message: string, ...names: readonly string[]) =>
    names.map((option) => ({ option, message }))
  if (isUsed !== entries.length > 0) {
    const message = `Invalid configuration: ${USAGE} and ${MAPPING} must be configured together. Either both must be set, or both must be empty.`
    return refuse(message, USAGE, MAPPING)
  }
  if (!isUsed) return []
  if (options['data.stream.type'].toLowerCase() !== 'none' || options['data.stream.dataset'] !== '') {
    const message = `Resource mapping mode and data stream configs are mutually exclusive. When using ${MAPPING}, data stream configs (data.stream.type, data.stream.dataset) must not be set.`
    return refuse(message, MAPPING, 'data.stream.type', 'data.stream.dataset')
  }
  const problem = mappingProblem(entries, options['max.external.resource.mappings'])
  if (problem !== null) return refuse(`Invalid value ${problem}`, MAPPING)
  const mapped = entries.map((entry) => splitMapping(entry)[0])
  const topics = (config['topics'] ?? '').split(',').flatMap((topic) => topic.trim() || [])
  const unmapped = topics.find((topic) => !mapped.includes(topic))
  if (unmapped !== undefined) {
    const message = `Topic '${unmapped}' is not mapped to any resource. All configured topics must be mapped to a resource.`
    return refuse(message, MAPPING)
  }
  const other = mapped.find((topic) => !topics.includes(topic))
  if (other === undefined) return []
  const message = `Topic '${other}' is mapped but not configured. All mapped topics must be configured topics.`
  return refuse(message, MAPPING)
}

function mappingProblem(entries: readonly string[], most: number): string | null {
  const topics = new Set<string>()
  const resources = new Set<string>()
  for (const entry of entries) {
    const of = `${entry} for configuration ${MAPPING}`
    if (!/^[^:]*:[^:]+$/.test(entry)) {
      return `${of}: Invalid topic-to-resource mapping format. The expected format: topic:resource`
    }
    const [topic, resource] = splitMapping(entry)
    if (topics.has(topic)) {
      return `${of}: Topic '${topic}' is mapped to multiple resources. Each topic must be mapped to exactly one resource.`
    }
    if (resources.has(resource)) {
      return `${of}: Resource '${resource}' is mapped from multiple topics. Each resource must be mapped to exactly one topic.`
    }
    topics.add(topic)
    resources.add(resource)
  }
  if (topics.size <= most) return null
  return `[${entries.join(', ')}] for configuration ${MAPPING}: Too many topic-to-external-resource mappings are configured (${topics.size}). Maximum allowed limit is ${most}.`
}

/** The first of the resources that is not there. */
export async function missingResourceIssues(
  client: ElasticsearchClient,
  options: ElasticsearchConfig,
): Promise<ConfigIssue[]> {
  const usage = options[USAGE].toLowerCase()
  if (usage === 'disabled') return []
  for (const [, resource] of options[MAPPING].map(splitMapping)) {
    const path = `${usage.startsWith('alias') ? '/_alias/' : '/'}${encodeURIComponent(resource)}`
    const { status } = await requestAgain(client, { method: 'HEAD', path })
    if (status < 300) continue
    const message =
      status === 404
        ? `${usage} '${resource}' does not exist in Elasticsearch`
        : `Failed to check if ${usage} '${resource}' exists: HEAD ${path} answered HTTP status ${status}`
    return [{ option: MAPPING, message }]
  }
  return []
}
