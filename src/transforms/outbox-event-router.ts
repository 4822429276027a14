import type { ParsedConfig } from '../api/config-def.ts'
import { DataError } from '../api/errors.ts'
import { JavaPattern } from '../api/java-pattern.ts'
import type { SchemaAndValue, Transformation, TransformationPlugin } from '../api/plugin.ts'
import type { ConnectRecord, Header } from '../api/record.ts'
import { fieldIndex, type Field, type Schema } from '../api/schema.ts'
import { requireField, ValueStruct, type Struct } from '../api/struct.ts'
import type { RecordTemplate } from '../api/template.ts'
import type { ConnectValue } from '../api/value.ts'
import { isEnvelope } from './envelope-schema.ts'
import { fieldValue } from './null-as-default.ts'
import { outboxConfigDef, parseAdditionalField, type AdditionalField } from './outbox-options.ts'
import { structOf } from './rebuilt-schema.ts'
import { requireStruct } from './requirements.ts'

type Options = ParsedConfig<(typeof outboxConfigDef)['options']>

const STRING: Schema = { type: 'string', optional: false }
/** How many of the unit of a column's type are a millisecond. */
const PER_MS: Readonly<Record<string, bigint>> = {
  'io.debezium.time.Timestamp': 1n,
  'io.debezium.time.MicroTimestamp': 1000n,
  'io.debezium.time.NanoTimestamp': 1_000_000n,
}

/** Debezium's outbox: a row that was inserted into the outbox table becomes the record that it describes. */
class EventRouter implements Transformation {
  readonly #options: Options
  readonly #additional: readonly AdditionalField[]
  readonly #hasEnvelope: boolean
  readonly #topicPattern: JavaPattern
  /** Kept by payload schema and version, as the reference keeps them. */
  readonly #schemas = new Map<Schema | bigint | number, Schema>()

  constructor(options: Options) {
    this.#options = options
    this.#additional = options['table.fields.additional.placement'].map((entry) =>
      parseAdditionalField(entry)!,
    )
    this.#hasEnvelope = this.#additional.some(({ placement }) => placement === 'envelope')
    this.#topicPattern = new JavaPattern(options['route.topic.regex'])
  }

  apply<R extends ConnectRecord>(record: R): R | null {
    if (record.value === null) return null
    if (!isEnvelope(record.valueSchema)) return record
    const envelope = requireStruct(record.valueSchema, record.value, 'Detect Debezium Operation')
    const op = envelope.get('op')
    if (op === 'd') return null
    if (op === 'u') return this.#refuseUpdate(record)
    const row = requireStruct(null, envelope.get('after'), 'Read Outbox Event')
    return this.#route(record, envelope, row)
  }

  /** What does not come from inserts. Those have times of their own, which a template does not tell. */
  compile({ value, ...record }: RecordTemplate): RecordTemplate | 'dropped' | null {
    if (value === null || (value.kind === 'constant' && value.value === null)) return 'dropped'
    if (!isEnvelope(value.schema)) return { ...record, value }
    if (value.kind !== 'struct') return null
    const op = value.fields[fieldIndex(value.schema, 'op')]
    if (op?.kind !== 'constant') return null
    const drops = op.value === 'd' || (op.value === 'u' && !this.#failsOnUpdates())
    return drops ? 'dropped' : null
  }

  #route<R extends ConnectRecord>(record: R, envelope: Struct, row: Struct): R {
    const options = this.#options
    const payloadColumn = options['table.field.event.payload']
    if (fieldIndex(row.schema, payloadColumn) < 0) {
      throw invalid(`Unable to find payload field ${payloadColumn} in event`)
    }
    const timestamp = this.#timestamp(envelope, row)
    const id = columnOf(row, options['table.field.event.id'])
    const payload = columnOf(row, payloadColumn)
    const routedBy = columnOf(row, options['route.by.field']).value
    if (typeof routedBy !== 'string') throw invalid(`${options['route.by.field']} has no text to route by`)
    const present = this.#additional.filter(
      ({ field }) =>
        options['table.field.additional.missing'].trim().toLowerCase() !== 'ignore' ||
        fieldIndex(row.schema, field) >= 0,
    )
    const headers: Header[] = [...record.headers, { name: 'id', ...id }]
    let partition: number | null = null
    for (const { field, placement, alias } of present) {
      const column = columnOf(row, field)
      if (placement === 'header') headers.push({ name: alias, ...column })
      if (placement === 'partition') partition = column.value as number | null
    }
    const key = this.#key(row)
    const isEmpty =
      payload.value === null || (typeof payload.value === 'string' && payload.value.trim() === '')
    const isTombstone = isEmpty && options['route.tombstone.on.empty.payload']
    const body = isTombstone
      ? { schema: null, value: null }
      : this.#hasEnvelope
        ? this.#envelope({ row, payload, routedBy, present })
        : payload
    return {
      ...record,
      topic: this.#topicPattern.matches(routedBy)
        ? this.#topicPattern.replaceFirst(routedBy, options['route.topic.replacement'])
        : routedBy,
      partition,
      keySchema: key.schema,
      key: key.value,
      valueSchema: body.schema,
      value: body.value,
      timestamp,
      headers,
    }
  }

  #key(row: Struct): SchemaAndValue {
    const column = this.#options['table.field.event.key']
    return column === null ? { schema: STRING, value: null } : columnOf(row, column)
  }

  #envelope({
    row,
    payload,
    routedBy,
    present,
  }: {
    row: Struct
    payload: SchemaAndValue
    routedBy: string
    present: readonly AdditionalField[]
  }): SchemaAndValue {
    const placed = present.filter(({ placement }) => placement === 'envelope')
    const versionColumn = this.#options['table.field.event.schema.version']
    const version = versionColumn === null ? null : (columnOf(row, versionColumn).value as number)
    const kept = version ?? payload.schema!
    let schema = this.#schemas.get(kept)
    if (schema === undefined) {
      const fields: Field[] = placed.map(({ field, alias }) => ({
        name: alias,
        schema: row.schema.fields![requireField(row.schema, field)]!.schema,
      }))
      schema = structOf([{ name: 'payload', schema: payload.schema! }, ...fields], {
        name: valueSchemaName(row.schema.name, routedBy),
        ...(version !== null && { version }),
      })
      this.#schemas.set(kept, schema)
    }
    const values = placed.map(({ field }) => columnOf(row, field).value)
    return { schema, value: new ValueStruct(schema, [payload.value, ...values]) }
  }

  #timestamp(envelope: Struct, row: Struct): number | null {
    const column = this.#options['table.field.event.timestamp']
    if (column === null) return milliseconds(envelope.get('ts_ms'))
    if (fieldIndex(row.schema, column) < 0) throw invalid(`Unable to find timestamp field ${column} in event`)
    const { schema, value } = columnOf(row, column)
    if (value === null) return milliseconds(envelope.get('ts_ms'))
    const { name, type } = schema!
    if (name === undefined) {
      throw invalid(
        `Unsupported field type ${type.toUpperCase()} (without logical schema name) for event timestamp`,
      )
    }
    const perMs = PER_MS[name]
    if (perMs === undefined || typeof value !== 'bigint') {
      throw invalid(`Unsupported field type ${name} for event timestamp`)
    }
    return Number(value / perMs)
  }

  #failsOnUpdates(): boolean {
    return this.#options['table.op.invalid.behavior'].trim().toLowerCase() === 'fatal'
  }

  #refuseUpdate(record: ConnectRecord): null {
    if (!this.#failsOnUpdates()) return null
    throw invalid(`Unexpected update message received in ${record.topic}, fail.`)
  }
}

/** A column's value, its default in place of null. Throws where there is no such column. */
function columnOf(row: Struct, name: string): SchemaAndValue {
  const index = fieldIndex(row.schema, name)
  if (index < 0) throw invalid(`${name} is not a valid field name`)
  return { schema: row.schema.fields![index]!.schema, value: fieldValue(row, index, true) }
}

function milliseconds(value: ConnectValue): number | null {
  return typeof value === 'bigint' ? Number(value) : null
}

/** `p.public.outbox.Value` routed by `order` is `p.public.outbox.order.Value`. */
function valueSchemaName(rowName: string | undefined, routedBy: string): string {
  if (rowName === undefined) return routedBy
  const lastDot = rowName.lastIndexOf('.')
  return `${rowName.slice(0, lastDot + 1)}${routedBy}.${rowName.slice(lastDot + 1)}`
}

function invalid(message: string): DataError {
  return new DataError('connect.data-invalid', message)
}

export const outboxEventRouter: TransformationPlugin = {
  type: 'transformation',
  className: 'io.debezium.transforms.outbox.EventRouter',
  version: '3.7.0.Final',
  configDef: outboxConfigDef,
  create: (config) => new EventRouter(outboxConfigDef.parse(config)),
}
