import type { ConverterPlugin, HeaderConverterPlugin } from '../api/plugin.ts'

/** The same converter for headers: Kafka Connect's are both, all but the simple one. */
export function headerForm(plugin: ConverterPlugin): HeaderConverterPlugin {
  return {
    type: 'header_converter',
    className: plugin.className,
    version: plugin.version,
    configDef: plugin.configDef,
    create(config) {
      const converter = plugin.create(config, 'header')
      return {
        fromConnectHeader: (topic, { schema, value }) => converter.fromConnectData(topic, schema, value),
        toConnectHeader: (topic, _name, bytes) => converter.toConnectData(topic, bytes),
      }
    },
  }
}
