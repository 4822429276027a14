import type { NameAdjustmentMode } from '../../api/adjust-name.ts'
import { ConfigDef, type ConnectorConfig, type OptionDefinitions } from '../../api/config-def.ts'
import { ConfigError } from '../../api/errors.ts'
import { withoutPrefix } from '../../api/without-prefix.ts'
import { converterType } from '../converter-options.ts'
import { readMetadataSources, type MetadataSources } from './metadata-sources.ts'

const options = {
  'converter.type': converterType,
  'serializer.type': {
    type: 'STRING',
    default: 'json',
    importance: 'HIGH',
    displayName: 'CloudEvents serializer type',
    documentation: 'What a cloud event is written as: json or avro.',
    validator: oneOf('json', 'avro'),
  },
  'data.serializer.type': {
    type: 'STRING',
    default: 'json',
    importance: 'HIGH',
    displayName: 'CloudEvents data serializer type',
    documentation:
      'What its data are written as: json or avro. In an event that is Avro they must be Avro too.',
    validator: oneOf('json', 'avro'),
  },
  'opentelemetry.tracing.attributes.enable': {
    type: 'BOOLEAN',
    default: false,
    importance: 'HIGH',
    displayName: 'Enable OpenTelemetry tracing attributes',
    documentation: 'Whether events have the attribute traceparent, which a header of that name must have.',
  },
  'extension.attributes.enable': {
    type: 'BOOLEAN',
    default: true,
    importance: 'HIGH',
    displayName: 'Enable extension attributes',
    documentation:
      'Whether events have the operation and all of the blocks source and transaction, as attributes that begin with iodebezium.',
  },
  'schema.name.adjustment.mode': {
    type: 'STRING',
    default: 'avro',
    importance: 'LOW',
    displayName: 'Schema name adjustment mode',
    documentation:
      'How the name of an event’s schema is made one that Avro allows: avro (other characters become underscores), avro_unicode (their codes), none.',
    validator: oneOf('none', 'avro', 'avro_unicode'),
  },
  'schema.cloudevents.name': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    displayName: 'CloudEvents schema name',
    documentation: 'The name of an event’s schema; else it is made of those of topic prefix and database.',
  },
  'schema.data.name.source.header.enable': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    displayName: 'Enable schema data name from header',
    documentation: 'Whether metadata.source may name a header for the name of the schema of an event’s data.',
  },
  'metadata.source': {
    type: 'LIST',
    default: ['value', 'id:generate', 'type:generate', 'traceparent:header', 'dataSchemaName:generate'],
    importance: 'HIGH',
    displayName: 'Metadata source',
    documentation:
      'Where metadata are: first value or header, for operation, source and transaction. Then generate or header for id, type, traceparent and dataSchemaName: id:header. Headers must be of JsonConverter with schemas.enable=true.',
  },
} as const satisfies OptionDefinitions

/** Those of the converters of JSON and of Avro begin with `json.` and `avro.`. */
export const cloudEventsConfigDef = new ConfigDef(options)

type Serializer = 'json' | 'avro'

export interface CloudEventsOptions {
  readonly serializer: Serializer
  readonly dataSerializer: Serializer
  readonly hasTraceparent: boolean
  readonly hasExtensions: boolean
  readonly nameAdjustment: NameAdjustmentMode
  /** Null: it follows from the record. */
  readonly schemaName: string | null
  readonly metadata: MetadataSources
  /** Of `JsonConverter`. */
  readonly json: ConnectorConfig
  /** Data that are JSON have their schema beside them. */
  readonly hasDataSchemas: boolean
  /** Of `AvroConverter`; null where nothing is Avro. */
  readonly avro: ConnectorConfig | null
  /** Where schemas of data are told to be. */
  readonly registryUrls: string
}

/** Throws `ConfigError`, in the reference's words where it has some. */
export function cloudEventsOptions(config: ConnectorConfig): CloudEventsOptions {
  const parsed = cloudEventsConfigDef.parse({ 'converter.type': 'value', ...config })
  const serializer = lowerCase(parsed['serializer.type']) as Serializer
  const dataSerializer = lowerCase(parsed['data.serializer.type']) as Serializer
  if (serializer === 'avro' && dataSerializer === 'json') {
    throw invalid(
      "Cannot use 'application/json' data content type within Avro events: set data.serializer.type=avro as well",
    )
  }
  const avro = serializer === 'avro' || dataSerializer === 'avro' ? avroOptions(config) : null
  const json = withoutPrefix(config, 'json.')
  return {
    serializer,
    dataSerializer,
    hasTraceparent: parsed['opentelemetry.tracing.attributes.enable'],
    hasExtensions: parsed['extension.attributes.enable'],
    nameAdjustment: lowerCase(parsed['schema.name.adjustment.mode']) as NameAdjustmentMode,
    schemaName: parsed['schema.cloudevents.name'],
    metadata: readMetadataSources(parsed['metadata.source'], {
      mayTrace: parsed['opentelemetry.tracing.attributes.enable'],
      mayNameData: parsed['schema.data.name.source.header.enable'],
    }),
    json,
    hasDataSchemas: (json['schemas.enable'] ?? 'true').trim().toLowerCase() !== 'false',
    avro,
    registryUrls: avro?.[REGISTRY_URL] ?? '',
  }
}

const REGISTRY_URL = 'schema.registry.url'

function avroOptions(config: ConnectorConfig): ConnectorConfig {
  const avro = withoutPrefix(config, 'avro.')
  if ((avro[REGISTRY_URL] ?? '').trim() !== '') return avro
  const hint =
    avro['apicurio.registry.url'] === undefined
      ? `set avro.${REGISTRY_URL}`
      : `give the address of Apicurio's Confluent compatible interface as avro.${REGISTRY_URL}`
  throw invalid(`Need URL(s) for schema registry instances for CloudEvents when using Apache Avro: ${hint}`)
}

function oneOf(...allowed: readonly string[]) {
  return (value: unknown): string | null =>
    allowed.includes(lowerCase(String(value))) ? null : `Value must be one of ${allowed.join(', ')}`
}

function lowerCase(text: string): string {
  return text.trim().toLowerCase()
}

function invalid(message: string): ConfigError {
  return new ConfigError('connect.config-invalid', message)
}
