import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConnectError, describeError } from '../../api/errors.ts'
import { fail, type CapturedTopic, type Finding, type PreflightReport } from '../../api/preflight.ts'
import { PluginCatalogue } from '../../connect/plugin-catalogue.ts'
import { kafkaPreflight } from '../../log/kafka/kafka-preflight.ts'
import type { SharedTopicShape } from '../../log/shared-topic.ts'
import { builtInPlugins } from '../catalogue.ts'
import { groupOptions } from '../group-properties.ts'
import { kafkaDescription } from '../kafka-properties.ts'
import type { ConnectorFile } from '../manage-connectors.ts'
import { lookAtDataDirectory } from './data-directory.ts'

/** Findings about one thing. */
export interface Examined {
  readonly what: string
  readonly findings: readonly Finding[]
}

const DEADLINE_MS = 60_000

/** Each connector's world, sources first: sinks are held against what these capture. */
export async function examineConnectors(connectors: readonly ConnectorFile[]): Promise<Examined[]> {
  const catalogue = new PluginCatalogue(builtInPlugins)
  const loaded = await Promise.all(
    connectors.map(async ({ name, config }) => ({
      name,
      config,
      plugin: await catalogue.loadConnector(config['connector.class'] ?? ''),
    })),
  )
  const examined: Examined[] = []
  const topics: CapturedTopic[] = []
  for (const { name, config, plugin } of loaded.toSorted((a, b) => order(a.plugin) - order(b.plugin))) {
    const preflight = await plugin.loadPreflight?.()
    if (preflight === undefined) continue
    const report = await preflight(config, { signal: AbortSignal.timeout(DEADLINE_MS), topics }).catch(
      refused,
    )
    topics.push(...(report.topics ?? []))
    examined.push({ what: name, findings: report.findings })
  }
  return examined
}

function order({ type }: { readonly type: 'source' | 'sink' }): number {
  return type === 'source' ? 0 : 1
}

/** Options that cannot be parsed say themselves what they should be. */
function refused(error: unknown): PreflightReport {
  if (!(error instanceof ConnectError)) throw error
  const remedy = { where: 'connector', apply: 'Correct the option that the message names' } as const
  return { findings: [fail('configuration', describeError(error), remedy)] }
}

/** The cluster of a worker's properties, and the topics where its group keeps what it knows. */
export async function examineKafka(properties: ConnectorConfig): Promise<Examined> {
  const description = kafkaDescription(properties)!
  const shapes: SharedTopicShape[] = []
  if (properties['group.id'] !== undefined) {
    const { configTopic, statusTopic } = groupOptions(properties)
    shapes.push(configTopic, description.internalTopics.offsets, statusTopic)
  }
  const storage = shapes.map(({ property, name, isOrdered }) => ({
    property: `${property}.topic`,
    name,
    isOrdered: isOrdered === true,
  }))
  return { what: 'Kafka', findings: await kafkaPreflight(description, storage) }
}

export async function examineDataDirectory(directory: string): Promise<Examined> {
  return { what: 'data.dir', findings: await lookAtDataDirectory(directory) }
}
