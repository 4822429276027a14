import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ConfigIssue } from '../../api/plugin.ts'
import { listOf } from '../config/list-of.ts'
import type { WorkerConfig } from '../config/worker-config.ts'

/** The consumer group of a sink connector, as the reference names it. */
export function sinkGroup(connector: string): string {
  return `connect-${connector}`
}

/** The workers themselves are a group of the brokers: consumers cannot join it. */
export function sinkGroupIssues({ name }: ConnectorConfig, { properties }: WorkerConfig): ConfigIssue[] {
  const workerGroup = properties['group.id']?.trim()
  const isOnKafka = listOf(properties['bootstrap.servers']).length > 0
  if (!isOnKafka || typeof name !== 'string' || sinkGroup(name) !== workerGroup) return []
  const message = `Consumer group for sink connector named ${name} conflicts with Connect worker group ${workerGroup}`
  return [{ option: 'name', message }]
}
