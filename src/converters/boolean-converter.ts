import { ConfigDef } from '../api/config-def.ts'
import { DataError, SerializationError } from '../api/errors.ts'
import type { Converter, ConverterPlugin, SchemaAndValue } from '../api/plugin.ts'
import { primitiveSchema, type Schema } from '../api/schema.ts'
import { schemaTypeName } from '../api/schema-type-name.ts'
import type { ConnectValue } from '../api/value.ts'
import { converterType } from './converter-options.ts'
import { javaClassName } from '../api/java/java-class-name.ts'

const OPTIONAL_BOOLEAN = primitiveSchema('boolean', { optional: true })

/** Kafka Connect's `BooleanConverter`: one byte, 1 or 0. */
const booleans: Converter = {
  fromConnectData(_topic: string, schema: Schema | null, value: ConnectValue): Uint8Array | null {
    if (schema !== null && schema.type !== 'boolean') {
      throw new DataError(
        'connect.data-invalid',
        `Invalid schema type for BooleanConverter: ${schemaTypeName(schema.type)}`,
      )
    }
    if (value === null) return null
    if (typeof value !== 'boolean') {
      throw new DataError(
        'connect.data-invalid',
        `BooleanConverter is not compatible with objects of type class ${javaClassName(schema, value)}`,
      )
    }
    return Uint8Array.of(value ? 1 : 0)
  },

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: OPTIONAL_BOOLEAN, value: null }
    const problem = problemOf(bytes)
    if (problem !== null) {
      throw new DataError('connect.data-invalid', 'Failed to deserialize boolean: ', {
        cause: new SerializationError('connect.data-invalid', problem),
      })
    }
    return { schema: OPTIONAL_BOOLEAN, value: bytes[0] === 1 }
  },
}

function problemOf(bytes: Uint8Array): string | null {
  if (bytes.length !== 1) return 'Size of data received by BooleanDeserializer is not 1'
  if (bytes[0]! <= 1) return null
  // Java's bytes have a sign.
  return `Unexpected byte received by BooleanDeserializer: ${(bytes[0]! << 24) >> 24}`
}

export const booleanConverter: ConverterPlugin = {
  type: 'converter',
  className: 'org.apache.kafka.connect.converters.BooleanConverter',
  version: '4.3.1',
  configDef: new ConfigDef({ 'converter.type': converterType }),
  create: () => booleans,
}
