import { ConfigDef } from '../api/config-def.ts'
import { ConfigError, DataError } from '../api/errors.ts'
import { javaClassName } from '../api/java/java-class-name.ts'
import type { Converter, ConverterPlugin, SchemaAndValue } from '../api/plugin.ts'
import { primitiveSchema, type Schema } from '../api/schema.ts'
import type { ConnectValue } from '../api/value.ts'
import { withoutPrefix } from '../api/without-prefix.ts'
import { booleanConverter } from './boolean-converter.ts'
import { byteArrayConverter } from './byte-array-converter.ts'
import { converterType } from './converter-options.ts'
import { jsonConverter } from './json-converter.ts'
import {
  doubleConverter,
  floatConverter,
  integerConverter,
  longConverter,
  shortConverter,
} from './number-converters.ts'
import { avroConverter } from './registry/avro/avro-converter.ts'
import { jsonSchemaConverter } from './registry/json/json-schema-converter.ts'
import { protobufConverter } from './registry/protobuf/protobuf-converter.ts'
import { stringConverter } from './string-converter.ts'

const DELEGATE = 'delegate.converter.type'
const OPTIONAL_BYTES = primitiveSchema('bytes', { optional: true })

const DELEGATES: readonly ConverterPlugin[] = [
  jsonConverter,
  stringConverter,
  byteArrayConverter,
  booleanConverter,
  shortConverter,
  integerConverter,
  longConverter,
  floatConverter,
  doubleConverter,
  avroConverter,
  jsonSchemaConverter,
  protobufConverter,
]

const configDef = new ConfigDef({
  'converter.type': converterType,
  [DELEGATE]: {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    displayName: DELEGATE,
    documentation:
      'The converter that writes what is not bytes: heartbeats, and all that has another schema. Its options begin with this name and a dot. Not for headers.',
  },
})

/** Debezium's converters of records that are bytes, such as those of its outbox router. The two are one here. */
export const binaryDataConverter = delegating('io.debezium.converters.BinaryDataConverter')
export const debeziumByteArrayConverter = delegating('io.debezium.converters.ByteArrayConverter')

function delegating(className: string): ConverterPlugin {
  return {
    type: 'converter',
    className,
    version: '3.7.0.Final',
    configDef,
    create(config, role) {
      const name = config[DELEGATE]
      // The reference gives headers none, whatever is configured.
      if (name == null || role === 'header') return new DelegatingConverter(null)
      const delegate = DELEGATES.find((plugin) => plugin.className === name)
      if (delegate === undefined) throw unknownDelegate(name)
      return new DelegatingConverter(delegate.create(withoutPrefix(config, `${DELEGATE}.`), role))
    },
  }
}

class DelegatingConverter implements Converter {
  readonly #delegate: Converter | null

  constructor(delegate: Converter | null) {
    this.#delegate = delegate
  }

  prepareToWrite(topic: string, schema: Schema | null, value: ConnectValue): Promise<void> | null {
    if (isBytes(schema, value)) return null
    return this.#delegate?.prepareToWrite?.(topic, schema, value) ?? null
  }

  fromConnectData(topic: string, schema: Schema | null, value: ConnectValue): Uint8Array | null {
    if (isBytes(schema, value)) return value
    if (this.#delegate !== null) return this.#delegate.fromConnectData(topic, schema, value)
    throw new DataError(
      'connect.data-invalid',
      `A ${topic} of type '${javaClassName(schema, value)}' requires a ${DELEGATE} to be configured`,
    )
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    return { schema: OPTIONAL_BYTES, value: bytes }
  }
}

/** Null without a schema counts as bytes; null of another schema is the delegate's. */
function isBytes(schema: Schema | null, value: ConnectValue): value is Uint8Array | null {
  return (schema === null || schema.type === 'bytes') && (value === null || value instanceof Uint8Array)
}

function unknownDelegate(name: string): ConfigError {
  return new ConfigError(
    'connect.config-invalid',
    `Invalid value ${name} for configuration ${DELEGATE}: it must be one of ${DELEGATES.map(({ className }) => className).join(', ')}.`,
  )
}
