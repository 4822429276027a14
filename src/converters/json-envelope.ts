import { DataError } from '../api/errors.ts'
import { jsonValueEnd, readJson } from '../api/json/json-reader.ts'
import type { SchemaAndValue } from '../api/plugin.ts'
import type { Schema } from '../api/schema.ts'
import type { ConnectValue } from '../api/value.ts'
import { parseSchema } from './json-schema.ts'
import { connectValue, plainValue } from './json-to-connect.ts'

const START = Buffer.from('{"schema":')
const MIDDLE = Buffer.from(',"payload":')
const EXACT = { fractions: 'decimal' } as const

const NO_ENVELOPE =
  'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. ' +
  'If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.'

/** Reads `{"schema":…,"payload":…}`. Schemas are kept by their bytes: the same text gives the same object. */
export class EnvelopeReader {
  readonly #schemas = new Map<string, Schema | null>()
  readonly #cacheSize: number
  readonly #replaceNullWithDefault: boolean
  /** The schema of everything, where the options give one. */
  readonly #fixed: Schema | null

  constructor(options: {
    readonly cacheSize: number
    readonly replaceNullWithDefault: boolean
    readonly schemaContent: string | null
  }) {
    this.#cacheSize = options.cacheSize
    this.#replaceNullWithDefault = options.replaceNullWithDefault
    this.#fixed = options.schemaContent ? this.#parse(Buffer.from(options.schemaContent)) : null
  }

  read(bytes: Buffer): SchemaAndValue {
    if (this.#fixed !== null) return this.#convert(this.#fixed, readJson(bytes, 0, bytes.length, EXACT))
    const quick = this.#readUsual(bytes)
    if (quick !== null) return quick
    const envelope = readJson(bytes, 0, bytes.length, EXACT)
    if (
      !(envelope instanceof Map) ||
      envelope.size !== 2 ||
      !envelope.has('schema') ||
      !envelope.has('payload')
    ) {
      throw new DataError('connect.data-invalid', NO_ENVELOPE)
    }
    const parts = envelope as ReadonlyMap<string, ConnectValue>
    return this.#convert(this.#parseValue(parts.get('schema')!), parts.get('payload')!)
  }

  /** The form that converters write, without reading the schema's text again; null for any other. */
  #readUsual(bytes: Buffer): SchemaAndValue | null {
    if (!startsWith(bytes, 0, START)) return null
    const schemaEnd = jsonValueEnd(bytes, START.length, bytes.length)
    if (!startsWith(bytes, schemaEnd, MIDDLE)) return null
    const payload = schemaEnd + MIDDLE.length
    const payloadEnd = jsonValueEnd(bytes, payload, bytes.length)
    // One bracket is left, else there are more fields.
    if (payloadEnd !== bytes.length - 1 || bytes[payloadEnd] !== 0x7d) return null
    const schema = this.#schema(bytes.subarray(START.length, schemaEnd))
    return this.#convert(schema, readJson(bytes, payload, payloadEnd, EXACT))
  }

  #schema(bytes: Buffer): Schema | null {
    const key = bytes.toString('latin1')
    const known = this.#schemas.get(key)
    if (known !== undefined) return known
    const schema = this.#parse(bytes)
    if (this.#schemas.size >= this.#cacheSize) this.#schemas.delete(this.#schemas.keys().next().value ?? '')
    this.#schemas.set(key, schema)
    return schema
  }

  #parse(bytes: Buffer): Schema | null {
    return this.#parseValue(readJson(bytes, 0, bytes.length, EXACT))
  }

  #parseValue(json: ConnectValue): Schema | null {
    return parseSchema(json, (schema, value) => connectValue(schema, value, this.#replaceNullWithDefault))
  }

  #convert(schema: Schema | null, json: ConnectValue): SchemaAndValue {
    return {
      schema,
      value: schema === null ? plainValue(json) : connectValue(schema, json, this.#replaceNullWithDefault),
    }
  }
}

function startsWith(bytes: Buffer, at: number, text: Buffer): boolean {
  return text.equals(bytes.subarray(at, at + text.length))
}
