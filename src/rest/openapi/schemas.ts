import type { JsonObject } from '../../api/record.ts'

const text = { type: 'string' } as const
const integer = { type: 'integer', format: 'int64' } as const
const anything = {} as const
/** What a configuration may hold; everything but null is kept as text. */
const scalar = { type: ['string', 'number', 'boolean', 'null'] } as const

/** Fields that are always there; those whose name ends in `?` may be missing. */
function object(fields: Readonly<Record<string, JsonObject>>): JsonObject {
  const names = Object.keys(fields)
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name.replace('?', ''), fields[name]!])),
    required: names.filter((name) => !name.endsWith('?')),
  }
}

/** An object that may have no other fields. */
function closed(fields: Readonly<Record<string, JsonObject>>): JsonObject {
  return { ...object(fields), additionalProperties: false }
}

function arrayOf(items: JsonObject): JsonObject {
  return { type: 'array', items }
}

function mapOf(additionalProperties: JsonObject): JsonObject {
  return { type: 'object', additionalProperties }
}

function orNull(schema: JsonObject): JsonObject {
  return { anyOf: [schema, { type: 'null' }] }
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` }
}

const taskId = object({ connector: text, task: integer })
const state = { state: text, worker_id: text, 'version?': text, 'trace?': text }
const level = object({ level: orNull(text), last_modified: orNull(integer) })
const option = object({
  name: text,
  type: text,
  required: { type: 'boolean' },
  default_value: orNull(text),
  importance: text,
  documentation: text,
  group: orNull(text),
  width: text,
  display_name: text,
  dependents: arrayOf(text),
  order_in_group: integer,
})
const value = object({
  name: text,
  value: orNull(text),
  recommended_values: arrayOf(text),
  errors: arrayOf(text),
  visible: { type: 'boolean' },
})

/** JSON Schemas (2020-12) of bodies and answers. */
export const schemas = {
  ServerInfo: object({ version: text, commit: text, kafka_cluster_id: text }),
  Health: object({ status: text, message: text, 'connector_problems?': integer }),
  ConnectorHealth: object({
    status: text,
    message: text,
    problems: arrayOf(object({ connector: text, task: orNull(integer), reason: text })),
  }),
  Anything: anything,
  /** One of a stream of them. */
  Event: object({ event: text, data: text }),
  Page: text,
  Verification: object({
    state: text,
    'progress?': object({ phase: text, done: integer, of: integer }),
    'message?': text,
    'seconds?': { type: 'number' },
    'result?': object({
      tables: arrayOf(text),
      indices: arrayOf(text),
      rows: integer,
      documents: integer,
      missing: integer,
      stale: integer,
      extra: integer,
      repaired: integer,
      unsettled: integer,
      complete: { type: 'boolean' },
      differences: arrayOf(object({ kind: text, index: text, id: text, repaired: { type: 'boolean' } })),
    }),
  }),
  BackupRequest: object({ directory: text }),
  Backup: object({
    state: text,
    directory: text,
    'progress?': object({ phase: text, done: integer, of: integer }),
    'message?': text,
    'seconds?': { type: 'number' },
    'result?': object({ bytes: integer, segments: integer, damaged: arrayOf(text) }),
  }),
  Reindexing: object({
    state: text,
    'progress?': object({ phase: text, done: integer, of: integer }),
    'message?': text,
    'seconds?': { type: 'number' },
    'indices?': arrayOf(
      object({
        name: text,
        index: text,
        documents: integer,
        old: orNull(object({ index: text, documents: integer, deleted: { type: 'boolean' } })),
      }),
    ),
  }),
  Message: object({ message: text }),
  Names: arrayOf(text),
  Config: mapOf(scalar),
  ConnectorConfig: connectorConfigSchema([]),
  NewConnector: closed({
    name: text,
    config: reference('Config'),
    'initial_state?': { anyOf: [{ enum: ['RUNNING', 'PAUSED', 'STOPPED'] }, { type: 'null' }] },
  }),
  Connector: object({ name: text, config: reference('Config'), tasks: arrayOf(taskId), type: text }),
  Connectors: { anyOf: [arrayOf(text), mapOf(anything)] },
  ConnectorStatus: object({
    name: text,
    connector: object(state),
    tasks: arrayOf(reference('TaskStatus')),
    type: text,
  }),
  TaskStatus: object({
    id: integer,
    ...state,
    'restarts?': object({ count: integer, reason: text, last_failure_at: integer }),
  }),
  Tasks: arrayOf(object({ id: taskId, config: reference('Config') })),
  Offsets: closed({
    offsets: arrayOf(closed({ partition: orNull(mapOf(anything)), offset: orNull(mapOf(anything)) })),
  }),
  ActiveTopics: mapOf(object({ topics: arrayOf(text) })),
  Plugins: arrayOf(object({ class: text, type: text, version: text })),
  Options: arrayOf(option),
  Validation: object({
    name: text,
    error_count: integer,
    groups: arrayOf(text),
    configs: arrayOf(object({ definition: orNull(option), value })),
  }),
  Topic: object({
    name: text,
    partitions: arrayOf(object({ partition: integer, start_offset: integer, end_offset: integer })),
  }),
  Records: object({ records: arrayOf(mapOf(anything)), next_offset: integer }),
  NewTopic: closed({ 'partitions?': { ...integer, minimum: 1, maximum: 10_000 } }),
  NewRecords: closed({ records: arrayOf(mapOf(anything)) }),
  OffsetAt: object({ offset: integer }),
  Matches: object({
    records: arrayOf(mapOf(anything)),
    next_offset: integer,
    at_end: { type: 'boolean' },
  }),
  DeadLetterTopics: arrayOf(
    object({
      topic: text,
      connectors: arrayOf(text),
      exists: { type: 'boolean' },
      open: integer,
      all: integer,
    }),
  ),
  DeadLetters: object({ records: arrayOf(mapOf(anything)), before: orNull(integer) }),
  DeadLetterPlaces: closed({
    'partition?': { ...integer, minimum: 0 },
    offsets: { ...arrayOf({ ...integer, minimum: 0 }), maxItems: 500 },
  }),
  RetryOutcomes: object({
    outcomes: arrayOf({
      enum: ['retried', 'marked', 'superseded', 'unchecked', 'homeless', 'topic-missing'],
    }),
  }),
  NewConnectors: closed({
    connectors: { ...arrayOf(closed({ 'name?': text, config: mapOf(scalar) })), minItems: 1, maxItems: 10 },
  }),
  Preflight: object({
    connectors: arrayOf(
      object({
        name: text,
        findings: arrayOf(
          object({
            check: text,
            level: { enum: ['OK', 'WARN', 'FAIL'] },
            message: text,
            'remedy?': object({
              apply: text,
              where: { enum: ['sql', 'request', 'connector', 'shell', 'by hand'] },
              then_restart: { type: 'boolean' },
            }),
          }),
        ),
      }),
    ),
  }),
  Tables: object({
    tables: arrayOf(
      object({
        schema: text,
        table: text,
        estimated_rows: integer,
        bytes: integer,
        has_primary_key: { type: 'boolean' },
      }),
    ),
  }),
  Indices: object({ indices: arrayOf(object({ topic: text, index: text })) }),
  Documents: object({
    total: integer,
    documents: arrayOf(object({ id: text, index: text, source: anything })),
  }),
  Loggers: mapOf(level),
  LoggerLevel: level,
  NewLevel: object({ level: text }),
  Error: object({ error_code: integer, message: text }),
} as const satisfies Readonly<Record<string, JsonObject>>

export type SchemaName = keyof typeof schemas

/** A configuration of one of these connectors, as `validate` wants it. */
export function connectorConfigSchema(classNames: readonly string[]): JsonObject {
  return {
    type: 'object',
    properties: { 'connector.class': { enum: classNames } },
    required: ['connector.class'],
    additionalProperties: scalar,
  }
}
