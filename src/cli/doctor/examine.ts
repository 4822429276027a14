import type { ConnectorConfig } from '../../api/config-def.ts'
import { ConnectError } from '../../api/errors.ts'
import { tasksMax } from '../../connect/connector-tasks.ts'
import { PluginCatalogue } from '../../connect/plugin-catalogue.ts'
import { examineConnectors, type Examined } from '../../connect/preflight/examine-connectors.ts'
import { kafkaPreflight } from '../../log/kafka/kafka-preflight.ts'
import type { NeededRights } from '../../log/kafka/kafka-rights.ts'
import type { SharedTopicShape } from '../../log/shared-topic.ts'
import { builtInPlugins } from '../catalogue.ts'
import { groupOptions } from '../group-properties.ts'
import { kafkaDescription } from '../kafka-properties.ts'
import type { ConnectorFile } from '../manage-connectors.ts'
import { lookAtDataDirectory } from './data-directory.ts'
import { neededRights } from './needed-rights.ts'

const DEADLINE_MS = 60_000

interface ExaminedFiles {
  readonly examined: readonly Examined[]
  /** What the connectors do with Kafka. */
  readonly needed: NeededRights
}

/** What each connector needs of its server, and all of them of the cluster of a worker with these properties. */
export async function examineFiles(
  files: readonly ConnectorFile[],
  properties: ConnectorConfig,
): Promise<ExaminedFiles> {
  const catalogue = new PluginCatalogue(builtInPlugins)
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const { examined, topics } = await examineConnectors(files, { catalogue, signal })
  const tasks = await taskCounts(files, catalogue)
  return { examined, needed: neededRights(files, { topics, tasks }, properties) }
}

/** How many tasks each connector would have; those whose options cannot be parsed are left out: that is said of them. */
async function taskCounts(
  files: readonly ConnectorFile[],
  catalogue: PluginCatalogue,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (const { name, config } of files) {
    const plugin = await catalogue.loadConnector(config['connector.class'] ?? '')
    try {
      counts.set(name, plugin.taskConfigs(config, tasksMax(config)).length)
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error
    }
  }
  return counts
}

/** The cluster of a worker's properties, the topics where its group keeps what it knows, and the rights on what connectors use. */
export async function examineKafka(properties: ConnectorConfig, needed: NeededRights): Promise<Examined> {
  const description = kafkaDescription(properties)!
  const shapes: SharedTopicShape[] = []
  const groups = [...needed.groups]
  if (properties['group.id'] !== undefined) {
    const { groupId, configTopic, statusTopic } = groupOptions(properties)
    shapes.push(configTopic, description.internalTopics.offsets, statusTopic)
    groups.unshift(groupId)
  }
  const storage = shapes.map(({ property, name, isOrdered }) => ({
    property: `${property}.topic`,
    name,
    isOrdered: isOrdered === true,
  }))
  return { what: 'Kafka', findings: await kafkaPreflight(description, storage, { ...needed, groups }) }
}

export async function examineDataDirectory(directory: string): Promise<Examined> {
  return { what: 'data.dir', findings: await lookAtDataDirectory(directory) }
}
