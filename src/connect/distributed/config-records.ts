import type { ConnectorConfig } from '../../api/config-def.ts'
import { DataError } from '../../api/errors.ts'
import type { JsonObject, JsonValue } from '../../api/record.ts'
import type { SharedEntry } from '../../log/shared-topic.ts'
import type { TargetState, TaskId } from '../herder.ts'
import { parseJson, stringifyJson } from '../../api/json/json-text.ts'

/** The secret that workers of a group sign requests to each other with. */
export interface SessionKey {
  readonly key: Buffer
  /** As Java names it: `HmacSHA256`. */
  readonly algorithm: string
  readonly createdMs: number
}

/** Where a restart of a connector was asked for that concerns several workers. */
export interface RestartRequest {
  readonly connector: string
  readonly includeTasks: boolean
  readonly onlyFailed: boolean
}

/** A record of the config topic. Null as config or target: a tombstone. */
export type ConfigRecord =
  | { readonly kind: 'connector'; readonly connector: string; readonly config: ConnectorConfig | null }
  | { readonly kind: 'task'; readonly id: TaskId; readonly config: ConnectorConfig }
  | { readonly kind: 'commit'; readonly connector: string; readonly taskCount: number }
  | { readonly kind: 'target'; readonly connector: string; readonly target: TargetState | null }
  | { readonly kind: 'fencing'; readonly connector: string; readonly taskCount: number }
  | { readonly kind: 'session-key'; readonly sessionKey: SessionKey }
  | { readonly kind: 'restart'; readonly request: RestartRequest }
  | { readonly kind: 'logger'; readonly namespace: string; readonly level: string }

const SESSION_KEY = 'session-key'
const TARGETS: readonly string[] = ['STARTED', 'PAUSED', 'STOPPED'] satisfies TargetState[]

/** Reads a record as Kafka Connect's workers write it. Throws `DataError` that says what is wrong with it. */
export function parseConfigRecord(key: string | null, text: string | null): ConfigRecord {
  if (key === null) throw invalid('it has no key')
  const named = (prefix: string): string | null =>
    key.startsWith(prefix) && key.length > prefix.length ? key.slice(prefix.length) : null
  let name: string | null
  if ((name = named('target-state-')) !== null) {
    return { kind: 'target', connector: name, target: text === null ? null : targetOf(objectOf(text)) }
  }
  if ((name = named('connector-')) !== null) {
    return { kind: 'connector', connector: name, config: text === null ? null : propertiesOf(objectOf(text)) }
  }
  if ((name = named('task-')) !== null) {
    const [, connector, task] = /^(.+)-(\d{1,9})$/s.exec(name) ?? []
    if (connector === undefined) throw invalid('its key names no task')
    return { kind: 'task', id: { connector, task: Number(task) }, config: propertiesOf(objectOf(text)) }
  }
  if ((name = named('commit-')) !== null) {
    return { kind: 'commit', connector: name, taskCount: countOf(objectOf(text), 'tasks') }
  }
  if ((name = named('tasks-fencing-')) !== null) {
    return { kind: 'fencing', connector: name, taskCount: countOf(objectOf(text), 'task-count') }
  }
  if ((name = named('restart-connector-')) !== null) {
    const { 'include-tasks': includeTasks, 'only-failed': onlyFailed } = objectOf(text)
    const request = { connector: name, includeTasks: includeTasks === true, onlyFailed: onlyFailed === true }
    return { kind: 'restart', request }
  }
  if ((name = named('logger-cluster-')) !== null) {
    return { kind: 'logger', namespace: name, level: textOf(objectOf(text), 'level') }
  }
  if (key === SESSION_KEY) return { kind: 'session-key', sessionKey: sessionKeyOf(objectOf(text)) }
  throw invalid('nobody here knows a record of that key')
}

/** The entry that writes a record, byte for byte as Kafka Connect does. */
export function configEntry(record: ConfigRecord): SharedEntry {
  const entry = (key: string, value: JsonObject | null): SharedEntry => ({
    key,
    value: value === null ? null : stringifyJson(value),
  })
  switch (record.kind) {
    case 'connector':
      return entry(`connector-${record.connector}`, record.config && { properties: { ...record.config } })
    case 'task':
      return entry(`task-${record.id.connector}-${record.id.task}`, { properties: { ...record.config } })
    case 'commit':
      return entry(`commit-${record.connector}`, { tasks: record.taskCount })
    case 'target': {
      const { target } = record
      // Workers that are too old for STOPPED read the first of the two.
      const old = target === 'STOPPED' ? 'PAUSED' : target
      return entry(`target-state-${record.connector}`, target && { state: old, 'state.v2': target })
    }
    case 'fencing':
      return entry(`tasks-fencing-${record.connector}`, { 'task-count': record.taskCount })
    case 'session-key': {
      const { key, algorithm, createdMs } = record.sessionKey
      return entry(SESSION_KEY, {
        key: key.toString('base64'),
        algorithm,
        'creation-timestamp': createdMs,
      })
    }
    case 'restart': {
      const { connector, includeTasks, onlyFailed } = record.request
      return entry(`restart-connector-${connector}`, {
        'include-tasks': includeTasks,
        'only-failed': onlyFailed,
      })
    }
    case 'logger':
      return entry(`logger-cluster-${record.namespace}`, { level: record.level })
  }
}

function targetOf(value: JsonObject): TargetState {
  const given = typeof value['state.v2'] === 'string' ? value['state.v2'] : textOf(value, 'state')
  if (!TARGETS.includes(given)) throw invalid(`it has an unknown state ${given}`)
  return given as TargetState
}

function propertiesOf(value: JsonObject): ConnectorConfig {
  const { properties } = value
  if (!isObject(properties)) throw invalid('its field "properties" is no object')
  const config = Object.entries(properties).map(([name, entry]) => {
    if (entry === null || typeof entry === 'string') return [name, entry]
    if (typeof entry === 'object') throw invalid(`its property ${name} is no text`)
    return [name, String(entry)]
  })
  return Object.fromEntries(config) as ConnectorConfig
}

function sessionKeyOf(value: JsonObject): SessionKey {
  const key = Buffer.from(textOf(value, 'key'), 'base64')
  const created = value['creation-timestamp']
  if (typeof created !== 'number') throw invalid('its field "creation-timestamp" is no number')
  return { key, algorithm: textOf(value, 'algorithm'), createdMs: created }
}

function countOf(value: JsonObject, field: string): number {
  const count = value[field]
  if (typeof count === 'number' && Number.isInteger(count) && count >= 0) return count
  throw invalid(`its field "${field}" is no count`)
}

function textOf(value: JsonObject, field: string): string {
  const text = value[field]
  if (typeof text === 'string') return text
  throw invalid(`its field "${field}" is no text`)
}

/** The value of a record as an object. What it holds may be a password, so no message quotes it. */
function objectOf(text: string | null): JsonObject {
  if (text === null) throw invalid('it has no value')
  let value: JsonValue
  try {
    value = parseJson(text)
  } catch {
    throw invalid('its value is no JSON')
  }
  if (!isObject(value)) throw invalid('its value is no JSON object')
  return value
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(problem: string): DataError {
  return new DataError('connect.shared-record-invalid', `The record cannot be read: ${problem}`)
}
