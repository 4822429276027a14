import { Decimal } from '../../api/decimal.ts'
import type { ConnectRecord } from '../../api/record.ts'
import type { Schema } from '../../api/schema.ts'
import { isStruct, type Struct } from '../../api/struct.ts'
import type { ConnectValue } from '../../api/value.ts'

const STRUCT_BYTES = 56
const STRING_BYTES = 56
const BYTES_BYTES = 24
const ARRAY_BYTES = 64
const MAP_BYTES = 88
const PRIMITIVE_BYTES = 24
const REFERENCE_BYTES = 8
const TIMESTAMP_BYTES = 8
const ENTRY_BYTES = 100
/** The source partition, and a source offset as it usually is. They are part of the reference's record, and not of this. */
const PLACE_ENTRIES = 7

/** A record's size by Debezium's rule, which counts what it takes in the memory of Java. */
export function estimatedSize({ topic, key, value, headers }: ConnectRecord): number {
  const entries = PLACE_ENTRIES + headers.length
  return (
    entries * ENTRY_BYTES + TIMESTAMP_BYTES + structSize(key) + structSize(value) + Buffer.byteLength(topic)
  )
}

function structSize(value: ConnectValue): number {
  if (!isStruct(value)) return 0
  const struct: Struct = value
  let size = STRUCT_BYTES
  for (const [i, { schema }] of struct.schema.fields!.entries()) {
    size += REFERENCE_BYTES + valueSize(schema, struct.at(i))
  }
  return size
}

function valueSize(schema: Schema, value: ConnectValue): number {
  if (schema.type === 'struct') return structSize(value)
  if (schema.type === 'string') return typeof value === 'string' ? STRING_BYTES + Buffer.byteLength(value) : 0
  if (schema.type === 'bytes') return bytesSize(value)
  if (schema.type === 'array') return arraySize(schema, value)
  return schema.type === 'map' ? mapSize(schema, value) : PRIMITIVE_BYTES
}

function bytesSize(value: ConnectValue): number {
  if (value instanceof Uint8Array) return BYTES_BYTES + value.length
  return value instanceof Decimal ? BYTES_BYTES + unscaledBytes(value.unscaled) : 0
}

/** Of the two's complement, with room for its sign. */
function unscaledBytes(unscaled: bigint): number {
  const magnitude = unscaled < 0n ? -unscaled - 1n : unscaled
  const bits = magnitude === 0n ? 0 : magnitude.toString(2).length
  return Math.floor(bits / 8) + 1
}

function arraySize(schema: Schema, elements: ConnectValue): number {
  if (!Array.isArray(elements)) return 0
  let size = ARRAY_BYTES
  for (const element of elements as readonly ConnectValue[])
    size += REFERENCE_BYTES + valueSize(schema.valueSchema!, element)
  return size
}

function mapSize(schema: Schema, entries: ConnectValue): number {
  if (!(entries instanceof Map)) return 0
  let size = MAP_BYTES
  for (const [key, value] of entries as ReadonlyMap<ConnectValue, ConnectValue>) {
    size += 2 * REFERENCE_BYTES + valueSize(schema.keySchema!, key) + valueSize(schema.valueSchema!, value)
  }
  return size
}
