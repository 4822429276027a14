import type { PredicatePlugin, TransformationPlugin } from '../api/plugin.ts'
import type { PluginCatalogueEntry } from '../connect/plugin-catalogue.ts'

const APACHE = 'org.apache.kafka.connect.transforms'
const APACHE_VERSION = '4.3.1'

export const transformations: readonly PluginCatalogueEntry[] = [
  debezium(
    'ByLogicalTableRouter',
    async () => (await import('../transforms/logical-topic-router.ts')).byLogicalTableRouter,
  ),
  debezium(
    'EnforceRecordSize',
    async () => (await import('../transforms/enforce-record-size.ts')).enforceRecordSize,
  ),
  debezium(
    'ExtractChangedRecordState',
    async () => (await import('../transforms/extract-changed-record-state.ts')).extractChangedRecordState,
  ),
  debezium(
    'ExtractNewRecordState',
    async () => (await import('../transforms/extract-new-record-state.ts')).extractNewRecordState,
  ),
  debezium(
    'SchemaChangeEventFilter',
    async () => (await import('../transforms/schema-change-event-filter.ts')).schemaChangeEventFilter,
  ),
  debezium(
    'ExtractSchemaToNewRecord',
    async () => (await import('../transforms/extract-schema-to-new-record.ts')).extractSchemaToNewRecord,
  ),
  debezium(
    'SwapGeometryCoordinates',
    async () => (await import('../transforms/swap-geometry-coordinates.ts')).swapGeometryCoordinates,
  ),
  debezium(
    'GeometryFormatTransformer',
    async () => (await import('../transforms/geometry-format-transformer.ts')).geometryFormatTransformer,
  ),
  debezium('HeaderToValue', async () => (await import('../transforms/header-to-value.ts')).headerToValue),
  debezium(
    'TimezoneConverter',
    async () => (await import('../transforms/timezone-converter.ts')).timezoneConverter,
  ),
  debezium(
    'VectorToJsonConverter',
    async () => (await import('../transforms/vector-to-json-converter.ts')).vectorToJsonConverter,
  ),
  {
    ...debezium(
      'DecodeLogicalDecodingMessageContent',
      async () => (await import('../transforms/decode-logical-message.ts')).decodeLogicalMessage,
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
    async () => (await import('../transforms/activate-tracing-span.ts')).activateTracingSpan,
  ),
  debezium(
    'partitions.PartitionRouting',
    async () => (await import('../transforms/partition-routing.ts')).partitionRouting,
  ),
  debezium(
    'ToLogicalTopicRouter',
    async () => (await import('../transforms/logical-topic-router.ts')).toLogicalTopicRouter,
  ),
  debezium(
    'outbox.EventRouter',
    async () => (await import('../transforms/outbox-event-router.ts')).outboxEventRouter,
  ),
  ...keyAndValue('Cast', async () => (await import('../transforms/cast.ts')).cast),
  one('DropHeaders', async () => (await import('../transforms/drop-headers.ts')).dropHeaders),
  ...keyAndValue('ExtractField', async () => (await import('../transforms/extract-field.ts')).extractField),
  one('Filter', async () => (await import('../transforms/filter.ts')).filter),
  ...keyAndValue('Flatten', async () => (await import('../transforms/flatten.ts')).flatten),
  ...keyAndValue('HeaderFrom', async () => (await import('../transforms/header-from.ts')).headerFrom),
  ...keyAndValue('HoistField', async () => (await import('../transforms/hoist-field.ts')).hoistField),
  ...keyAndValue('InsertField', async () => (await import('../transforms/insert-field.ts')).insertField),
  one('InsertHeader', async () => (await import('../transforms/insert-header.ts')).insertHeader),
  ...keyAndValue('MaskField', async () => (await import('../transforms/mask-field.ts')).maskField),
  one('RegexRouter', async () => (await import('../transforms/regex-router.ts')).regexRouter),
  ...keyAndValue('ReplaceField', async () => (await import('../transforms/replace-field.ts')).replaceField),
  ...keyAndValue(
    'SetSchemaMetadata',
    async () => (await import('../transforms/set-schema-metadata.ts')).setSchemaMetadata,
  ),
  ...keyAndValue(
    'TimestampConverter',
    async () => (await import('../transforms/timestamp-converter.ts')).timestampConverter,
  ),
  one('TimestampRouter', async () => (await import('../transforms/timestamp-router.ts')).timestampRouter),
  one('ValueToKey', async () => (await import('../transforms/value-to-key.ts')).valueToKey),
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
