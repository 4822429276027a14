import { DataError, SerializationError } from '../../api/errors.ts'
import type { Converter, ConverterPlugin, RecordWriter, SchemaAndValue } from '../../api/plugin.ts'
import type { EncodedHeader } from '../../api/record-batch.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import { jsonConverter } from '../json-converter.ts'
import { avroConverter } from '../registry/avro/avro-converter.ts'
import { cloudEventsConfigDef, cloudEventsOptions, type CloudEventsOptions } from './cloud-events-options.ts'
import { EventReader } from './event-reader.ts'
import { EventWriter } from './event-writer.ts'
import { MetadataHeaders } from './record-metadata.ts'

/** Debezium's converter to CloudEvents. What is no change of a row has no event, and becomes null. */
export class CloudEventsConverter implements Converter {
  readonly #writer: EventWriter
  readonly #reader: EventReader
  readonly #jsonHeader = jsonConverter.create({ 'schemas.enable': 'true' }, 'header')
  /** There only where the options look at headers. */
  declare readonly forHeaders?: (headers: readonly EncodedHeader[]) => RecordWriter

  /** @param avro null where nothing is Avro */
  constructor(options: CloudEventsOptions, avro: Converter | null) {
    this.#writer = new EventWriter(options, {
      json: jsonConverter.create({ ...options.json, 'schemas.enable': 'false' }, 'value'),
      jsonData: jsonConverter.create(options.json, 'value'),
      avro,
    })
    this.#reader = new EventReader(options, avro)
    if (options.metadata.usesHeaders) this.forHeaders = (headers) => this.#forHeaders(headers)
  }

  prepareToWrite(topic: string, schema: Schema | null, value: ConnectValue): Promise<void> | null {
    return this.#forHeaders([]).prepareToWrite!(topic, schema, value)
  }

  fromConnectData(topic: string, schema: Schema | null, value: ConnectValue): Uint8Array | null {
    return this.#forHeaders([]).fromConnectData(topic, schema, value)
  }

  prepareToRead(topic: string, bytes: Uint8Array | null): Promise<void> | null {
    return this.#reader.prepare(topic, bytes)
  }

  toConnectData(topic: string, bytes: Uint8Array | null): SchemaAndValue {
    try {
      return this.#reader.read(topic, bytes)
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error
      const message = 'Converting byte[] to Kafka Connect data failed due to serialization error: '
      throw new DataError('connect.data-invalid', message, { cause: error })
    }
  }

  #forHeaders(headers: readonly EncodedHeader[]): RecordWriter {
    const metadata = new MetadataHeaders(headers, this.#jsonHeader)
    return {
      prepareToWrite: (topic, schema, value) => this.#writer.prepare(topic, { schema, value }, metadata),
      fromConnectData: (topic, schema, value) => this.#writer.write(topic, { schema, value }, metadata),
    }
  }
}

export const cloudEventsConverter: ConverterPlugin = {
  type: 'converter',
  className: 'io.debezium.converters.CloudEventsConverter',
  version: '3.7.0.Final',
  configDef: cloudEventsConfigDef,
  create: (config) => {
    const options = cloudEventsOptions(config)
    return new CloudEventsConverter(
      options,
      options.avro === null ? null : avroConverter.create(options.avro, 'value'),
    )
  },
}
