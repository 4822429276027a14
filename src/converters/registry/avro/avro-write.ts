import type { ByteWriter } from '../../../api/byte-writer.ts'
import { Decimal } from '../../../api/decimal.ts'
import { DataError } from '../../../api/errors.ts'
import { unscaledBytes, withScale } from '../../../api/json-decimal.ts'
import { LOGICAL } from '../../../api/json-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import { isStruct } from '../../../api/struct.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { ANYTHING } from './avro-anything.ts'
import { hasDefault, isAvroMap } from './avro-from-connect.ts'
import { branchField, isUnion, PARAMETER, scrubbed } from './avro-names.ts'
import type { AvroMapping } from './avro-options.ts'
import type { AvroField, AvroSchema } from './avro-schema.ts'

const MS_PER_DAY = 86_400_000
/** Below it the zigzag form of an integer is exact as a double. */
const MOST_EXACT = 2 ** 52

/** Writes a value in Avro's binary form. Throws `DataError`. */
export type AvroWrite = (value: ConnectValue, out: ByteWriter) => void

export interface AvroWriting {
  readonly mapping: AvroMapping
  /** Refuse a field that the Avro schema does not have, rather than leave it out. */
  readonly isStrict: boolean
}

/**
 * How values of a Connect schema are written with an Avro schema: the one made of it, or another in the registry, whose
 * fields are found by name. Compiled once for both, so that a value costs a call a field. Throws `DataError` where the
 * two do not fit.
 */
export function compileAvroWrite(schema: Schema | null, avro: AvroSchema, writing: AvroWriting): AvroWrite {
  if (schema === null) {
    if (avro === ANYTHING) return writeAnything
    throw unfit('Data without a schema', avro)
  }
  if (isUnion(schema) && schema.type === 'struct') return compileUnion(schema, avro, writing)
  if (avro.type !== 'union') {
    const write = compileValue(schema, avro, writing)
    return (value, out) => {
      if (value === null) throw requiredNull(schema)
      write(value, out)
    }
  }
  const branches = avro.branches!
  const nullIndex = branches.findIndex(({ type }) => type === 'null')
  const { index, write } = compileBranch(schema, branches, writing)
  return (value, out) => {
    if (value !== null) {
      writeInt(index, out)
      write(value, out)
    } else if (nullIndex >= 0 && schema.optional) writeInt(nullIndex, out)
    else throw requiredNull(schema)
  }
}

/** The first branch that takes the schema. */
function compileBranch(
  schema: Schema,
  branches: readonly AvroSchema[],
  writing: AvroWriting,
): { index: number; write: AvroWrite } {
  let problem: unknown = unfit(schema.name ?? schema.type, branches[0]!)
  for (const [index, branch] of branches.entries()) {
    if (branch.type === 'null') continue
    try {
      return { index, write: compileValue(schema, branch, writing) }
    } catch (error) {
      problem = error
    }
  }
  throw problem
}

function compileUnion(schema: Schema, avro: AvroSchema, writing: AvroWriting): AvroWrite {
  const branches = avro.type === 'union' ? avro.branches! : [avro]
  const writes = schema.fields!.map(({ name, schema: member }) => {
    const named = branches.findIndex((branch, index) => branchField(branch, index, writing.mapping) === name)
    return named >= 0
      ? { index: named, write: compileValue(member, branches[named]!, writing) }
      : compileBranch(member, branches, writing)
  })
  const nullIndex = branches.findIndex(({ type }) => type === 'null')
  return (value, out) => {
    if (value === null) {
      if (nullIndex < 0) throw requiredNull(schema)
      writeInt(nullIndex, out)
      return
    }
    if (!isStruct(value)) throw mismatch(schema, value)
    const set = writes.findIndex((_write, index) => value.at(index) !== null)
    if (set < 0) throw requiredNull(schema)
    if (avro.type === 'union') writeInt(writes[set]!.index, out)
    writes[set]!.write(value.at(set), out)
  }
}

function compileValue(schema: Schema, avro: AvroSchema, writing: AvroWriting): AvroWrite {
  const { type } = schema
  switch (avro.type) {
    case 'boolean':
      if (type === 'boolean') return (value, out) => writeByte(value === true ? 1 : 0, out)
      break
    case 'int':
      if (type === 'int8' || type === 'int16' || type === 'int32') return integerWrite(schema)
      break
    case 'long':
      if (type === 'int64' || type === 'int8' || type === 'int16' || type === 'int32') {
        return integerWrite(schema)
      }
      break
    case 'float':
      if (type === 'float') return (value, out) => writeFloat(numberOf(schema, value), out)
      break
    case 'double':
      if (type === 'float' || type === 'double') {
        return (value, out) => writeDouble(numberOf(schema, value), out)
      }
      break
    case 'string':
      if (type === 'string') return (value, out) => writeText(textOf(schema, value), out)
      break
    case 'enum':
      if (type === 'string') return enumWrite(schema, avro)
      break
    case 'bytes':
      if (type === 'bytes') return (value, out) => writeBytes(bytesOf(schema, value), out)
      break
    case 'fixed':
      if (type === 'bytes') return fixedWrite(schema, avro)
      break
    case 'array':
      if (type === 'array') return arrayWrite(schema, avro, writing)
      if (type === 'map' && avro.items!.type === 'record') return entriesWrite(schema, avro, writing)
      break
    case 'map':
      if (type === 'map' && isAvroMap(schema, writing.mapping)) return mapWrite(schema, avro, writing)
      break
    case 'record':
      if (type === 'struct') return recordWrite(schema, avro, writing)
      break
    case 'union':
    case 'null':
      break
  }
  throw unfit(schema.name ?? type, avro)
}

function recordWrite(schema: Schema, avro: AvroSchema, writing: AvroWriting): AvroWrite {
  const { mapping, isStrict } = writing
  const sources = new Map(schema.fields!.map(({ name }, index) => [scrubbed(name, mapping), index]))
  const writes = avro.fields!.map((field): AvroWrite => {
    const index = sources.get(field.name)
    if (index === undefined) return missingFieldWrite(field, avro)
    sources.delete(field.name)
    const member = schema.fields![index]!.schema
    const write = compileAvroWrite(member, field.schema, writing)
    const fallback = mapping.ignoreDefaultForNullables || !hasDefault(member) ? null : member.default!
    return (struct, out) => {
      if (!isStruct(struct)) throw mismatch(schema, struct)
      write(struct.at(index) ?? fallback, out)
    }
  })
  if (isStrict && sources.size > 0) {
    throw new DataError(
      'registry.schema-incompatible',
      `The schema in the registry, ${avro.name}, has no field ${[...sources.keys()].join(', ')}. Register one that has, or set latest.compatibility.strict=false (with use.schema.id: id.compatibility.strict=false) to leave it out`,
    )
  }
  return (value, out) => {
    for (const write of writes) write(value, out)
  }
}

/** What a field of the registry's schema gets that the record does not have: null, its default. */
function missingFieldWrite(field: AvroField, avro: AvroSchema): AvroWrite {
  const branches = field.schema.type === 'union' ? field.schema.branches! : [field.schema]
  const nullIndex = branches.findIndex(({ type }) => type === 'null')
  if (field.default === null && nullIndex >= 0) {
    return (_struct, out) => field.schema.type === 'union' && writeInt(nullIndex, out)
  }
  const { default: fallback } = field
  const type = branches[0]!.type
  const schema = DEFAULT_TYPES.get(type)
  if (fallback !== undefined && schema !== undefined) {
    const write = compileValue(schema, branches[0]!, { mapping: NO_MAPPING, isStrict: true })
    const value = type === 'bytes' ? Buffer.from(fallback as string, 'latin1') : fallback
    return (_struct, out) => {
      if (field.schema.type === 'union') writeInt(0, out)
      write(typeof value === 'bigint' && schema.type !== 'int64' ? Number(value) : value, out)
    }
  }
  throw new DataError(
    'registry.schema-incompatible',
    `The schema in the registry, ${avro.name}, has a field ${field.name} without a simple default that the record does not have`,
  )
}

const DEFAULT_TYPES: ReadonlyMap<string, Schema> = new Map([
  ['int', { type: 'int32', optional: false }],
  ['long', { type: 'int64', optional: false }],
  ['float', { type: 'float', optional: false }],
  ['double', { type: 'double', optional: false }],
  ['boolean', { type: 'boolean', optional: false }],
  ['string', { type: 'string', optional: false }],
  ['enum', { type: 'string', optional: false }],
  ['bytes', { type: 'bytes', optional: false }],
] as const)

const NO_MAPPING: AvroMapping = {
  generalizedSumTypes: false,
  ignoreDefaultForNullables: true,
  enhanced: false,
  scrubNames: false,
  metaData: false,
  discardTypeDocDefault: false,
  allowOptionalMapKeys: false,
  flattenSingletonUnions: true,
}

function arrayWrite(schema: Schema, avro: AvroSchema, writing: AvroWriting): AvroWrite {
  const write = compileAvroWrite(schema.valueSchema!, avro.items!, writing)
  return (value, out) => {
    if (!Array.isArray(value)) throw mismatch(schema, value)
    const items = value as readonly ConnectValue[]
    if (items.length > 0) writeInt(items.length, out)
    for (const item of items) write(item, out)
    writeByte(0, out)
  }
}

function mapWrite(schema: Schema, avro: AvroSchema, writing: AvroWriting): AvroWrite {
  const write = compileAvroWrite(schema.valueSchema!, avro.items!, writing)
  return (value, out) => {
    if (!(value instanceof Map)) throw mismatch(schema, value)
    const entries = value as ReadonlyMap<ConnectValue, ConnectValue>
    if (entries.size > 0) writeInt(entries.size, out)
    for (const [key, entry] of entries) {
      writeText(textOf(schema.keySchema!, key), out)
      write(entry, out)
    }
    writeByte(0, out)
  }
}

function entriesWrite(schema: Schema, avro: AvroSchema, writing: AvroWriting): AvroWrite {
  const [key, entry] = avro.items!.fields!
  if (key?.name !== 'key' || entry?.name !== 'value') throw unfit(schema.name ?? 'map', avro)
  const writeKey = compileAvroWrite(schema.keySchema!, key.schema, writing)
  const writeEntry = compileAvroWrite(schema.valueSchema!, entry.schema, writing)
  return (value, out) => {
    if (!(value instanceof Map)) throw mismatch(schema, value)
    const entries = value as ReadonlyMap<ConnectValue, ConnectValue>
    if (entries.size > 0) writeInt(entries.size, out)
    for (const [name, member] of entries) {
      writeKey(name, out)
      writeEntry(member, out)
    }
    writeByte(0, out)
  }
}

function enumWrite(schema: Schema, avro: AvroSchema): AvroWrite {
  const ordinals = new Map(avro.symbols!.map((symbol, index) => [symbol, index]))
  const name = schema.parameters?.[PARAMETER.enum] ?? schema.name
  return (value, out) => {
    const symbol = textOf(schema, value)
    const ordinal = ordinals.get(symbol)
    if (ordinal === undefined) {
      throw new DataError('connect.data-invalid', `"${symbol}" is no symbol of enum ${name ?? avro.name}`)
    }
    writeInt(ordinal, out)
  }
}

function fixedWrite(schema: Schema, avro: AvroSchema): AvroWrite {
  const size = avro.size!
  return (value, out) => {
    const bytes = bytesOf(schema, value)
    const isDecimal = value instanceof Decimal
    if (isDecimal ? bytes.length > size : bytes.length !== size) {
      throw new DataError('connect.data-invalid', `${bytes.length} bytes do not fit a fixed type of ${size}`)
    }
    const sign = isDecimal && value.unscaled < 0n ? 0xff : 0
    for (let i = bytes.length; i < size; i++) writeByte(sign, out)
    out.copy(bytes, 0, bytes.length)
  }
}

function integerWrite(schema: Schema): AvroWrite {
  if (schema.name === LOGICAL.date) {
    return (value, out) => writeInt(Math.floor(dateOf(schema, value) / MS_PER_DAY), out)
  }
  if (schema.name === LOGICAL.time || schema.name === LOGICAL.timestamp) {
    return (value, out) => writeInt(dateOf(schema, value), out)
  }
  return (value, out) => {
    if (typeof value === 'number') writeInt(value, out)
    else if (typeof value === 'bigint') writeLong(value, out)
    else throw mismatch(schema, value)
  }
}

/** Data without a schema: the field of `Anything` that its type says, all others null. */
const writeAnything: AvroWrite = (value, out) => {
  const field = anythingField(value)
  for (let index = 0; index < field.index; index++) writeByte(0, out)
  if (field.index < ANYTHING.fields!.length) {
    writeInt(1, out)
    field.write(value, out)
  }
  for (let index = field.index + 1; index < ANYTHING.fields!.length; index++) writeByte(0, out)
}

function anythingField(value: ConnectValue): { index: number; write: AvroWrite } {
  const at = (name: string, write: AvroWrite) => ({
    index: ANYTHING.fields!.findIndex((field) => field.name === name),
    write,
  })
  if (value === null) return { index: ANYTHING.fields!.length, write: writeAnything }
  if (typeof value === 'boolean') return at('boolean', (v, out) => writeByte(v === true ? 1 : 0, out))
  if (typeof value === 'number') return at('double', (v, out) => writeDouble(v as number, out))
  if (typeof value === 'string') return at('string', (v, out) => writeText(v as string, out))
  if (value instanceof Uint8Array) return at('bytes', (v, out) => writeBytes(v as Uint8Array, out))
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw noSchemaless(value)
    return at('long', (v, out) => writeLong(v as bigint, out))
  }
  if (Array.isArray(value)) {
    return at('array', (list, out) => {
      const items = list as readonly ConnectValue[]
      if (items.length > 0) writeInt(items.length, out)
      for (const item of items) writeAnything(item, out)
      writeByte(0, out)
    })
  }
  if (value instanceof Map) {
    return at('map', (map, out) => {
      const entries = map as ReadonlyMap<ConnectValue, ConnectValue>
      if (entries.size > 0) writeInt(entries.size, out)
      for (const [key, entry] of entries) {
        writeAnything(key, out)
        writeAnything(entry, out)
      }
      writeByte(0, out)
    })
  }
  throw noSchemaless(value)
}

function writeByte(byte: number, out: ByteWriter): void {
  out.ensure(1)
  out.bytes[out.position++] = byte
}

/** An integer that is exact as a double, as a variable-length zigzag number. */
function writeInt(value: number, out: ByteWriter): void {
  if (!(Math.abs(value) < MOST_EXACT)) {
    writeLong(BigInt(value), out)
    return
  }
  let rest = value < 0 ? -2 * value - 1 : 2 * value
  out.ensure(10)
  const { bytes } = out
  let { position } = out
  while (rest > 0x7fffffff) {
    bytes[position++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  let small = rest | 0
  while (small > 0x7f) {
    bytes[position++] = (small & 0x7f) | 0x80
    small >>>= 7
  }
  bytes[position++] = small
  out.position = position
}

function writeLong(value: bigint, out: ByteWriter): void {
  const double = Number(value)
  if (Math.abs(double) < MOST_EXACT) {
    writeInt(double, out)
    return
  }
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  out.ensure(10)
  while (rest > 0x7fn) {
    out.bytes[out.position++] = Number(rest & 0x7fn) | 0x80
    rest >>= 7n
  }
  out.bytes[out.position++] = Number(rest)
}

function writeFloat(value: number, out: ByteWriter): void {
  out.ensure(4)
  out.bytes.writeFloatLE(value, out.position)
  out.position += 4
}

function writeDouble(value: number, out: ByteWriter): void {
  out.ensure(8)
  out.bytes.writeDoubleLE(value, out.position)
  out.position += 8
}

function writeText(text: string, out: ByteWriter): void {
  writeInt(Buffer.byteLength(text), out)
  out.utf8(text)
}

function writeBytes(bytes: Uint8Array, out: ByteWriter): void {
  writeInt(bytes.length, out)
  out.copy(bytes, 0, bytes.length)
}

function numberOf(schema: Schema, value: ConnectValue): number {
  if (typeof value !== 'number') throw mismatch(schema, value)
  return value
}

function textOf(schema: Schema, value: ConnectValue): string {
  if (typeof value !== 'string') throw mismatch(schema, value)
  return value
}

function dateOf(schema: Schema, value: ConnectValue): number {
  if (!(value instanceof Date)) throw mismatch(schema, value)
  return value.getTime()
}

/** The bytes of a value of a `bytes` schema. */
export function bytesOf(schema: Schema, value: ConnectValue): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (!(value instanceof Decimal)) throw mismatch(schema, value)
  const scale = Number(schema.parameters?.['scale'] ?? 0)
  const scaled = withScale(value, scale)
  if (scaled !== null) return unscaledBytes(scaled.unscaled)
  throw new DataError(
    'connect.data-invalid',
    `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
  )
}

function requiredNull(schema: Schema): DataError {
  const name = schema.name === undefined ? schema.type : `${schema.type} ${schema.name}`
  return new DataError('connect.data-invalid', `Found null value for non-optional schema: ${name}`)
}

function mismatch(schema: Schema, value: ConnectValue): DataError {
  const given = typeof value === 'object' ? (value?.constructor.name ?? 'null') : typeof value
  return new DataError('connect.data-invalid', `Invalid type for ${schema.name ?? schema.type}: ${given}`)
}

function noSchemaless(value: ConnectValue): DataError {
  const given = typeof value === 'object' ? (value?.constructor.name ?? 'null') : typeof value
  return new DataError('connect.data-invalid', `Avro has no place for data without a schema of type ${given}`)
}

function unfit(what: string, avro: AvroSchema): DataError {
  return new DataError(
    'registry.schema-incompatible',
    `${what} cannot be written as Avro ${avro.name ?? avro.type}`,
  )
}
