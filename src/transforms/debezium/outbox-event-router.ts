import type { ParsedConfig } from '../../api/config-def.ts'
import { DataError } from '../../api/errors.ts'
import { JavaPattern } from '../../api/java/java-pattern.ts'
import { readJson } from '../../api/json/json-reader.ts'
import type { SchemaAndValue, Transformation, TransformationPlugin } from '../../api/plugin.ts'
import type { ConnectRecord, Header } from '../../api/record.ts'
import { fieldIndex, type Field, type Schema } from '../../api/schema.ts'
import { requireField, ValueStruct, type Struct } from '../../api/struct.ts'
import type { RecordTemplate } from '../../api/template.ts'
import type { ConnectValue } from '../../api/value.ts'
import { isEnvelope } from '../../api/envelope-schema.ts'
import { inferSchema, jsonData, type UnknownJson } from './json-struct.ts'
import { fieldValue } from '../null-as-default.ts'
import { outboxConfigDef, parseAdditionalField, type AdditionalField } from './outbox-options.ts'
import { structOf } from '../rebuilt-schema.ts'
import { requireStruct, textColumn } from '../requirements.ts'

type Options = ParsedConfig<(typeof outboxConfigDef)['options']>

/** As many as the reference keeps. */
const MOST_SCHEMAS = 10_000
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

  readonly #jsonSchemas = new Map<string, Schema>()
  readonly #unknownJson: UnknownJson

  constructor(options: Options) {
    this.#options = options
    const behavior = (name: 'null' | 'empty.array'): string =>
      options[`table.json.payload.${name}.behavior`].trim().toLowerCase()
    this.#unknownJson = {
      withNulls: behavior('null') === 'optional_bytes',
      withEmptyArrays: behavior('empty.array') === 'optional_string',
    }
    this.#additional = (options['table.fields.additional.placement'] ?? []).map((entry) =>
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
    const payload = this.#expanded(columnOf(row, payloadColumn))
    const routedBy = this.#routedBy(row)
    const present = this.#additional.filter(
      ({ field }) =>
        options['table.field.additional.missing'].trim().toLowerCase() !== 'ignore' ||
        fieldIndex(row.schema, field) >= 0,
    )
    const headers: Header[] = [...record.headers, { name: 'id', ...id }]
    let partition: number | null = null
    for (const { field, placement, alias } of present) {
      if (placement === 'envelope' && fieldIndex(row.schema, field) < 0) {
        throw invalid(`Unable to find field ${field} in event`)
      }
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

  /** Text that is JSON, taken apart where that is asked for; all other payloads as they are. */
  #expanded(payload: SchemaAndValue): SchemaAndValue {
    const { value } = payload
    if (!this.#options['table.expand.json.payload'] || typeof value !== 'string') return payload
    if (!value.startsWith('{') && !value.startsWith('[')) return payload
    try {
      const json = readJson(Buffer.from(value))
      const made = inferSchema(json, this.#unknownJson, this.#options['table.field.event.payload'])
      if (made === null) return payload
      const schema = this.#sameSchema(made)
      return { schema, value: jsonData(json, schema) }
    } catch (error) {
      if (error instanceof DataError) return payload
      throw error
    }
  }

  /** The same object for equal schemas: what follows keeps what it made of one by its identity. */
  #sameSchema(schema: Schema): Schema {
    const text = JSON.stringify(schema)
    const known = this.#jsonSchemas.get(text)
    if (known !== undefined) return known
    if (this.#jsonSchemas.size >= MOST_SCHEMAS) this.#jsonSchemas.clear()
    this.#jsonSchemas.set(text, schema)
    return schema
  }

  /** What decides the topic: the column's default in place of null. */
  #routedBy(row: Struct): string {
    const name = this.#options['route.by.field']
    const text = textColumn(row, name) ?? columnOf(row, name).value
    if (typeof text !== 'string') throw invalid(`${name} has no text to route by`)
    return text
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
      if (this.#schemas.size >= MOST_SCHEMAS) this.#schemas.clear()
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
