import { DataError } from '../../api/errors.ts'
import type { JsonObject } from '../../api/record.ts'
import type { SharedEntry } from '../../log/shared-topic.ts'
import type { ConnectorState, TaskDetails, TaskId, TaskState } from '../herder.ts'
import { parseJson, stringifyJson } from '../../api/json/json-text.ts'
import { detailsField, detailsOf } from './status-details.ts'

/** What a worker says of a connector or task that it runs, or ran. */
export interface SharedStatus<State extends string = ConnectorState> {
  readonly state: State
  readonly trace: string | null
  readonly workerId: string
  /** The round of the group in which the worker said so. */
  readonly generation: number
  /** The plugin's; null: not known. */
  readonly version: string | null
  /** Of a task, where there is something to tell; a worker of Kafka Connect tells nothing. */
  readonly details?: TaskDetails
}

/** Which task of a connector used a topic first, and when. */
export interface TopicUse {
  readonly task: number
  readonly discoveredMs: number
  /** Of a topic that is written to; null: it is read, or a worker of Kafka Connect has said so. */
  readonly topicId: string | null
}

/** A record of the status topic. Null as status, false as `isActive`: a tombstone. */
export type StatusRecord =
  | { readonly kind: 'connector'; readonly connector: string; readonly status: SharedStatus | null }
  | { readonly kind: 'task'; readonly id: TaskId; readonly status: SharedStatus<TaskState> | null }
  | {
      readonly kind: 'topic'
      readonly topic: string
      readonly connector: string
      /** Null: it is to be forgotten. */
      readonly use: TopicUse | null
    }

const TASK_STATES: readonly string[] = [
  'UNASSIGNED',
  'RUNNING',
  'PAUSED',
  'FAILED',
  'RESTARTING',
] satisfies TaskState[]
const CONNECTOR_STATES: readonly string[] = [...TASK_STATES, 'STOPPED']

/** Reads a record as Kafka Connect's workers write it. Throws `DataError` that says what is wrong with it. */
export function parseStatusRecord(key: string | null, text: string | null): StatusRecord {
  const [, kind, name] = /^status-(connector|task|topic)-(.+)$/s.exec(key ?? '') ?? []
  switch (kind) {
    case 'connector':
      return { kind, connector: name!, status: text === null ? null : statusOf(text, CONNECTOR_STATES) }
    case 'task': {
      const [, connector, task] = /^(.+)-(\d{1,9})$/s.exec(name!) ?? []
      if (connector === undefined) throw invalid('its key names no task')
      const id = { connector, task: Number(task) }
      return { kind, id, status: text === null ? null : statusOf<TaskState>(text, TASK_STATES) }
    }
    case 'topic': {
      const [, topic, connector] = /^([^:]+):connector-(.+)$/s.exec(name!) ?? []
      if (topic === undefined) throw invalid('its key names no topic and connector')
      return { kind, topic, connector: connector!, use: text === null ? null : useOf(text) }
    }
    case undefined:
    default:
      throw invalid('nobody here knows a record of that key')
  }
}

/** The entry that writes a record, byte for byte as Kafka Connect does. */
export function statusEntry(record: StatusRecord): SharedEntry {
  switch (record.kind) {
    case 'connector':
      return { key: `status-connector-${record.connector}`, value: statusText(record.status) }
    case 'task':
      return {
        key: `status-task-${record.id.connector}-${record.id.task}`,
        value: statusText(record.status),
      }
    case 'topic': {
      const { topic, connector, use } = record
      const key = `status-topic-${topic}:connector-${connector}`
      if (use === null) return { key, value: null }
      const { task, discoveredMs, topicId } = use
      const value = {
        topic: { name: topic, connector, task, discoverTimestamp: discoveredMs },
        ...(topicId !== null && { tailrace: { topic_id: topicId } }),
      }
      return { key, value: stringifyJson(value) }
    }
  }
}

function statusText(status: SharedStatus | null): string | null {
  if (status === null) return null
  const { state, trace, workerId, generation, version, details = {} } = status
  return stringifyJson({ state, trace, worker_id: workerId, generation, version, ...detailsField(details) })
}

function statusOf<State extends string = ConnectorState>(
  text: string,
  states: readonly string[],
): SharedStatus<State> {
  const { state, trace, worker_id: workerId, generation, version, tailrace } = objectOf(text)
  if (typeof state !== 'string' || !states.includes(state)) throw invalid('it has an unknown state')
  if (typeof workerId !== 'string') throw invalid('its field "worker_id" is no text')
  if (typeof generation !== 'number') throw invalid('its field "generation" is no number')
  return {
    state: state as State,
    trace: typeof trace === 'string' ? trace : null,
    workerId,
    generation,
    version: typeof version === 'string' ? version : null,
    ...(tailrace === undefined ? {} : { details: detailsOf(tailrace) }),
  }
}

function useOf(text: string): TopicUse {
  const { topic, tailrace } = objectOf(text)
  const { task, discoverTimestamp } = (topic ?? {}) as JsonObject
  if (typeof task !== 'number' || typeof discoverTimestamp !== 'number') {
    throw invalid('it does not say which task used the topic, and when')
  }
  const { topic_id: topicId } = (tailrace ?? {}) as JsonObject
  return { task, discoveredMs: discoverTimestamp, topicId: typeof topicId === 'string' ? topicId : null }
}

function objectOf(text: string): JsonObject {
  try {
    const value = parseJson(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  } catch {
    // Told below.
  }
  throw invalid('its value is no JSON object')
}

function invalid(problem: string): DataError {
  return new DataError('connect.shared-record-invalid', `The record cannot be read: ${problem}`)
}

/** Whether some worker runs, or is about to run, what has this state. */
export function isActive(state: TaskState | undefined): boolean {
  return state === 'RUNNING' || state === 'PAUSED' || state === 'RESTARTING'
}
