import type { ConnectorConfig } from '../api/config-def.ts'
import { ConfigError } from '../api/errors.ts'
import type { ConnectorPlugin } from '../api/plugin.ts'
import type { ConfigResolver } from './config-providers/config-resolver.ts'
import type { SecretValues } from './config-providers/secret-values.ts'
import type { PluginCatalogue } from './plugin-catalogue.ts'
import type { StartupCounts } from './startup-counts.ts'
import type { TaskPlan } from './task/task-supervisor.ts'
import { traced } from './tracing/traced.ts'
import type { Tracer } from './tracing/tracer.ts'
import type { WorkerConfig } from './config/worker-config.ts'

export interface ConnectorTaskParts {
  readonly catalogue: PluginCatalogue
  readonly resolver: ConfigResolver
  readonly worker: WorkerConfig
}

interface ConnectorStart extends Omit<ConnectorTaskParts, 'worker'> {
  readonly startups: StartupCounts
  /** Null: nobody looks at traces. */
  readonly tracer: Tracer | null
  /** What config providers supplied, for whoever shows the error that may follow. */
  readonly onSecrets: (secrets: SecretValues) => void
}

/** Starts a connector: `makeTaskConfigs`, counted and traced. Throws `ConfigError`. */
export function startConnector(
  name: string,
  config: ConnectorConfig,
  start: ConnectorStart,
): Promise<readonly ConnectorConfig[]> {
  const { startups, tracer } = start
  const span = { name: 'start connector', attributes: { 'tailrace.connector': name } }
  return traced(tracer, span, () => startups.connector.counted(() => makeTaskConfigs(name, config, start)))
}

/**
 * What a connector makes of its configuration: one configuration for each task, with the variables of config providers
 * in place, so that each start of a task resolves them anew.
 */
async function makeTaskConfigs(
  name: string,
  config: ConnectorConfig,
  { catalogue, resolver, onSecrets }: ConnectorStart,
): Promise<readonly ConnectorConfig[]> {
  const plugin = (await catalogue.connector(config['connector.class'] ?? '').load()) as ConnectorPlugin
  const { config: resolved, secrets } = resolver.resolve(config)
  onSecrets(secrets)
  const taskConfigs = plugin.taskConfigs(resolved, tasksMax(resolved))
  refuseTooMany(name, taskConfigs.length, resolved)
  return taskConfigs.map((taskConfig) => withVariables(taskConfig, config, resolver))
}

/** What a task needs to start, from the configurations of its connector. Throws `connect.plugin-unknown`. */
export function planTask(
  id: TaskPlan['id'],
  configs: { readonly config: ConnectorConfig; readonly taskConfigs: readonly ConnectorConfig[] },
  { catalogue, worker }: Omit<ConnectorTaskParts, 'resolver'>,
): TaskPlan {
  const { config, taskConfigs } = configs
  const entry = catalogue.connector(config['connector.class'] ?? '')
  return {
    id,
    type: entry.type as 'source' | 'sink',
    connectorClass: entry.className,
    connectorConfig: config,
    taskConfig: taskConfigs[id.task]!,
    taskCount: taskConfigs.length,
    worker,
  }
}

function withVariables(
  taskConfig: ConnectorConfig,
  config: ConnectorConfig,
  resolver: ConfigResolver,
): ConnectorConfig {
  const entries = Object.entries(taskConfig).map(([name, value]) => [
    name,
    resolver.hasVariables(config[name]) ? config[name]! : value,
  ])
  return Object.fromEntries(entries) as ConnectorConfig
}

/** As many tasks as a connector may have. */
export function tasksMax(config: ConnectorConfig): number {
  return Number(config['tasks.max'] ?? 1)
}

function refuseTooMany(name: string, count: number, config: ConnectorConfig): void {
  const isEnforced = config['tasks.max.enforce']?.trim().toLowerCase() !== 'false'
  if (!isEnforced || count <= tasksMax(config)) return
  throw new ConfigError(
    'connect.too-many-tasks',
    `The connector ${name} has generated ${count} tasks, which is greater than ${tasksMax(config)}, the maximum number of tasks it is configured to create. Raise tasks.max.`,
  )
}
