import { ConfigDef } from '../api/config-def.ts'
import type { HeaderConverter, HeaderConverterPlugin, SchemaAndValue } from '../api/plugin.ts'
import type { Header } from '../api/record.ts'
import { headerText } from './header-text.ts'
import { parseHeaderText } from '../api/parse-header-text.ts'

/** Kafka Connect's `SimpleHeaderConverter`: readable text, from which the type is guessed when it is read. */
const simpleHeaders: HeaderConverter = {
  readsAnything: true,

  fromConnectHeader(_topic: string, { schema, value }: Header): Uint8Array | null {
    return value === null ? null : Buffer.from(headerText(schema, value))
  },

  toConnectHeader(_topic: string, _name: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null }
    return parseHeaderText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
  },
}

export const simpleHeaderConverter: HeaderConverterPlugin = {
  type: 'header_converter',
  className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  version: '4.3.1',
  configDef: new ConfigDef({}),
  create: () => simpleHeaders,
}
