import type { Converter, SchemaAndValue } from '../../../api/plugin.ts'
import type { Schema } from '../../../api/schema.ts'
import type { ConnectValue } from '../../../api/value.ts'

/** As a source's task writes: what is missing is asked for, then the bytes are made at once. */
export async function written(
  converter: Converter,
  schema: Schema | null,
  value: ConnectValue,
  topic = 't',
): Promise<Uint8Array | null> {
  await converter.prepareToWrite?.(topic, schema, value)
  return converter.fromConnectData(topic, schema, value)
}

/** As a sink's task reads. */
export async function readBack(
  converter: Converter,
  bytes: Uint8Array | null,
  topic = 't',
): Promise<SchemaAndValue> {
  await converter.prepareToRead?.(topic, bytes)
  return converter.toConnectData(topic, bytes)
}
