import { ConfigDef } from '../../../api/config-def.ts'
import type { ConverterPlugin } from '../../../api/plugin.ts'
import { RegistryConverter } from '../registry-converter.ts'
import { registryOptions } from '../registry-options.ts'
import { ProtobufFormat } from './protobuf-format.ts'
import { protobufMapping, protobufOptions } from './protobuf-options.ts'

const configDef = new ConfigDef({ ...registryOptions, ...protobufOptions })

/** Confluent's `ProtobufConverter`: Protobuf with its schemas in a schema registry. */
export const protobufConverter: ConverterPlugin = {
  type: 'converter',
  className: 'io.confluent.connect.protobuf.ProtobufConverter',
  version: '8.5.0',
  configDef,
  create: (config, role) => {
    const parsed = configDef.parse({ 'converter.type': role, ...config })
    const format = new ProtobufFormat(protobufMapping(parsed))
    return new RegistryConverter(format, parsed, { raw: config, role: role === 'key' ? 'key' : 'value' })
  },
}
