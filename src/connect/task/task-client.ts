import type { ConnectorConfig } from '../../api/config-def.ts'
import type { TaskLogger } from '../../api/source-task.ts'
import type { Log } from '../../log/log.ts'
import type { TaskClient, TaskLog } from '../../log/task-log.ts'
import { withoutPrefix } from '../../api/without-prefix.ts'
import type { TaskMeter } from './task-meter.ts'
import type { TaskSpec } from './task-messages.ts'
import type { WorkerConfig } from '../config/worker-config.ts'

/** Opens the log for a task as its connector's `producer.override.*` and so on want it. */
export async function openTaskLog(
  log: Log,
  { id, type, connectorConfig, worker }: TaskSpec,
  { logger, meter }: { readonly logger: TaskLogger; readonly meter: TaskMeter },
): Promise<TaskLog> {
  const ownTopic = type === 'source' ? offsetsTopic(connectorConfig) : null
  const opened = await log.openTaskLog({
    type,
    connector: id.connector,
    task: id.task,
    overrides: clientOverrides(connectorConfig),
    isExactlyOnce:
      type === 'source' && worker.options['exactly.once.source.support'].toLowerCase() === 'enabled',
    ...(ownTopic === null ? {} : { offsetsTopic: ownTopic }),
    ...(type === 'source' && toleratesAll(connectorConfig)
      ? { onRecordRefused: passOver(logger, meter) }
      : {}),
  })
  if (opened.ignored.length > 0) {
    logger.warn({ properties: opened.ignored }, 'These client overrides mean nothing here and are ignored')
  }
  return opened
}

/**
 * Opens the log as the tasks of a sink read it: with `isolation.level=read_committed` without what transactions took back.
 * @param config with its secrets
 */
export function openSinkLog(log: Log, connector: string, config: ConnectorConfig): Promise<TaskLog> {
  const overrides = clientOverrides(config)
  return log.openTaskLog({ type: 'sink', connector, task: 0, overrides, isExactlyOnce: false })
}

/**
 * Works on the log that has the topics and the group of a sink: the worker's own, with the worker's rights, unless the sink
 * reads from another cluster. @param config with its secrets
 */
export async function onSinkLog<T>(
  log: Log,
  connector: string,
  config: ConnectorConfig,
  work: (log: Log) => Promise<T>,
): Promise<T> {
  if (!config['consumer.override.bootstrap.servers']?.trim()) return work(log)
  const own = await openSinkLog(log, connector, config)
  try {
    return await work(own.log)
  } finally {
    await own.close()
  }
}

/** How long a transaction gathers records; 0: it ends as soon as it can, as everything does that is no transaction. */
export function transactionIntervalMs(config: ConnectorConfig, worker: WorkerConfig): number {
  if (config['transaction.boundary']?.trim().toLowerCase() !== 'interval' || !isExactlyOnce(worker)) return 0
  return Number(config['transaction.boundary.interval.ms'] ?? worker.options['offset.flush.interval.ms'])
}

function isExactlyOnce({ options }: WorkerConfig): boolean {
  return options['exactly.once.source.support'].toLowerCase() === 'enabled'
}

/** A connector's `producer.override.*`, `consumer.override.*` and `admin.override.*`, but for the group: `sinkGroup` has it. */
export function clientOverrides(config: ConnectorConfig): TaskClient['overrides'] {
  const of = (kind: string) =>
    Object.fromEntries(
      Object.entries(withoutPrefix(config, `${kind}.override.`)).flatMap(([name, value]) =>
        value === null ? [] : [[name, value]],
      ),
    )
  const { 'group.id': _, ...consumer } = of('consumer')
  return { producer: of('producer'), consumer, admin: of('admin') }
}

/** The topic in which a source connector wants its offsets, or null. */
export function offsetsTopic(config: ConnectorConfig): string | null {
  return config['offsets.storage.topic']?.trim() || null
}

function toleratesAll(config: ConnectorConfig): boolean {
  return config['errors.tolerance']?.trim().toLowerCase() === 'all'
}

/** What a producer refuses for good counts as a record that failed, as in the reference. */
function passOver(logger: TaskLogger, meter: TaskMeter): NonNullable<TaskClient['onRecordRefused']> {
  return (error) => {
    meter.add('total-record-failures')
    meter.add('total-records-skipped')
    logger.error({ reason: error.message }, 'A record was refused by its topic and is passed over')
  }
}
