import type { PluginCatalogueEntry } from '../connect/plugin-catalogue.ts'

/**
 * The plugins that tailrace brings. Names and versions are here, the code is loaded by who uses it: threads that run no
 * connector of a kind do not carry its code.
 */
export function builtInPlugins(version: string): readonly PluginCatalogueEntry[] {
  return [
    {
      className: 'io.debezium.connector.postgresql.PostgresConnector',
      type: 'source',
      version,
      load: async () => (await import('../postgres/connector.ts')).postgresConnector,
    },
    {
      className: 'io.confluent.connect.elasticsearch.ElasticsearchSinkConnector',
      type: 'sink',
      version,
      load: async () => (await import('../elasticsearch/connector.ts')).elasticsearchSinkConnector,
    },
    {
      className: 'org.apache.kafka.connect.json.JsonConverter',
      type: 'converter',
      version,
      load: async () => (await import('../converters/json-converter.ts')).jsonConverter,
    },
    {
      className: 'org.apache.kafka.connect.storage.StringConverter',
      type: 'converter',
      version,
      load: async () => (await import('../converters/string-converter.ts')).stringConverter,
    },
    {
      className: 'org.apache.kafka.connect.converters.ByteArrayConverter',
      type: 'converter',
      version,
      load: async () => (await import('../converters/byte-array-converter.ts')).byteArrayConverter,
    },
    {
      className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
      type: 'header_converter',
      version,
      load: async () => (await import('../converters/simple-header-converter.ts')).simpleHeaderConverter,
    },
    {
      className: 'io.debezium.transforms.ExtractNewRecordState',
      type: 'transformation',
      version,
      load: async () => (await import('../transforms/extract-new-record-state.ts')).extractNewRecordState,
    },
  ]
}
