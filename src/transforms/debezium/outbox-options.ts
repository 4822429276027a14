import { ConfigDef, type OptionDefinitions, type OptionValidator } from '../../api/config-def.ts'
import { javaPatternProblem } from '../../api/java/java-pattern.ts'

const PLACEMENTS = ['header', 'envelope', 'partition'] as const
type Placement = (typeof PLACEMENTS)[number]

/** An entry of `table.fields.additional.placement`: which column goes where, under which name. */
export interface AdditionalField {
  readonly field: string
  readonly placement: Placement
  readonly alias: string
}

/** Null where the entry is none. */
export function parseAdditionalField(entry: string): AdditionalField | null {
  const [field = '', place, alias = field, ...more] = entry.split(':').map((part) => part.trim())
  const placement = PLACEMENTS.find((name) => name === place?.toLowerCase())
  return placement === undefined || more.length > 0 ? null : { field, placement, alias }
}

const additionalFields: OptionValidator = Object.assign(
  (value: Parameters<OptionValidator>[0]) => {
    const entries = value as readonly string[]
    return entries.every((entry) => parseAdditionalField(entry) !== null)
      ? null
      : `A comma-separated list of valid String pairs or trios is expected but got: [${entries.join(', ')}]`
  },
  { wholeMessage: true },
)

function oneOf(name: string, ...allowed: readonly string[]): OptionValidator {
  return Object.assign(
    (value: Parameters<OptionValidator>[0]) =>
      allowed.includes(String(value).trim().toLowerCase())
        ? null
        : `Invalid value ${String(value)} for configuration ${name}: Value must be one of ${allowed.join(', ')}`,
    { wholeMessage: true },
  )
}

const column = (fallback: string | null, what: string, displayName: string) =>
  ({
    type: 'STRING',
    default: fallback,
    importance: 'LOW',
    width: 'MEDIUM',
    group: 'Table',
    displayName,
    documentation: `The column that holds ${what}.`,
  }) as const

const tracing = {
  importance: 'HIGH',
  group: 'Tracing',
  width: 'MEDIUM',
  documentation:
    'Accepted, and without effect here: ActivateTracingSpan, before the router, makes the spans.',
} as const

export const outboxConfigDef = new ConfigDef({
  'table.field.event.id': column('id', 'the id, which becomes the header id', 'Id column'),
  'table.field.event.key': column('aggregateid', 'the key', 'Key column'),
  'table.field.event.type': column('type', 'the type; accepted, and without effect', 'Type column'),
  'table.field.event.payload': column('payload', 'the value', 'Payload column'),
  'table.field.event.timestamp': {
    ...column(null, 'the time; without it, when the change was read', 'Time column'),
    importance: 'MEDIUM',
  },
  'table.fields.additional.placement': {
    type: 'LIST',
    default: null,
    importance: 'HIGH',
    group: 'Table',
    width: 'MEDIUM',
    displayName: 'Further columns',
    documentation:
      'Further columns: column:header, column:envelope, column:partition, each with :alias if wished. With an envelope ' +
      'the value is a struct of the payload and those columns.',
    validator: additionalFields,
  },
  'table.field.additional.missing': {
    type: 'STRING',
    default: 'error',
    importance: 'MEDIUM',
    group: 'Table',
    width: 'MEDIUM',
    displayName: 'Further columns that are missing',
    documentation: 'What happens where a further column is not there: error, or ignore.',
    validator: oneOf('table.field.additional.missing', 'error', 'ignore'),
  },
  'table.field.event.schema.version': column(
    null,
    "the version of the value's schema",
    'Schema version column',
  ),
  'table.op.invalid.behavior': {
    type: 'STRING',
    default: 'warn',
    importance: 'MEDIUM',
    group: 'Table',
    width: 'MEDIUM',
    displayName: 'Updates',
    documentation: 'What happens to updates: warn and error drop them, fatal fails.',
    validator: oneOf('table.op.invalid.behavior', 'warn', 'error', 'fatal'),
  },
  'table.expand.json.payload': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    width: 'MEDIUM',
    group: 'Table',
    displayName: 'Take JSON apart',
    documentation:
      'Whether a payload that is JSON text becomes a struct or an array, with a schema made of it. What is no JSON object and no array stays text.',
  },
  'table.json.payload.null.behavior': {
    type: 'STRING',
    default: 'ignore',
    importance: 'MEDIUM',
    width: 'MEDIUM',
    group: 'Table',
    displayName: 'Nulls in JSON',
    documentation: 'Fields that are null in JSON: ignore leaves them out, optional_bytes keeps them.',
    validator: oneOf('table.json.payload.null.behavior', 'ignore', 'optional_bytes'),
  },
  'table.json.payload.empty.array.behavior': {
    type: 'STRING',
    default: 'ignore',
    importance: 'MEDIUM',
    width: 'MEDIUM',
    group: 'Table',
    displayName: 'Empty arrays in JSON',
    documentation:
      'Arrays that are empty in JSON: ignore leaves them out, optional_string keeps them as arrays of text.',
    validator: oneOf('table.json.payload.empty.array.behavior', 'ignore', 'optional_string'),
  },
  'route.by.field': {
    type: 'STRING',
    default: 'aggregatetype',
    importance: 'HIGH',
    group: 'Router',
    width: 'MEDIUM',
    displayName: 'Column that decides the topic',
    documentation: 'The column that decides the topic.',
  },
  'route.topic.regex': {
    type: 'STRING',
    default: '(?<routedByValue>.*)',
    importance: 'LOW',
    group: 'Router',
    width: 'MEDIUM',
    displayName: 'Pattern of that column',
    documentation: 'A regular expression in Java notation for what that column holds.',
    validator: javaPatternProblem,
  },
  'route.topic.replacement': {
    type: 'STRING',
    default: 'outbox.event.${routedByValue}',
    importance: 'HIGH',
    group: 'Router',
    width: 'MEDIUM',
    displayName: 'Topic',
    documentation: 'The topic; ${routedByValue} stands for what that column holds.',
  },
  'route.tombstone.on.empty.payload': {
    type: 'BOOLEAN',
    default: false,
    importance: 'HIGH',
    group: 'Router',
    width: 'MEDIUM',
    displayName: 'Tombstones for empty payloads',
    documentation: 'Whether an empty payload makes a tombstone.',
  },
  'tracing.span.context.field': {
    ...tracing,
    type: 'STRING',
    default: 'tracingspancontext',
    displayName: 'Column of the trace',
  },
  'tracing.operation.name': {
    ...tracing,
    type: 'STRING',
    default: 'debezium-read',
    displayName: 'Name of the span',
  },
  'tracing.with.context.field.only': {
    ...tracing,
    type: 'BOOLEAN',
    default: false,
    displayName: 'Spans with a trace only',
  },
} as const satisfies OptionDefinitions)
