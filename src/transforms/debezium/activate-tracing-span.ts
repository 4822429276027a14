import { ConfigDef, type OptionDefinitions } from '../../api/config-def.ts'
import { javaText } from '../../api/java/java-text.ts'
import { parseProperties } from '../../api/java/java-properties.ts'
import type { Transformation, TransformationContext, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord, Header } from '../../api/record.ts'
import { fieldIndex, primitiveSchema } from '../../api/schema.ts'
import { isStruct, type Struct } from '../../api/struct.ts'
import type { RecordTemplate } from '../../api/template.ts'
import type { SpanContext } from '../../api/tracing.ts'
import type { ConnectValue } from '../../api/value.ts'
import { fieldValue } from '../null-as-default.ts'
import { isEnvelope } from '../../api/envelope-schema.ts'

const STRING = primitiveSchema('string')
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/
/** Attributes of source fields that have another name than the field. */
const ATTRIBUTES: Readonly<Record<string, string>> = { db: 'instance', connector: 'type', name: 'cdc-name' }

const options = {
  'tracing.span.context.field': {
    type: 'STRING',
    default: 'tracingspancontext',
    importance: 'HIGH',
    width: 'MEDIUM',
    displayName: 'Serialized tracing span context field',
    documentation:
      'The column in which an application leaves its place in a trace, as lines name=value: traceparent, tracestate.',
  },
  'tracing.operation.name': {
    type: 'STRING',
    default: 'debezium-read',
    importance: 'HIGH',
    width: 'MEDIUM',
    displayName: 'Tracing operation name',
    documentation: 'The name of the span for the change being read.',
  },
  'tracing.with.context.field.only': {
    type: 'BOOLEAN',
    default: false,
    importance: 'HIGH',
    width: 'MEDIUM',
    displayName: 'Trace only events with context field present',
    documentation: 'Whether changes without such a place in a trace have no spans.',
  },
} as const satisfies OptionDefinitions

const configDef = new ConfigDef(options)

type Tracing = NonNullable<TransformationContext['tracing']>

/** What a row says of the trace that it was written in. */
interface Propagated {
  readonly parent: SpanContext | null
  /** Whether the trace is one that is kept. */
  readonly isSampled: boolean
  readonly fields: Readonly<Record<string, string>>
}

/** Debezium's spans of changes, and the headers by which those who read them go on in the trace. */
class ActivateTracingSpan implements Transformation {
  readonly #field: string
  readonly #operation: string
  readonly #isFieldRequired: boolean
  readonly #tracing: Tracing | null

  constructor(
    config: { readonly field: string; readonly operation: string; readonly isFieldRequired: boolean },
    tracing: Tracing | null,
  ) {
    this.#field = config.field
    this.#operation = config.operation
    this.#isFieldRequired = config.isFieldRequired
    this.#tracing = tracing
  }

  apply<R extends ConnectRecord>(record: R): R {
    if (!isEnvelope(record.valueSchema) || !isStruct(record.value)) return record
    const envelope = record.value
    const after = fieldOf(envelope, 'after')
    const text = isStruct(after) ? fieldOf(after, this.#field) : null
    if (typeof text !== 'string' && (this.#isFieldRequired || this.#tracing === null)) return record
    const propagated = typeof text === 'string' ? propagatedBy(text) : NOTHING
    const place = this.#trace(envelope, propagated)
    return { ...record, headers: withHeaders(record.headers, place, propagated) }
  }

  /** Without traces, and without the column, all stays as it is. */
  compile(template: RecordTemplate): RecordTemplate | null {
    const { value } = template
    if (value === null || !isEnvelope(value.schema)) return template
    const after = value.schema.fields![fieldIndex(value.schema, 'after')]?.schema
    const hasField = after?.fields?.some(({ name }) => name === this.#field) === true
    return !hasField && (this.#tracing === null || this.#isFieldRequired) ? template : null
  }

  /** Tells of the change. Null: nobody looks at traces, or at those of this one. */
  #trace(envelope: Struct, { parent, isSampled }: Propagated): SpanContext | null {
    const tracing = this.#tracing
    const place = tracing === null || !isSampled ? null : tracing.begin(parent)
    if (tracing === null || place === null) return null
    const source = fieldOf(envelope, 'source')
    const readMs = milliseconds(fieldOf(envelope, 'ts_ms'))
    const endMs = tracing.nowMs()
    tracing.report({
      name: this.#operation,
      parent: place,
      startMs: Math.min(readMs ?? endMs, endMs),
      endMs,
      attributes: textAttributes(envelope, ['op', 'ts_ms'], (name) => name),
    })
    const writtenMs = isStruct(source) ? milliseconds(fieldOf(source, 'ts_ms')) : null
    tracing.end(place, {
      name: 'db-log-write',
      parent,
      startMs: Math.min(writtenMs ?? endMs, endMs),
      endMs,
      attributes: isStruct(source)
        ? textAttributes(
            source,
            source.schema.fields!.map(({ name }) => name),
            (name) => `db.${ATTRIBUTES[name] ?? name}`,
          )
        : {},
    })
    return place
  }
}

const NOTHING: Propagated = { parent: null, isSampled: true, fields: {} }

function propagatedBy(text: string): Propagated {
  const fields = parseProperties(text)
  const [, traceId, spanId, flags] = TRACEPARENT.exec(fields['traceparent'] ?? '') ?? []
  if (traceId === undefined || spanId === undefined) return { ...NOTHING, fields }
  return { parent: { traceId, spanId }, isSampled: (Number.parseInt(flags!, 16) & 1) === 1, fields }
}

/** Where nobody traces here, the application's own place is passed on. */
function withHeaders(
  headers: readonly Header[],
  place: SpanContext | null,
  { parent, fields }: Propagated,
): readonly Header[] {
  const traceparent =
    place !== null
      ? `00-${place.traceId}-${place.spanId}-01`
      : parent !== null
        ? fields['traceparent']
        : undefined
  const added = {
    traceparent,
    tracestate: parent === null ? undefined : fields['tracestate'],
  }
  const entries = Object.entries(added).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  )
  const kept = headers.filter(({ name }) => !entries.some(([added]) => added === name))
  return [...kept, ...entries.map(([name, value]) => ({ name, schema: STRING, value }))]
}

function textAttributes(
  struct: Struct,
  names: readonly string[],
  nameOf: (name: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = fieldOf(struct, name)
      return value === null ? [] : [[nameOf(name), javaText(null, value)]]
    }),
  )
}

function milliseconds(value: ConnectValue): number | null {
  return typeof value === 'bigint' ? Number(value) : null
}

function fieldOf(struct: Struct, name: string): ConnectValue {
  const index = fieldIndex(struct.schema, name)
  return index < 0 ? null : fieldValue(struct, index, true)
}

export const activateTracingSpan: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.tracing.ActivateTracingSpan',
  version: '3.7.0.Final',
  configDef,
  create(config, context) {
    const parsed = configDef.parse(config)
    return new ActivateTracingSpan(
      {
        field: parsed['tracing.span.context.field'],
        operation: parsed['tracing.operation.name'],
        isFieldRequired: parsed['tracing.with.context.field.only'],
      },
      context?.tracing ?? null,
    )
  },
}
