import type { ConverterPlugin } from '../api/plugin.ts'
import type { PluginCatalogueEntry } from '../connect/plugin-catalogue.ts'

const VERSION = '4.3.1'
const REGISTRY_VERSION = '8.5.0'
const CONVERTERS = 'org.apache.kafka.connect.converters'
const DEBEZIUM_VERSION = '3.7.0.Final'
const delegating = () => import('../converters/delegating-bytes-converters.ts')
const numbers = () => import('../converters/number-converters.ts')

/** Kafka Connect's converters and Debezium's, each of which serves headers too, and Confluent's, which do not. */
export const converters: readonly PluginCatalogueEntry[] = [
  ...both(
    'org.apache.kafka.connect.json.JsonConverter',
    async () => (await import('../converters/json-converter.ts')).jsonConverter,
  ),
  ...both(
    'org.apache.kafka.connect.storage.StringConverter',
    async () => (await import('../converters/string-converter.ts')).stringConverter,
  ),
  ...both(
    `${CONVERTERS}.ByteArrayConverter`,
    async () => (await import('../converters/byte-array-converter.ts')).byteArrayConverter,
  ),
  ...both(
    `${CONVERTERS}.BooleanConverter`,
    async () => (await import('../converters/boolean-converter.ts')).booleanConverter,
  ),
  ...both(`${CONVERTERS}.ShortConverter`, async () => (await numbers()).shortConverter),
  ...both(`${CONVERTERS}.IntegerConverter`, async () => (await numbers()).integerConverter),
  ...both(`${CONVERTERS}.LongConverter`, async () => (await numbers()).longConverter),
  ...both(`${CONVERTERS}.FloatConverter`, async () => (await numbers()).floatConverter),
  ...both(`${CONVERTERS}.DoubleConverter`, async () => (await numbers()).doubleConverter),
  ...both(
    'io.debezium.converters.BinaryDataConverter',
    async () => (await delegating()).binaryDataConverter,
    DEBEZIUM_VERSION,
  ),
  ...both(
    'io.debezium.converters.ByteArrayConverter',
    async () => (await delegating()).debeziumByteArrayConverter,
    DEBEZIUM_VERSION,
  ),
  {
    className: 'io.debezium.converters.CloudEventsConverter',
    type: 'converter',
    version: DEBEZIUM_VERSION,
    load: async () =>
      (await import('../converters/cloud-events/cloud-events-converter.ts')).cloudEventsConverter,
  },
  {
    className: 'io.confluent.connect.avro.AvroConverter',
    type: 'converter',
    version: REGISTRY_VERSION,
    load: async () => (await import('../converters/registry/avro/avro-converter.ts')).avroConverter,
  },
  {
    className: 'io.confluent.connect.json.JsonSchemaConverter',
    type: 'converter',
    version: REGISTRY_VERSION,
    load: async () =>
      (await import('../converters/registry/json/json-schema-converter.ts')).jsonSchemaConverter,
  },
  {
    className: 'io.confluent.connect.protobuf.ProtobufConverter',
    type: 'converter',
    version: REGISTRY_VERSION,
    load: async () =>
      (await import('../converters/registry/protobuf/protobuf-converter.ts')).protobufConverter,
  },
]

function both(
  className: string,
  load: () => Promise<ConverterPlugin>,
  version = VERSION,
): readonly PluginCatalogueEntry[] {
  return [
    { className, type: 'converter', version, load },
    {
      className,
      type: 'header_converter',
      version,
      load: async () => (await import('../converters/header-form.ts')).headerForm(await load()),
    },
  ]
}
