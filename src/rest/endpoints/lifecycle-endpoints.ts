import { NotFoundError } from '../../api/errors.ts'
import type { Herder, TargetState, TaskStatus } from '../../connect/herder.ts'
import { connectorStatus, taskStatus } from '../connector-json.ts'
import { ok, type Endpoint } from '../endpoint.ts'

/** What connectors and tasks do: their states, and what changes them. */
export function lifecycleEndpoints(herder: Herder): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/connectors/:connector/status',
      handle: (request) => ok(connectorStatus(herder.connectorStatus(request.param('connector')))),
    },
    targetState(herder, 'pause', { state: 'PAUSED', status: 202 }),
    targetState(herder, 'resume', { state: 'STARTED', status: 202 }),
    targetState(herder, 'stop', { state: 'STOPPED', status: 204 }),
    {
      method: 'POST',
      path: '/connectors/:connector/restart',
      async handle(request) {
        const includeTasks = isTrue(request.query.get('includeTasks'))
        const onlyFailed = isTrue(request.query.get('onlyFailed'))
        const status = await herder.restartConnector(request.param('connector'), { includeTasks, onlyFailed })
        return includeTasks || onlyFailed ? { status: 202, body: connectorStatus(status) } : { status: 204 }
      },
    },
    {
      method: 'GET',
      path: '/connectors/:connector/tasks',
      handle: (request) =>
        ok(
          herder.taskConfigs(request.param('connector')).map(({ id, config }) => ({
            id: { connector: id.connector, task: id.task },
            config: { ...config },
          })),
        ),
    },
    {
      method: 'GET',
      path: '/connectors/:connector/tasks/#task/status',
      handle: (request) =>
        ok(taskStatus(findTask(herder, request.param('connector'), Number(request.param('task'))))),
    },
    {
      method: 'POST',
      path: '/connectors/:connector/tasks/#task/restart',
      async handle(request) {
        await herder.restartTask({
          connector: request.param('connector'),
          task: Number(request.param('task')),
        })
        return { status: 204 }
      },
    },
  ]
}

function targetState(
  herder: Herder,
  action: string,
  target: { readonly state: TargetState; readonly status: number },
): Endpoint {
  return {
    method: 'PUT',
    path: `/connectors/:connector/${action}`,
    async handle(request) {
      await herder.setTargetState(request.param('connector'), target.state)
      return { status: target.status }
    },
  }
}

function findTask(herder: Herder, connector: string, id: number): TaskStatus {
  // An unknown connector and an unknown task are answered alike.
  const tasks = herder.connectors().includes(connector) ? herder.connectorStatus(connector).tasks : []
  const task = tasks.find((candidate) => candidate.id === id)
  if (task === undefined) {
    throw new NotFoundError('rest.task-unknown', `No status found for task ${connector}-${id}`)
  }
  return task
}

function isTrue(text: string | null): boolean {
  return text?.toLowerCase() === 'true'
}
