import type { ConnectorConfig } from '../../api/config-def.ts'
import { PluginCatalogue } from '../../connect/plugin-catalogue.ts'
import { examineConnectors, type Examined } from '../../connect/preflight/examine-connectors.ts'
import { kafkaPreflight } from '../../log/kafka/kafka-preflight.ts'
import type { SharedTopicShape } from '../../log/shared-topic.ts'
import { builtInPlugins } from '../catalogue.ts'
import { groupOptions } from '../group-properties.ts'
import { kafkaDescription } from '../kafka-properties.ts'
import type { ConnectorFile } from '../manage-connectors.ts'
import { lookAtDataDirectory } from './data-directory.ts'

const DEADLINE_MS = 60_000

/** What each connector needs of its server. */
export function examineFiles(files: readonly ConnectorFile[]): Promise<Examined[]> {
  const catalogue = new PluginCatalogue(builtInPlugins)
  return examineConnectors(files, { catalogue, signal: AbortSignal.timeout(DEADLINE_MS) })
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
