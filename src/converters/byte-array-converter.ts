import { ConfigDef } from '../api/config-def.ts'
import { DataError } from '../api/errors.ts'
import { javaClassName } from '../api/java/java-class-name.ts'
import type { Converter, ConverterPlugin, SchemaAndValue } from '../api/plugin.ts'
import { primitiveSchema, type Schema } from '../api/schema.ts'
import { schemaTypeName } from '../api/schema-type-name.ts'
import type { ConnectValue } from '../api/value.ts'
import { converterType } from './converter-options.ts'

const OPTIONAL_BYTES = primitiveSchema('bytes', { optional: true })

/** Kafka Connect's `ByteArrayConverter`: bytes as they are, nothing else. */
const byteArrays: Converter = {
  readsAnything: true,

  fromConnectData(_topic: string, schema: Schema | null, value: ConnectValue): Uint8Array | null {
    if (schema !== null && schema.type !== 'bytes') {
      throw new DataError(
        'connect.data-invalid',
        `Invalid schema type for ByteArrayConverter: ${schemaTypeName(schema.type)}`,
      )
    }
    if (value !== null && !(value instanceof Uint8Array)) {
      throw new DataError(
        'connect.data-invalid',
        `ByteArrayConverter is not compatible with objects of type class ${javaClassName(schema, value)}`,
      )
    }
    return value
  },

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    return { schema: OPTIONAL_BYTES, value: bytes }
  },
}

export const byteArrayConverter: ConverterPlugin = {
  type: 'converter',
  className: 'org.apache.kafka.connect.converters.ByteArrayConverter',
  version: '4.3.1',
  configDef: new ConfigDef({ 'converter.type': converterType }),
  create: () => byteArrays,
}
