import { isEnvelope } from '../../api/envelope-schema.ts'
import { DataError } from '../../api/errors.ts'
import type { Converter } from '../../api/plugin.ts'
import { structSchema, type Schema } from '../../api/schema.ts'
import { isStruct, ValueStruct, type Struct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import type { CloudEventsOptions } from './cloud-events-options.ts'
import { dataSchema, eventSchema, TRANSACTION_FIELDS } from './event-schema.ts'
import {
  fieldOf,
  fieldText,
  mismatch,
  recordMetadata,
  type MetadataHeaders,
  type RecordMetadata,
} from './record-metadata.ts'

/** Between a record's topic and that of its data in the registry, where the event itself is Avro. */
export const DATA_SUFFIX = '-data'
const BYTES: Schema = { type: 'bytes', optional: false }
const EMPTY = structSchema([])
/** Debezium's connectors of other databases say other things of a record. */
const CONNECTOR = 'postgresql'
/** Names that headers give could be many. */
const MOST_SHAPES = 1000

interface Shape {
  readonly event: Schema
  readonly data: Schema
}

/** A record as an event, before its data are bytes. */
interface Draft {
  readonly metadata: RecordMetadata
  readonly shape: Shape
  readonly data: Struct
}

/** The converters that write the parts of an event. */
export interface EventParts {
  /** The event, without schemas. */
  readonly json: Converter
  readonly jsonData: Converter
  readonly avro: Converter | null
}

/** Makes events of changes. */
export class EventWriter {
  readonly #options: CloudEventsOptions
  readonly #parts: EventParts
  #shapes = new WeakMap<Schema, Map<string, Shape>>()

  constructor(options: CloudEventsOptions, parts: EventParts) {
    this.#options = options
    this.#parts = parts
  }

  prepare(
    topic: string,
    { schema, value }: { readonly schema: Schema | null; readonly value: ConnectValue },
    headers: MetadataHeaders,
  ): Promise<void> | null {
    const { avro } = this.#parts
    const draft = avro === null ? null : this.#draft(schema, value, headers)
    if (avro === null || draft === null) return null
    const waiting = avro.prepareToWrite?.(this.#dataTopic(topic), draft.shape.data, draft.data) ?? null
    if (this.#options.serializer === 'json') return waiting
    const event = new ValueStruct(draft.shape.event, [])
    const prepareEvent = () => avro.prepareToWrite?.(topic, draft.shape.event, event) ?? null
    return waiting === null ? prepareEvent() : waiting.then(() => prepareEvent() ?? undefined)
  }

  /** Null where there is no event of the record. */
  write(
    topic: string,
    { schema, value }: { readonly schema: Schema | null; readonly value: ConnectValue },
    headers: MetadataHeaders,
  ): Uint8Array | null {
    const draft = this.#draft(schema, value, headers)
    if (draft === null) return null
    const { json, jsonData, avro } = this.#parts
    const { event: eventSchema, data: schemaOfData } = draft.shape
    if (avro === null) {
      if (!this.#options.hasDataSchemas)
        return json.fromConnectData(topic, eventSchema, this.#event(draft, draft.data))
      const event = json.fromConnectData(topic, eventSchema, this.#event(draft, new ValueStruct(EMPTY, [])))!
      const data = jsonData.fromConnectData(topic, schemaOfData, draft.data)!
      // In place of the two brackets of the empty data.
      return Buffer.concat([event.subarray(0, -'{}}'.length), data, Buffer.from('}')])
    }
    const data = avro.fromConnectData(this.#dataTopic(topic), schemaOfData, draft.data)!
    const event = this.#event(draft, data)
    return (this.#options.serializer === 'json' ? json : avro).fromConnectData(topic, eventSchema, event)
  }

  #draft(schema: Schema | null, value: ConnectValue, headers: MetadataHeaders): Draft | null {
    const { metadata: sources } = this.#options
    if (schema === null || value === null) return null
    if (sources.global === 'value' && !isEnvelope(schema)) return null
    const metadata = recordMetadata(value, headers, sources)
    if (metadata === null) return null
    if (!isStruct(value)) throw mismatch()
    const connector = fieldText(metadata.source, 'connector')
    if (connector !== CONNECTOR) {
      throw new DataError(
        'connect.data-invalid',
        `No usable CloudEvents converters for connector type "${connector}"`,
      )
    }
    const shape = this.#shape(schema, metadata)
    const data = new ValueStruct(
      shape.data,
      shape.data.fields!.map((field) => value.get(field.name)),
    )
    return { metadata, shape, data }
  }

  #shape(record: Schema, { source, dataSchemaName }: RecordMetadata): Shape {
    const name =
      this.#options.schemaName ??
      `${fieldText(source, 'name')}.${fieldText(source, 'db')}.CloudEvents.Envelope`
    let shapes = this.#shapes.get(record)
    if (shapes === undefined || shapes.size > MOST_SHAPES) this.#shapes.set(record, (shapes = new Map()))
    const key = `${dataSchemaName}\n${name}`
    let shape = shapes.get(key)
    if (shape === undefined) {
      const data = dataSchema(record, dataSchemaName, this.#options.metadata.global === 'header')
      const inEvent = this.#parts.avro !== null ? BYTES : this.#options.hasDataSchemas ? EMPTY : data
      shape = { data, event: eventSchema(this.#options, name, { source: source.schema, data: inEvent }) }
      shapes.set(key, shape)
    }
    return shape
  }

  #event({ metadata, shape }: Draft, data: ConnectValue): Struct {
    const { source, operation, transaction } = metadata
    const { dataSerializer, hasTraceparent, hasExtensions, registryUrls } = this.#options
    const of = (name: string): string => fieldText(source, name)
    const values: ConnectValue[] = [
      metadata.id === undefined
        ? `name:${of('name')};lsn:${of('lsn')};txId:${of('txId')};sequence:${of('sequence')}`
        : metadata.id,
      `/debezium/${CONNECTOR}/${of('name')}`,
      '1.0',
      metadata.type === undefined ? `io.debezium.connector.${CONNECTOR}.DataChangeEvent` : metadata.type,
      new Date(Number(fieldOf(source, 'ts_ms'))).toISOString(),
      `application/${dataSerializer}`,
    ]
    if (dataSerializer === 'avro') values.push(`${registryUrls}/schemas/ids/${schemaId(data)}`)
    if (hasTraceparent) values.push(traceparent(metadata))
    if (hasExtensions) {
      values.push(operation)
      for (const { name } of source.schema.fields!) values.push(attribute(fieldOf(source, name)))
      for (const name of TRANSACTION_FIELDS) {
        values.push(transaction === null ? null : attribute(fieldOf(transaction, name)))
      }
    }
    values.push(data)
    requireAll(shape.event, values)
    return new ValueStruct(shape.event, values)
  }

  #dataTopic(topic: string): string {
    return this.#options.serializer === 'avro' ? topic + DATA_SUFFIX : topic
  }
}

function traceparent({ traceparent: value }: RecordMetadata): ConnectValue {
  if (value !== undefined) return value
  throw new DataError(
    'connect.data-invalid',
    "Value for `traceparent` CloudEvents field currently can't be obtained from a record value and can only be obtained from a record header",
  )
}

/** Integers of 64 bits become texts. */
function attribute(value: ConnectValue): ConnectValue {
  return typeof value === 'bigint' ? String(value) : value
}

function requireAll(schema: Schema, values: readonly ConnectValue[]): void {
  const missing = schema.fields!.find((field, i) => values[i] === null && !field.schema.optional)
  if (missing === undefined) return
  throw new DataError(
    'connect.data-invalid',
    `Invalid value: null used for required field: "${missing.name}", schema type: ${missing.schema.type.toUpperCase()}`,
  )
}

/** Behind the zero that Avro of a registry begins with. */
function schemaId(data: ConnectValue): number {
  const bytes = data as Uint8Array
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(1)
}
