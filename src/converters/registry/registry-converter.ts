import { ByteWriter } from '../../api/byte-writer.ts'
import type { ConnectorConfig } from '../../api/config-def.ts'
import { DataError, RetriableError, SerializationError } from '../../api/errors.ts'
import type { Converter, SchemaAndValue } from '../../api/plugin.ts'
import type { Schema } from '../../api/schema.ts'
import type { ConnectValue } from '../../api/value.ts'
import { RegisteredSchemas } from './registered-schemas.ts'
import { RegistryClient } from './registry-client.ts'
import { registryConnection, type RegistryConfig } from './registry-connection.ts'
import type { SchemaFormat } from './schema-format.ts'

const MAGIC = 0
/** The magic byte and the id of the schema. */
const HEADER_BYTES = 5

/** Data as Confluent's serializers write it: a zero byte, the id of the schema in the registry, and the payload. */
export class RegistryConverter implements Converter {
  readonly #format: SchemaFormat
  readonly #schemas: RegisteredSchemas
  readonly #out = new ByteWriter(1024)

  /** @param raw the options as given, for those with names of their own (`request.header.*`). Throws `ConfigError`. */
  constructor(
    format: SchemaFormat,
    config: RegistryConfig,
    { raw, role }: { readonly raw: ConnectorConfig; readonly role: 'key' | 'value' },
  ) {
    this.#format = format
    const client = new RegistryClient(registryConnection(config, raw))
    this.#schemas = new RegisteredSchemas({ client, format, config, role })
  }

  prepareToWrite(topic: string, schema: Schema | null, value: ConnectValue): Promise<void> | null {
    if (value === null) return null
    try {
      if (this.#schemas.target(topic, schema) !== null) return null
    } catch (error) {
      throw this.#unwritable(topic, error)
    }
    return this.#schemas.prepareTarget(topic, schema).catch((error: unknown) => {
      throw this.#unwritable(topic, error)
    })
  }

  prepareToRead(topic: string, bytes: Uint8Array | null): Promise<void> | null {
    if (bytes === null) return null
    const id = schemaId(bytes)
    if (id === null || this.#schemas.read(topic, id) !== null) return null
    return this.#schemas.prepareRead(topic, id).catch((error: unknown) => {
      throw this.#unreadable(topic, error)
    })
  }

  /** Null, with a schema or without, is no bytes at all. */
  fromConnectData(topic: string, schema: Schema | null, value: ConnectValue): Uint8Array | null {
    if (value === null) {
      if (schema === null || schema.optional) return null
      throw this.#unwritable(
        topic,
        new DataError('connect.data-invalid', 'Found null value for non-optional schema'),
      )
    }
    const out = this.#out
    try {
      const target = this.#schemas.target(topic, schema)
      if (target === null) throw unprepared()
      out.position = 0
      out.ensure(HEADER_BYTES)
      out.bytes[0] = MAGIC
      out.bytes.writeInt32BE(target.id, 1)
      out.position = HEADER_BYTES
      target.write(value, out)
      return Buffer.from(out.bytes.subarray(0, out.position))
    } catch (error) {
      throw this.#unwritable(topic, error)
    }
  }

  toConnectData(topic: string, bytes: Uint8Array | null): SchemaAndValue {
    if (bytes === null) return { schema: null, value: null }
    try {
      const id = schemaId(bytes)
      if (id === null) throw new SerializationError('connect.data-invalid', unknownMagic(bytes))
      const read = this.#schemas.read(topic, id)
      if (read === null) throw unprepared()
      return read(bytes, HEADER_BYTES)
    } catch (error) {
      throw this.#unreadable(topic, error)
    }
  }

  #unwritable(topic: string, error: unknown): unknown {
    if (!(error instanceof DataError)) return error
    const message = `Failed to serialize ${this.#format.label} data from topic ${topic} :`
    return new DataError(error.code, message, { cause: error })
  }

  #unreadable(topic: string, error: unknown): unknown {
    if (!(error instanceof DataError)) return error
    const message = `Failed to deserialize data for topic ${topic} to ${this.#format.label}: `
    return new DataError(error.code, message, { cause: error })
  }
}

/** Null for bytes that do not begin as they should. */
function schemaId(bytes: Uint8Array): number | null {
  if (bytes.length < HEADER_BYTES || bytes[0] !== MAGIC) return null
  return ((bytes[1]! << 24) | (bytes[2]! << 16) | (bytes[3]! << 8) | bytes[4]!) >>> 0
}

function unknownMagic(bytes: Uint8Array): string {
  const what = bytes.length < HEADER_BYTES ? `only ${bytes.length} bytes` : `first byte ${bytes[0]}`
  return `Unknown magic byte! (${what}: the topic was not written with a schema registry's serializer)`
}

/** The schema was dropped from memory since, or was never asked for; the task starts again and asks. */
function unprepared(): RetriableError {
  return new RetriableError('registry.unreachable', 'The schema registry was not asked for the schema yet')
}
