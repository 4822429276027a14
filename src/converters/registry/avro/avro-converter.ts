import { ConfigDef } from '../../../api/config-def.ts'
import type { ConverterPlugin } from '../../../api/plugin.ts'
import { RegistryConverter } from '../registry-converter.ts'
import { registryOptions } from '../registry-options.ts'
import { AvroFormat } from './avro-format.ts'
import { avroMapping, avroOptions } from './avro-options.ts'

const configDef = new ConfigDef({ ...registryOptions, ...avroOptions })

/** Confluent's `AvroConverter`: Avro with its schemas in a schema registry. */
export const avroConverter: ConverterPlugin = {
  type: 'converter',
  className: 'io.confluent.connect.avro.AvroConverter',
  version: '8.5.0',
  configDef,
  create: (config, role) => {
    const parsed = configDef.parse({ 'converter.type': role, ...config })
    const format = new AvroFormat(avroMapping(parsed))
    return new RegistryConverter(format, parsed, { raw: config, role: role === 'key' ? 'key' : 'value' })
  },
}
