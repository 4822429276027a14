import type { PluginCatalogueEntry } from '../connect/plugin-catalogue.ts'
import { converters } from './converter-catalogue.ts'
import { predicates, transformations } from './transformation-catalogue.ts'

/**
 * The plugins that tailrace brings, with the versions of the reference whose behaviour they have: tools compare them. The
 * code is loaded by who uses it: threads that run no connector of a kind do not carry its code.
 */
export const builtInPlugins: readonly PluginCatalogueEntry[] = [
  {
    className: 'io.debezium.connector.postgresql.PostgresConnector',
    type: 'source',
    version: '3.7.0.Final',
    load: async () => (await import('../postgres/connector.ts')).postgresConnector,
  },
  {
    className: 'io.confluent.connect.elasticsearch.ElasticsearchSinkConnector',
    type: 'sink',
    version: '15.1.3',
    load: async () => (await import('../elasticsearch/connector.ts')).elasticsearchSinkConnector,
  },
  {
    className: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
    type: 'source',
    version: '4.3.1',
    load: async () => (await import('../filestream/source-connector.ts')).fileStreamSourceConnector,
  },
  {
    className: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    type: 'sink',
    version: '4.3.1',
    load: async () => (await import('../filestream/sink-connector.ts')).fileStreamSinkConnector,
  },
  {
    className: 'tailrace.DatagenSourceConnector',
    type: 'source',
    version: '1.0.0',
    aliases: ['io.confluent.kafka.connect.datagen.DatagenConnector', 'DatagenConnector', 'Datagen'],
    load: async () => (await import('../datagen/source-connector.ts')).datagenSourceConnector,
  },
  ...converters,
  {
    className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    type: 'header_converter',
    version: '4.3.1',
    load: async () => (await import('../converters/simple-header-converter.ts')).simpleHeaderConverter,
  },
  ...transformations,
  ...predicates,
]
