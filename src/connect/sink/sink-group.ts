import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ConfigIssue } from '../../api/plugin.ts'
import { listOf } from '../config/list-of.ts'
import type { WorkerConfig } from '../config/worker-config.ts'

const OWN_GROUP = 'consumer.override.group.id'

/** The consumer group of a sink connector: what its configuration names, or as the reference names it. */
export function sinkGroup(connector: string, config: ConnectorConfig): string {
  return ownGroup(config) ?? `connect-${connector}`
}

/** The workers themselves are a group of the brokers: consumers cannot join it. */
export function sinkGroupIssues(config: ConnectorConfig, { properties }: WorkerConfig): ConfigIssue[] {
  const { name } = config
  const workerGroup = properties['group.id']?.trim()
  const isOnKafka = listOf(properties['bootstrap.servers']).length > 0
  if (!isOnKafka || typeof name !== 'string' || sinkGroup(name, config) !== workerGroup) return []
  if (ownGroup(config) !== null) {
    const message = `Consumer group ${workerGroup} conflicts with Connect worker group ${workerGroup}`
    return [{ option: OWN_GROUP, message }]
  }
  const message = `Consumer group for sink connector named ${name} conflicts with Connect worker group ${workerGroup}`
  return [{ option: 'name', message }]
}

function ownGroup(config: ConnectorConfig): string | null {
  return config[OWN_GROUP]?.trim() || null
}
