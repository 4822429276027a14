import { DataError } from '../../api/errors.ts'
import { readJson } from '../../api/json/json-reader.ts'
import type { Converter, SchemaAndValue } from '../../api/plugin.ts'
import { isStruct, ValueStruct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'
import { parseSchema } from '../json-schema.ts'
import { connectValue, plainValue } from '../json-to-connect.ts'
import type { CloudEventsOptions } from './cloud-events-options.ts'
import { DATA_SUFFIX } from './event-writer.ts'

const REQUIRED = ['id', 'source', 'specversion', 'type']
const EXACT = { fractions: 'decimal' } as const

type JsonEvent = ReadonlyMap<string, ConnectValue>

/** Reads events: their data are as they were before they were written. */
export class EventReader {
  readonly #options: CloudEventsOptions
  readonly #avro: Converter | null

  constructor(options: CloudEventsOptions, avro: Converter | null) {
    this.#options = options
    this.#avro = avro
  }

  prepare(topic: string, bytes: Uint8Array | null): Promise<void> | null {
    const avro = this.#avro
    if (bytes === null || avro === null) return null
    const prepareData = (): Promise<void> | null => {
      const [place, data] =
        this.#options.serializer === 'json'
          ? [topic, avroData(jsonEvent(bytes))]
          : [topic + DATA_SUFFIX, this.#avroEvent(topic, bytes).data]
      return avro.prepareToRead?.(place, data) ?? null
    }
    const waiting = this.#options.serializer === 'avro' ? avro.prepareToRead?.(topic, bytes) : null
    return waiting == null ? prepareData() : waiting.then(() => prepareData() ?? undefined)
  }

  /** A tombstone has no event. */
  read(topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null }
    if (this.#options.serializer === 'avro') return this.#readAvro(topic, bytes)
    const event = jsonEvent(bytes)
    const value = new Map([...event].map(([name, part]) => [name, plainValue(part)]))
    if (this.#avro !== null) value.set('data', this.#avro.toConnectData(topic, avroData(event)).value)
    else value.set('data', this.#jsonData(event.get('data') ?? null))
    return { schema: null, value }
  }

  #jsonData(data: ConnectValue): ConnectValue {
    const { json, hasDataSchemas } = this.#options
    if (!hasDataSchemas || !(data instanceof Map)) {
      return plainValue(data)
    }
    const replacesNulls = (json['replace.null.with.default'] ?? 'true').trim().toLowerCase() !== 'false'
    const { schema = null, payload = null } = Object.fromEntries(data as JsonEvent)
    const parsed = parseSchema(schema, (of, value) => connectValue(of, value, replacesNulls))
    return parsed === null ? plainValue(payload) : connectValue(parsed, payload, replacesNulls)
  }

  #readAvro(topic: string, bytes: Uint8Array): SchemaAndValue {
    const { event, data: bytesOfData } = this.#avroEvent(topic, bytes)
    const data = this.#avro!.toConnectData(topic + DATA_SUFFIX, bytesOfData)
    const fields = event.schema.fields!.map((field) =>
      field.name === 'data' && data.schema !== null ? { name: 'data', schema: data.schema } : field,
    )
    const schema = { ...event.schema, optional: false, fields }
    const values = fields.map(({ name }, i) => (name === 'data' ? data.value : event.at(i)))
    return { schema, value: new ValueStruct(schema, values) }
  }

  #avroEvent(topic: string, bytes: Uint8Array) {
    const { schema, value: event } = this.#avro!.toConnectData(topic, bytes)
    const name = schema?.name ?? ''
    const isNamed =
      this.#options.schemaName === null
        ? name.endsWith('CloudEvents.Envelope')
        : name === this.#options.schemaName
    if (!isNamed || !isStruct(event)) throw notEvent(`its schema is ${name || 'without a name'}`)
    requireAttributes(event.schema.fields!.map((field) => field.name))
    const data = event.get('data')
    if (!(data instanceof Uint8Array)) throw notEvent('its data are no bytes')
    return { event, data }
  }
}

function jsonEvent(bytes: Uint8Array): JsonEvent {
  const event = readJson(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    0,
    bytes.length,
    EXACT,
  )
  if (!(event instanceof Map)) throw notEvent('it is no object')
  requireAttributes([...event.keys()].map(String))
  return event as JsonEvent
}

function requireAttributes(names: readonly string[]): void {
  const missing = REQUIRED.filter((name) => !names.includes(name))
  if (missing.length > 0) throw notEvent(`it has no ${missing.join(', ')}`)
}

function avroData(event: JsonEvent): Uint8Array | null {
  const data = event.get('data') ?? null
  if (data === null) return null
  if (typeof data !== 'string') throw notEvent('its data are no text of bytes')
  return Buffer.from(data, 'base64')
}

/** Without the value, which the reference shows. */
function notEvent(why: string): DataError {
  return new DataError('connect.data-invalid', `A deserialized record's value is not a CloudEvent: ${why}`)
}
