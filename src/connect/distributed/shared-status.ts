import type { ConnectorStatus, TaskState, TaskStatus } from '../herder.ts'
import type { ConfiguredConnector } from './configured-connectors.ts'
import type { SharedStatus } from './status-records.ts'
import type { StatusStore } from './status-store.ts'

/** What nobody has taken yet is not assigned, and to nobody. */
const UNASSIGNED = {
  state: 'UNASSIGNED',
  trace: null,
  workerId: '',
  generation: -1,
  version: null,
} as const satisfies SharedStatus

/** A connector's states as the workers of the group have told them. */
export function sharedStatus(
  { name, taskConfigs }: ConfiguredConnector,
  statuses: StatusStore,
  type: ConnectorStatus['type'],
): ConnectorStatus {
  return {
    name,
    connector: shown(statuses.connector(name) ?? UNASSIGNED),
    tasks: taskConfigs.map((_, task): TaskStatus => {
      const status: SharedStatus<TaskState> = statuses.task({ connector: name, task }) ?? UNASSIGNED
      return { id: task, ...shown(status), ...status.details }
    }),
    type,
  }
}

/** The same as it is about to be: RESTARTING where something was asked to. */
export function restartedStatus(
  status: ConnectorStatus,
  { includeTasks, onlyFailed }: { readonly includeTasks: boolean; readonly onlyFailed: boolean },
): ConnectorStatus {
  const restarted = <T extends ConnectorStatus['connector'] | TaskStatus>(one: T): T => {
    if (onlyFailed && one.state !== 'FAILED') return one
    const { trace: _trace, ...rest } = one
    return { ...rest, state: 'RESTARTING' } as T
  }
  return {
    ...status,
    connector: restarted(status.connector),
    tasks: includeTasks ? status.tasks.map(restarted) : status.tasks,
  }
}

function shown<State extends string>({ state, trace, workerId, version }: SharedStatus<State>) {
  return {
    state,
    workerId,
    ...(trace === null ? {} : { trace }),
    ...(version === null ? {} : { version }),
  }
}
