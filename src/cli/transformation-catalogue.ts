import type { PredicatePlugin, TransformationPlugin } from '../api/plugin.ts'
import type { PluginCatalogueEntry } from '../connect/plugin-catalogue.ts'

const APACHE = 'org.apache.kafka.connect.transforms'
const APACHE_VERSION = '4.3.1'

export const transformations: readonly PluginCatalogueEntry[] = [
  debezium(
    'ByLogicalTableRouter',
    async () => (await import('../transforms/debezium/logical-topic-router.ts')).byLogicalTableRouter,
  ),
  debezium(
    'EnforceRecordSize',
    async () => (await import('../transforms/debezium/enforce-record-size.ts')).enforceRecordSize,
  ),
  debezium(
    'ExtractChangedRecordState',
    async () =>
      (await import('../transforms/debezium/extract-changed-record-state.ts')).extractChangedRecordState,
  ),
  debezium(
    'ExtractNewRecordState',
    async () => (await import('../transforms/debezium/extract-new-record-state.ts')).extractNewRecordState,
  ),
  debezium(
    'SchemaChangeEventFilter',
    async () =>
      (await import('../transforms/debezium/schema-change-event-filter.ts')).schemaChangeEventFilter,
  ),
  debezium(
    'ExtractSchemaToNewRecord',
    async () =>
      (await import('../transforms/debezium/extract-schema-to-new-record.ts')).extractSchemaToNewRecord,
  ),
  debezium(
    'SwapGeometryCoordinates',
    async () => (await import('../transforms/debezium/swap-geometry-coordinates.ts')).swapGeometryCoordinates,
  ),
  debezium(
    'GeometryFormatTransformer',
    async () =>
      (await import('../transforms/debezium/geometry-format-transformer.ts')).geometryFormatTransformer,
  ),
  debezium(
    'HeaderToValue',
    async () => (await import('../transforms/debezium/header-to-value.ts')).headerToValue,
  ),
  debezium(
    'TimezoneConverter',
    async () => (await import('../transforms/debezium/timezone-converter.ts')).timezoneConverter,
  ),
  debezium(
    'VectorToJsonConverter',
    async () => (await import('../transforms/debezium/vector-to-json-converter.ts')).vectorToJsonConverter,
  ),
  {
    ...debezium(
      'DecodeLogicalDecodingMessageContent',
      async () => (await import('../transforms/debezium/decode-logical-message.ts')).decodeLogicalMessage,
    ),
    className: 'io.debezium.connector.postgresql.transforms.DecodeLogicalDecodingMessageContent',
  },
  {
    ...debezium(
      'TimescaleDb',
      async () => (await import('../postgres/timescaledb/timescale-db.ts')).timescaleDb,
    ),
    className: 'io.debezium.connector.postgresql.transforms.timescaledb.TimescaleDb',
  },
  debezium(
    'tracing.ActivateTracingSpan',
    async () => (await import('../transforms/debezium/activate-tracing-span.ts')).activateTracingSpan,
  ),
  debezium(
    'partitions.PartitionRouting',
    async () => (await import('../transforms/debezium/partition-routing.ts')).partitionRouting,
  ),
  debezium(
    'ToLogicalTopicRouter',
    async () => (await import('../transforms/debezium/logical-topic-router.ts')).toLogicalTopicRouter,
  ),
  debezium(
    'outbox.EventRouter',
    async () => (await import('../transforms/debezium/outbox-event-router.ts')).outboxEventRouter,
  ),
  ...keyAndValue('Cast', async () => (await import('../transforms/apache/cast.ts')).cast),
  one('DropHeaders', async () => (await import('../transforms/apache/drop-headers.ts')).dropHeaders),
  ...keyAndValue(
    'ExtractField',
    async () => (await import('../transforms/apache/extract-field.ts')).extractField,
  ),
  one('Filter', async () => (await import('../transforms/apache/filter.ts')).filter),
  ...keyAndValue('Flatten', async () => (await import('../transforms/apache/flatten.ts')).flatten),
  ...keyAndValue('HeaderFrom', async () => (await import('../transforms/apache/header-from.ts')).headerFrom),
  ...keyAndValue('HoistField', async () => (await import('../transforms/apache/hoist-field.ts')).hoistField),
  ...keyAndValue(
    'InsertField',
    async () => (await import('../transforms/apache/insert-field.ts')).insertField,
  ),
  one('InsertHeader', async () => (await import('../transforms/apache/insert-header.ts')).insertHeader),
  ...keyAndValue('MaskField', async () => (await import('../transforms/apache/mask-field.ts')).maskField),
  one('RegexRouter', async () => (await import('../transforms/apache/regex-router.ts')).regexRouter),
  ...keyAndValue(
    'ReplaceField',
    async () => (await import('../transforms/apache/replace-field.ts')).replaceField,
  ),
  ...keyAndValue(
    'SetSchemaMetadata',
    async () => (await import('../transforms/apache/set-schema-metadata.ts')).setSchemaMetadata,
  ),
  ...keyAndValue(
    'TimestampConverter',
    async () => (await import('../transforms/apache/timestamp-converter.ts')).timestampConverter,
  ),
  one(
    'TimestampRouter',
    async () => (await import('../transforms/apache/timestamp-router.ts')).timestampRouter,
  ),
  one('ValueToKey', async () => (await import('../transforms/apache/value-to-key.ts')).valueToKey),
]

export const predicates: readonly PluginCatalogueEntry[] = [
  predicate('HasHeaderKey', async () => (await import('../predicates/has-header-key.ts')).hasHeaderKey),
  predicate(
    'RecordIsTombstone',
    async () => (await import('../predicates/record-is-tombstone.ts')).recordIsTombstone,
  ),
  predicate(
    'TopicNameMatches',
    async () => (await import('../predicates/topic-name-matches.ts')).topicNameMatches,
  ),
]

function debezium(name: string, load: () => Promise<TransformationPlugin>): PluginCatalogueEntry {
  const className = `io.debezium.transforms.${name}`
  return { className, type: 'transformation', version: '3.7.0.Final', load }
}

function one(name: string, load: () => Promise<TransformationPlugin>): PluginCatalogueEntry {
  return { className: `${APACHE}.${name}`, type: 'transformation', version: APACHE_VERSION, load }
}

function keyAndValue(
  name: string,
  load: () => Promise<{ readonly key: TransformationPlugin; readonly value: TransformationPlugin }>,
): readonly PluginCatalogueEntry[] {
  return [
    one(`${name}$Key`, async () => (await load()).key),
    one(`${name}$Value`, async () => (await load()).value),
  ]
}

function predicate(name: string, load: () => Promise<PredicatePlugin>): PluginCatalogueEntry {
  const className = `${APACHE}.predicates.${name}`
  return { className, type: 'predicate', version: APACHE_VERSION, load }
}
