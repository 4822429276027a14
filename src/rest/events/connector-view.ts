import { errorCodes } from '../../api/error-codes.ts'
import type { JsonObject } from '../../api/record.ts'
import type { HealthProblem } from '../../connect/health/health-watch.ts'
import type { ConnectorStatus, Herder, TaskStatus } from '../../connect/herder.ts'
import { reindexingJson } from '../endpoints/reindexing-endpoints.ts'
import { verificationJson } from '../endpoints/verification-endpoints.ts'
import { taskStatus } from '../connector-json.ts'

/** What the console shows of a connector while nothing is counted: its state, what is wrong with it, what it uses. */
export function connectorView(
  herder: Herder,
  name: string,
  problems: readonly HealthProblem[],
): JsonObject | null {
  let status: ConnectorStatus
  try {
    status = herder.connectorStatus(name)
  } catch {
    // Deleted since it was listed.
    return null
  }
  const { config } = herder.connectorInfo(name)
  const { connector, type, tasks } = status
  const verification = herder.verifications.ownState(name)
  const reindexing = herder.reindexings.ownState(name)
  return {
    name,
    type,
    class: config['connector.class'] ?? '',
    state: connector.state,
    worker_id: connector.workerId,
    trace: connector.trace ?? null,
    tasks: tasks.map(taskView),
    verification: verification === null ? null : verificationJson(verification),
    reindexing: reindexing === null ? null : reindexingJson(reindexing),
    problems: problems.filter((problem) => problem.connector === name).map(({ reason }) => reason),
    dead_letter_topic: config['errors.deadletterqueue.topic.name']?.trim() || null,
  }
}

/** As the status has it, and what the failure is about. */
function taskView(task: TaskStatus): JsonObject {
  const { code = null, origin = null } = task.failure ?? {}
  return {
    ...taskStatus(task),
    ...(task.waitsFor === undefined ? {} : { waits_for: task.waitsFor }),
    ...(code === null ? {} : { code, meaning: errorCodes[code] }),
    ...(origin === null
      ? {}
      : { record: { topic: origin.topic, partition: origin.partition, offset: origin.offset } }),
  }
}
