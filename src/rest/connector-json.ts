import type { JsonObject } from '../api/record.ts'
import type { ConnectorInfo, ConnectorStatus, TaskStatus } from '../connect/herder.ts'

/** A connector as the REST API shows it. */
export function connectorInfo({ name, config, tasks, type }: ConnectorInfo): JsonObject {
  return {
    name,
    config: { ...config },
    tasks: tasks.map(({ connector, task }) => ({ connector, task })),
    type,
  }
}

/** States of a connector and its tasks; `trace`, `version` and `restarts` only where there are some. */
export function connectorStatus({ name, connector, tasks, type }: ConnectorStatus): JsonObject {
  return { name, connector: state(connector), tasks: tasks.map(taskStatus), type }
}

export function taskStatus(task: TaskStatus): JsonObject {
  const { restarts } = task
  if (restarts === undefined) return { id: task.id, ...state(task) }
  const { count, reason, lastFailureAt } = restarts
  return { id: task.id, ...state(task), restarts: { count, reason, last_failure_at: lastFailureAt } }
}

function state(of: ConnectorStatus['connector'] | TaskStatus): JsonObject {
  return {
    state: of.state,
    worker_id: of.workerId,
    ...(of.trace ? { trace: of.trace } : {}),
    ...(of.version ? { version: of.version } : {}),
  }
}
