import type { ConnectorConfig } from '../../api/config-def.ts'
import type { CapturedTopic } from '../../api/preflight.ts'
import { listOf } from '../../connect/config/list-of.ts'
import { sinkGroup } from '../../connect/sink/sink-group.ts'
import { offsetsTopic } from '../../connect/task/task-client.ts'
import { transactionalIdOf } from '../../log/kafka/connection/task-clients.ts'
import type { NeededRights, TopicOperation } from '../../log/kafka/kafka-rights.ts'
import type { ConnectorFile } from '../manage-connectors.ts'

/**
 * What connectors do with Kafka, and a worker that writes for them in transactions. Topics whose names are known only once
 * records come are left out: those behind transformations, and those of `topics.regex`.
 *
 * @param of `topics` that a source would write, and how many `tasks` it has, by its name
 */
export function neededRights(
  files: readonly ConnectorFile[],
  of: {
    readonly topics: ReadonlyMap<string, readonly CapturedTopic[]>
    readonly tasks: ReadonlyMap<string, number>
  },
  worker: ConnectorConfig,
): NeededRights {
  const topics = new Map<string, Set<TopicOperation>>()
  const need = (names: readonly (string | null | undefined)[], ...operations: TopicOperation[]): void => {
    for (const name of names) {
      if (name) topics.set(name, new Set([...(topics.get(name) ?? []), ...operations]))
    }
  }
  const [sinks, sources] = [files.filter(isSink), files.filter((file) => !isSink(file))]
  for (const { name, config } of sources) {
    if (listOf(config['transforms']).length === 0) {
      need(of.topics.get(name)?.map(({ topic }) => topic) ?? [], 'Describe', 'Write')
    }
    need([offsetsTopic(config)], 'Describe', 'DescribeConfigs', 'Read', 'Write')
  }
  for (const { config } of sinks) {
    need(listOf(config['topics']), 'Describe', 'Read')
    need([config['errors.deadletterqueue.topic.name']?.trim()], 'Describe', 'Write')
  }
  return {
    topics: [...topics].map(([name, operations]) => ({ name, operations: [...operations].sort() })),
    groups: sinks.map(({ name, config }) => sinkGroup(name, config)),
    transactionalIds: transactionalIds(
      sources.map(({ name }) => ({ connector: name, tasks: of.tasks.get(name) ?? 1 })),
      worker,
    ),
  }
}

function isSink({ config }: ConnectorFile): boolean {
  return ['topics', 'topics.regex'].some((option) => config[option]?.trim())
}

/** Of every task of the sources, and of the leader. */
function transactionalIds(
  sources: readonly { readonly connector: string; readonly tasks: number }[],
  worker: ConnectorConfig,
): readonly string[] {
  if (worker['exactly.once.source.support']?.trim().toLowerCase() !== 'enabled') return []
  const groupId = worker['group.id'] ?? undefined
  return [
    ...(groupId === undefined ? [] : [`connect-cluster-${groupId}`]),
    ...sources.flatMap(({ connector, tasks }) =>
      Array.from({ length: tasks }, (_, task) => transactionalIdOf(groupId, { connector, task })),
    ),
  ]
}
