import { ConfigDef, validators, type OptionDefinitions, type ParsedConfig } from '../api/config-def.ts'
import { DataError, SerializationError } from '../api/errors.ts'
import { readJson } from '../api/json/json-reader.ts'
import { jsonBytes, type JsonFormat } from '../api/json/json-writer.ts'
import type { Converter, ConverterPlugin, SchemaAndValue } from '../api/plugin.ts'
import type { Schema } from '../api/schema.ts'
import type { JsonRendering, Template } from '../api/template.ts'
import type { ConnectValue } from '../api/value.ts'
import { converterType } from './converter-options.ts'
import { EnvelopeReader } from './json-envelope.ts'
import { schemaJson } from './json-schema.ts'

const options = {
  'converter.type': converterType,
  'schemas.enable': {
    type: 'BOOLEAN',
    default: true,
    importance: 'HIGH',
    group: 'Schemas',
    width: 'MEDIUM',
    displayName: 'Enable Schemas',
    documentation: 'Whether each key and value is wrapped in an object that carries its schema.',
  },
  'schemas.cache.size': {
    type: 'INT',
    default: 1000,
    importance: 'HIGH',
    group: 'Schemas',
    width: 'MEDIUM',
    displayName: 'Schema Cache Size',
    documentation: 'How many schemas found in records are kept parsed.',
  },
  'schema.content': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    group: 'Schemas',
    width: 'MEDIUM',
    displayName: 'Schema Content',
    documentation:
      'The schema of all records that are read, as JSON; those inside the records are not looked at then. For sinks, with schemas.enable=true.',
  },
  'decimal.format': {
    type: 'STRING',
    default: 'BASE64',
    importance: 'LOW',
    group: 'Serialization',
    width: 'MEDIUM',
    displayName: 'Decimal Format',
    documentation: 'Decimals as base64 of their unscaled integer (BASE64) or as JSON numbers (NUMERIC).',
    validator: validators.oneOfIgnoringCase('NUMERIC', 'BASE64'),
  },
  'replace.null.with.default': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    group: 'Serialization',
    width: 'MEDIUM',
    displayName: 'Replace null with default',
    documentation: 'Whether a null in a field that has a default is written, and read, as the default.',
  },
} as const satisfies OptionDefinitions

/** Kafka Connect's `JsonConverter`. */
class JsonConverter implements Converter {
  readonly isPlainJson: boolean
  readonly #format: JsonFormat
  readonly #envelope: EnvelopeReader | null
  /** The constant text before the payload, by the schema's identity. */
  readonly #prefixes = new WeakMap<Schema, Buffer>()

  constructor(config: ParsedConfig<typeof options>) {
    this.#format = {
      decimalFormat: config['decimal.format'].toUpperCase() === 'NUMERIC' ? 'numeric' : 'base64',
      replaceNullWithDefault: config['replace.null.with.default'],
    }
    this.#envelope = config['schemas.enable']
      ? new EnvelopeReader({
          cacheSize: config['schemas.cache.size'],
          replaceNullWithDefault: this.#format.replaceNullWithDefault,
          schemaContent: config['schema.content'],
        })
      : null
    this.isPlainJson = this.#envelope === null
  }

  fromConnectData(_topic: string, schema: Schema | null, value: ConnectValue): Uint8Array | null {
    if (schema === null && value === null) return null
    const payload = jsonBytes(schema, value, this.#format)
    return this.#envelope === null ? payload : Buffer.concat([this.#prefix(schema), payload, SUFFIX])
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null }
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    try {
      return this.#envelope === null ? { schema: null, value: readJson(buffer) } : this.#envelope.read(buffer)
    } catch (error) {
      throw error instanceof SerializationError ? unreadable(error) : error
    }
  }

  compile(_topic: string, template: Template): JsonRendering {
    const isWrapped = this.#envelope !== null
    return {
      kind: 'json',
      prefix: isWrapped ? this.#prefix(template.schema).toString() : '',
      template,
      suffix: isWrapped ? SUFFIX.toString() : '',
      ...this.#format,
    }
  }

  #prefix(schema: Schema | null): Buffer {
    if (schema === null) return SCHEMALESS_PREFIX
    let prefix = this.#prefixes.get(schema)
    if (prefix === undefined) {
      prefix = Buffer.from(`{"schema":${schemaJson(schema, this.#format)},"payload":`)
      this.#prefixes.set(schema, prefix)
    }
    return prefix
  }
}

/** In the words that users of the reference look for, blank at the end included; the cause says where. */
function unreadable(cause: SerializationError): DataError {
  const message = 'Converting byte[] to Kafka Connect data failed due to serialization error: '
  return new DataError('connect.data-invalid', message, { cause })
}

const SCHEMALESS_PREFIX = Buffer.from('{"schema":null,"payload":')
const SUFFIX = Buffer.from('}')

export const jsonConverter: ConverterPlugin = {
  type: 'converter',
  className: 'org.apache.kafka.connect.json.JsonConverter',
  version: '4.3.1',
  configDef: new ConfigDef(options),
  create: (config, role) =>
    new JsonConverter(new ConfigDef(options).parse({ 'converter.type': role, ...config })),
}
