import { ConfigDef } from '../api/config-def.ts'
import { DataError, SerializationError } from '../api/errors.ts'
import type { Converter, ConverterPlugin, SchemaAndValue } from '../api/plugin.ts'
import { primitiveSchema, type Schema } from '../api/schema.ts'
import type { ConnectValue } from '../api/value.ts'
import { converterType } from './converter-options.ts'
import { javaClassName } from '../api/java/java-class-name.ts'

/** How numbers of one type lie in bytes: big-endian, of one size. */
interface NumberFormat {
  /** `Integer`, of which come the class names. */
  readonly name: string
  readonly type: 'int16' | 'int32' | 'int64' | 'float' | 'double'
  readonly boxed: string
  readonly byteCount: number
  readonly write: (bytes: Buffer, value: number | bigint) => void
  readonly read: (bytes: Buffer) => number | bigint
}

/** Kafka Connect's converters of one number each. The schema is not looked at, only what the value is. */
class NumberConverter implements Converter {
  readonly #format: NumberFormat
  readonly #schema: Schema

  constructor(format: NumberFormat) {
    this.#format = format
    this.#schema = primitiveSchema(format.type, { optional: true })
  }

  fromConnectData(_topic: string, schema: Schema | null, value: ConnectValue): Uint8Array | null {
    if (value === null) return null
    const { name, boxed, byteCount, write } = this.#format
    const given = javaClassName(schema, value)
    if (given !== boxed) {
      throw new DataError(
        'connect.data-invalid',
        `Failed to serialize to ${name.toLowerCase()} (was class ${given}): `,
      )
    }
    const bytes = Buffer.allocUnsafe(byteCount)
    write(bytes, value as number | bigint)
    return bytes
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: this.#schema, value: null }
    const { name, byteCount, read } = this.#format
    if (bytes.length !== byteCount) {
      throw new DataError('connect.data-invalid', `Failed to deserialize ${name.toLowerCase()}: `, {
        cause: new SerializationError(
          'connect.data-invalid',
          `Size of data received by ${name}Deserializer is not ${byteCount}`,
        ),
      })
    }
    return {
      schema: this.#schema,
      value: read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    }
  }
}

function numberConverter(format: NumberFormat): ConverterPlugin {
  const converter = new NumberConverter(format)
  return {
    type: 'converter',
    className: `org.apache.kafka.connect.converters.${format.name}Converter`,
    version: '4.3.1',
    configDef: new ConfigDef({ 'converter.type': converterType }),
    create: () => converter,
  }
}

export const shortConverter = numberConverter({
  name: 'Short',
  type: 'int16',
  boxed: 'java.lang.Short',
  byteCount: 2,
  write: (bytes, value) => bytes.writeInt16BE(Number(value)),
  read: (bytes) => bytes.readInt16BE(),
})

export const integerConverter = numberConverter({
  name: 'Integer',
  type: 'int32',
  boxed: 'java.lang.Integer',
  byteCount: 4,
  write: (bytes, value) => bytes.writeInt32BE(Number(value)),
  read: (bytes) => bytes.readInt32BE(),
})

export const longConverter = numberConverter({
  name: 'Long',
  type: 'int64',
  boxed: 'java.lang.Long',
  byteCount: 8,
  write: (bytes, value) => bytes.writeBigInt64BE(BigInt(value)),
  read: (bytes) => bytes.readBigInt64BE(),
})

export const floatConverter = numberConverter({
  name: 'Float',
  type: 'float',
  boxed: 'java.lang.Float',
  byteCount: 4,
  write: (bytes, value) => bytes.writeFloatBE(Number(value)),
  read: (bytes) => bytes.readFloatBE(),
})

export const doubleConverter = numberConverter({
  name: 'Double',
  type: 'double',
  boxed: 'java.lang.Double',
  byteCount: 8,
  write: (bytes, value) => bytes.writeDoubleBE(Number(value)),
  read: (bytes) => bytes.readDoubleBE(),
})
