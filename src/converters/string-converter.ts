import { ConfigDef, type OptionDefinitions } from '../api/config-def.ts'
import { ConfigError } from '../api/errors.ts'
import type { Converter, ConverterPlugin, SchemaAndValue } from '../api/plugin.ts'
import { primitiveSchema, type Schema } from '../api/schema.ts'
import type { ConnectValue } from '../api/value.ts'
import { converterType } from './converter-options.ts'
import { javaText } from '../api/java/java-text.ts'

const options = {
  'converter.type': converterType,
  'converter.encoding': {
    type: 'STRING',
    default: 'UTF-8',
    importance: 'HIGH',
    width: 'MEDIUM',
    displayName: 'Encoding',
    documentation: 'How text is turned into bytes, by Java’s name: UTF-8, ISO-8859-1, US-ASCII, UTF-16LE.',
  },
} as const satisfies OptionDefinitions

const OPTIONAL_TEXT = primitiveSchema('string', { optional: true })
const NO_TEXT: SchemaAndValue = { schema: OPTIONAL_TEXT, value: null }

const ENCODINGS: Readonly<Record<string, BufferEncoding>> = {
  'UTF-8': 'utf8',
  UTF8: 'utf8',
  'ISO-8859-1': 'latin1',
  'US-ASCII': 'ascii',
  'UTF-16LE': 'utf16le',
}

/** Kafka Connect's `StringConverter`: the text of anything; structs as Java prints them. */
class StringConverter implements Converter {
  readonly readsAnything = true
  readonly #encoding: BufferEncoding

  constructor(encoding: string) {
    const known = ENCODINGS[encoding.toUpperCase()]
    if (known === undefined) {
      throw new ConfigError(
        'connect.config-invalid',
        `Invalid value ${encoding} for configuration converter.encoding: use one of ${Object.keys(ENCODINGS).join(', ')}`,
      )
    }
    this.#encoding = known
  }

  fromConnectData(_topic: string, schema: Schema | null, value: ConnectValue): Uint8Array | null {
    return value === null ? null : encoded(javaText(schema, value), this.#encoding)
  }

  toConnectData(_topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return NO_TEXT
    return { schema: OPTIONAL_TEXT, value: decoded(bytes, this.#encoding) }
  }
}

/** A question mark for what the encoding does not have, as Java writes it. */
function encoded(text: string, encoding: BufferEncoding): Buffer {
  if (encoding === 'latin1') return Buffer.from(text.replaceAll(/[^\0-\xff]/gu, '?'), encoding)
  if (encoding === 'ascii') return Buffer.from(text.replaceAll(/[^\0-\x7f]/gu, '?'), encoding)
  return Buffer.from(text, encoding)
}

function decoded(bytes: Uint8Array, encoding: BufferEncoding): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Node.js takes the lower seven bits of what is no ASCII, and passes over half a character in silence.
  if (encoding === 'ascii') return buffer.toString('latin1').replaceAll(/[\x80-\xff]/g, '\ufffd')
  const isCut = encoding === 'utf16le' && bytes.length % 2 === 1
  return buffer.toString(encoding) + (isCut ? '\ufffd' : '')
}

export const stringConverter: ConverterPlugin = {
  type: 'converter',
  className: 'org.apache.kafka.connect.storage.StringConverter',
  version: '4.3.1',
  configDef: new ConfigDef(options),
  create(config, role) {
    const parsed = new ConfigDef(options).parse({ 'converter.type': role, ...config })
    return new StringConverter(parsed['converter.encoding'])
  },
}
