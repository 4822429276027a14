import type { ConnectorConfig } from '../../api/config-def.ts'
import type { CapturedTopic } from '../../api/preflight.ts'
import { PluginCatalogue } from '../../connect/plugin-catalogue.ts'
import { examineConnectors, type Examined } from '../../connect/preflight/examine-connectors.ts'
import { sinkGroup } from '../../connect/sink/sink-group.ts'
import { listOf } from '../../connect/config/list-of.ts'
import { kafkaPreflight } from '../../log/kafka/kafka-preflight.ts'
import type { NeededRights } from '../../log/kafka/kafka-rights.ts'
import type { SharedTopicShape } from '../../log/shared-topic.ts'
import { builtInPlugins } from '../catalogue.ts'
import { groupOptions } from '../group-properties.ts'
import { kafkaDescription } from '../kafka-properties.ts'
import type { ConnectorFile } from '../manage-connectors.ts'
import { lookAtDataDirectory } from './data-directory.ts'

const DEADLINE_MS = 60_000

interface ExaminedFiles {
  readonly examined: readonly Examined[]
  /** What the connectors do with Kafka. */
  readonly needed: NeededRights
}

/** What each connector needs of its server. */
export async function examineFiles(files: readonly ConnectorFile[]): Promise<ExaminedFiles> {
  const catalogue = new PluginCatalogue(builtInPlugins)
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const { examined, topics } = await examineConnectors(files, { catalogue, signal })
  return { examined, needed: rightsOfConnectors(files, topics) }
}

function rightsOfConnectors(
  files: readonly ConnectorFile[],
  captured: ReadonlyMap<string, readonly CapturedTopic[]>,
): NeededRights {
  // Transformations may send records to topics of other names.
  const sources = files.filter(({ config }) => listOf(config['transforms']).length === 0)
  const written = sources.flatMap(({ name }) => captured.get(name) ?? []).map(({ topic }) => topic)
  const sinks = files.filter(({ config }) => listOf(config['topics']).length > 0)
  const read = new Set(sinks.flatMap(({ config }) => listOf(config['topics'])))
  return {
    topics: [...new Set([...written, ...read])].map((name) => ({
      name,
      operations: [
        'Describe',
        ...(read.has(name) ? ['Read' as const] : []),
        ...(written.includes(name) ? ['Write' as const] : []),
      ],
    })),
    groups: sinks.map(({ name }) => sinkGroup(name)),
  }
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
