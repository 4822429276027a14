import type { ConnectorConfig } from '../../api/config-def.ts'
import type { ConfigIssue } from '../../api/plugin.ts'
import { listOf } from './list-of.ts'
import type { WorkerConfig } from './worker-config.ts'

const OVERRIDE = /^(?:producer|consumer|admin)\.override\.(.+)$/
const LOGIN = new Set(['sasl.jaas.config', 'sasl.mechanism', 'security.protocol'])

/** The client overrides of a connector that the worker's `connector.client.config.override.policy` forbids. */
export function forbiddenOverrides(config: ConnectorConfig, { options }: WorkerConfig): ConfigIssue[] {
  // A class of the reference's, by its whole name, or its alias.
  const policy = options['connector.client.config.override.policy']
    .replace(/^.*\./, '')
    .replace(/ConnectorClientConfigOverridePolicy$/, '')
  const allowed = new Set(options['connector.client.config.override.allowlist'])
  const mayOverride = (name: string): boolean => {
    switch (policy) {
      case 'None':
        return false
      case 'Principal':
        return LOGIN.has(name)
      case 'Allowlist':
        return allowed.has(name)
      default:
        return true
    }
  }
  return Object.keys(config).flatMap((option) => {
    const name = OVERRIDE.exec(option)?.[1]
    if (name === undefined || mayOverride(name)) return []
    return [
      {
        option,
        message: `The '${policy}' policy does not allow '${name}' to be overridden in the connector configuration.`,
      },
    ]
  })
}

/** What exactly-once support a source connector asks for that the worker does not give. */
export function exactlyOnceIssues(config: ConnectorConfig, worker: WorkerConfig): ConfigIssue[] {
  const issues: ConfigIssue[] = []
  const isOnKafka = listOf(worker.properties['bootstrap.servers']).length > 0
  const isEnabled = worker.options['exactly.once.source.support'].toLowerCase() === 'enabled'
  if (config['exactly.once.support']?.trim().toLowerCase() === 'required' && isOnKafka && !isEnabled) {
    const message = 'This worker does not have exactly-once source support enabled.'
    issues.push({ option: 'exactly.once.support', message })
  }
  if (config['transaction.boundary']?.trim().toLowerCase() === 'connector') {
    const message =
      'The connector does not support connector-defined transaction boundaries with the given configuration. ' +
      'Please reconfigure it to use a different transaction boundary definition.'
    issues.push({ option: 'transaction.boundary', message })
  }
  return issues
}
