import { ConfigDef } from '../../../api/config-def.ts'
import type { ConverterPlugin } from '../../../api/plugin.ts'
import { RegistryConverter } from '../registry-converter.ts'
import { registryOptions } from '../registry-options.ts'
import { JsonSchemaFormat } from './json-schema-format.ts'
import { jsonSchemaMapping, jsonSchemaOptions } from './json-schema-options.ts'

const configDef = new ConfigDef({ ...registryOptions, ...jsonSchemaOptions })

/** Confluent's `JsonSchemaConverter`: JSON with its schemas in a schema registry. */
export const jsonSchemaConverter: ConverterPlugin = {
  type: 'converter',
  className: 'io.confluent.connect.json.JsonSchemaConverter',
  version: '8.5.0',
  configDef,
  create: (config, role) => {
    const parsed = configDef.parse({ 'converter.type': role, ...config })
    const format = new JsonSchemaFormat(jsonSchemaMapping(parsed))
    return new RegistryConverter(format, parsed, { raw: config, role: role === 'key' ? 'key' : 'value' })
  },
}
