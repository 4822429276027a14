import type { ByteWriter } from '../../../api/byte-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { bytesOf, mismatch, numberOf, textOf } from '../connect-values.ts'
import type { ScalarType } from './proto-schema.ts'
import { writeVarint, writeVarint64 } from '../varint.ts'
import { WIRE, writeBytes, writeText } from './wire-write.ts'

/** How the values of one type are written, without the tag. Values are never null. */
export interface ScalarWrite {
  readonly wireType: number
  readonly write: (value: ConnectValue, out: ByteWriter) => void
  /** Whether a field that has no presence leaves the value out. */
  readonly isDefault: (value: ConnectValue) => boolean
}

const NUMBERS: ReadonlySet<Schema['type']> = new Set(['int8', 'int16', 'int32'])

/** Null where values of the Connect type do not fit the type of Protobuf. */
export function scalarWrite(schema: Schema, scalar: ScalarType): ScalarWrite | null {
  const { type } = schema
  const fits = CONNECT_TYPES[scalar].includes(type)
  if (!fits) return null
  const isNumber = NUMBERS.has(type)
  const long = (value: ConnectValue): bigint => {
    if (typeof value === 'bigint') return value
    if (typeof value === 'number') return BigInt(value)
    throw mismatch(schema, value)
  }
  const isZero = (value: ConnectValue): boolean => value === 0 || value === 0n
  switch (scalar) {
    case 'int32':
    case 'int64':
    case 'uint64':
      if (!isNumber)
        return { wireType: WIRE.varint, isDefault: isZero, write: (v, out) => writeVarint64(long(v), out) }
      return {
        wireType: WIRE.varint,
        isDefault: isZero,
        write: (value, out) => {
          const number = numberOf(schema, value)
          if (number >= 0) writeVarint(number, out)
          else writeVarint64(BigInt(number), out)
        },
      }
    case 'uint32':
      return {
        wireType: WIRE.varint,
        isDefault: isZero,
        write: (value, out) => writeVarint(Number(BigInt.asUintN(32, long(value))), out),
      }
    case 'sint32':
    case 'sint64':
      return {
        wireType: WIRE.varint,
        isDefault: isZero,
        write: (value, out) => {
          const number = long(value)
          writeVarint64(BigInt.asUintN(64, (number << 1n) ^ (number >> 63n)), out)
        },
      }
    case 'fixed32':
    case 'sfixed32':
      return {
        wireType: WIRE.fixed32,
        isDefault: isZero,
        write: (value, out) => out.int32(Number(BigInt.asIntN(32, long(value)))),
      }
    case 'fixed64':
    case 'sfixed64':
      return {
        wireType: WIRE.fixed64,
        isDefault: isZero,
        write: (value, out) => {
          out.ensure(8)
          out.position = out.bytes.writeBigUInt64LE(BigInt.asUintN(64, long(value)), out.position)
        },
      }
    case 'float':
      return {
        wireType: WIRE.fixed32,
        // A negative zero is no default.
        isDefault: (value) => Object.is(value, 0),
        write: (value, out) => {
          out.ensure(4)
          out.position = out.bytes.writeFloatLE(numberOf(schema, value), out.position)
        },
      }
    case 'double':
      return {
        wireType: WIRE.fixed64,
        isDefault: (value) => Object.is(value, 0),
        write: (value, out) => {
          out.ensure(8)
          out.position = out.bytes.writeDoubleLE(numberOf(schema, value), out.position)
        },
      }
    case 'bool':
      return {
        wireType: WIRE.varint,
        isDefault: (value) => value === false,
        write: (value, out) => {
          if (typeof value !== 'boolean') throw mismatch(schema, value)
          writeVarint(value ? 1 : 0, out)
        },
      }
    case 'string':
      return {
        wireType: WIRE.delimited,
        isDefault: (value) => value === '',
        write: (value, out) => writeText(textOf(schema, value), out),
      }
    case 'bytes':
      return {
        wireType: WIRE.delimited,
        isDefault: (value) => value instanceof Uint8Array && value.length === 0,
        write: (value, out) => writeBytes(bytesOf(schema, value), out),
      }
  }
}

const SMALL = ['int8', 'int16', 'int32'] as const
const ALL = [...SMALL, 'int64'] as const

/** The types whose values are written as these; 64 bits never as 32 with a sign, which could not hold them. */
const CONNECT_TYPES: Readonly<Record<ScalarType, readonly Schema['type'][]>> = {
  int32: SMALL,
  sint32: SMALL,
  sfixed32: SMALL,
  uint32: ['int64'],
  fixed32: ['int64'],
  int64: ALL,
  sint64: ALL,
  sfixed64: ALL,
  uint64: ALL,
  fixed64: ALL,
  float: ['float'],
  double: ['float', 'double'],
  bool: ['boolean'],
  string: ['string'],
  bytes: ['bytes'],
}
