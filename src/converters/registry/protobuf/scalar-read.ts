import { DataError } from '../../../api/errors.ts'
import type { Schema } from '../../../api/schema.ts'
import type { ConnectValue } from '../../../api/value.ts'
import type { ProtoField, ProtoType, ScalarType } from './proto-schema.ts'
import { WIRE } from './wire-write.ts'
import type { WireCursor } from './wire-cursor.ts'

/** How the values of one type are read, without the tag. */
export interface ValueRead {
  readonly wireType: number
  /** Undefined for what counts as not written. */
  readonly read: (cursor: WireCursor) => ConnectValue | undefined
}

interface ScalarRead extends ValueRead {
  readonly read: (cursor: WireCursor) => ConnectValue
}

/** 32 bits without a sign are an int64 of Connect. */
const READS: Readonly<Record<ScalarType, ScalarRead>> = {
  int32: { wireType: WIRE.varint, read: (cursor) => cursor.int32() },
  sint32: { wireType: WIRE.varint, read: (cursor) => cursor.sint32() },
  sfixed32: { wireType: WIRE.fixed32, read: (cursor) => cursor.fixed32() | 0 },
  uint32: { wireType: WIRE.varint, read: (cursor) => BigInt(cursor.uint32()) },
  fixed32: { wireType: WIRE.fixed32, read: (cursor) => BigInt(cursor.fixed32()) },
  int64: { wireType: WIRE.varint, read: (cursor) => BigInt.asIntN(64, cursor.varint64()) },
  // As Java has it, which knows no long without a sign.
  uint64: { wireType: WIRE.varint, read: (cursor) => BigInt.asIntN(64, cursor.varint64()) },
  sint64: {
    wireType: WIRE.varint,
    read: (cursor) => {
      const value = cursor.varint64()
      return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
    },
  },
  fixed64: { wireType: WIRE.fixed64, read: (cursor) => BigInt.asIntN(64, cursor.fixed64()) },
  sfixed64: { wireType: WIRE.fixed64, read: (cursor) => BigInt.asIntN(64, cursor.fixed64()) },
  float: { wireType: WIRE.fixed32, read: (cursor) => cursor.float() },
  double: { wireType: WIRE.fixed64, read: (cursor) => cursor.double() },
  bool: { wireType: WIRE.varint, read: (cursor) => cursor.varint64() !== 0n },
  string: { wireType: WIRE.delimited, read: (cursor) => cursor.text() },
  bytes: { wireType: WIRE.delimited, read: (cursor) => Buffer.from(cursor.bytes()) },
}

export function scalarRead(scalar: ScalarType, { type }: Schema): ScalarRead {
  const read = READS[scalar]
  // Java's casts: the bits that have no place are lost.
  if (type === 'int8') return { ...read, read: (cursor) => (cursor.int32() << 24) >> 24 }
  if (type === 'int16') return { ...read, read: (cursor) => (cursor.int32() << 16) >> 16 }
  return read
}

/** Its number, or its name; one that an open enum does not have is called as the reference calls it. */
export function enumRead(
  { enum: { name, values }, isClosed }: Extract<ProtoType, { kind: 'enum' }>,
  { type }: Schema,
): ValueRead {
  const names = new Map<number, string>()
  for (const [symbol, number] of values) if (!names.has(number)) names.set(number, symbol)
  return {
    wireType: WIRE.varint,
    read: (cursor) => {
      const number = cursor.int32()
      const symbol = names.get(number)
      if (symbol === undefined && isClosed) return undefined
      return type === 'int32' ? number : (symbol ?? `UNKNOWN_ENUM_VALUE_${name}_${number}`)
    },
  }
}

/** The default that the text gives, or the type's. */
export function defaultValue({ type, default: given }: ProtoField, schema: Schema): ConnectValue {
  if (type.kind === 'enum') {
    const symbol = typeof given === 'string' ? given : type.enum.values.keys().next().value!
    return schema.type === 'int32' ? type.enum.values.get(symbol)! : symbol
  }
  switch (schema.type) {
    case 'boolean':
      return given === true
    case 'string':
      return typeof given === 'string' ? given : ''
    case 'bytes':
      return Buffer.from(typeof given === 'string' ? given : '', 'latin1')
    case 'int64':
      return BigInt(given ?? 0)
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float':
    case 'double':
      return Number(given ?? 0)
    case 'array':
    case 'map':
    case 'struct':
      throw new DataError('registry.schema-unsupported', `A ${schema.type} has no default in Protobuf`)
  }
}
