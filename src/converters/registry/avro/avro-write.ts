import type { ByteWriter } from '../../../api/byte-writer.ts'
import { DataError } from '../../../api/errors.ts'
import type { Schema } from '../../../api/schema.ts'
import { isStruct } from '../../../api/struct.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { bytesOf, mismatch, numberOf, requiredNull, textOf } from '../connect-values.ts'
import { ANYTHING } from './avro-anything.ts'
import { writeByte, writeBytes, writeDouble, writeFloat, writeInt, writeText } from './avro-binary.ts'
import { hasDefault, isAvroMap } from './avro-from-connect.ts'
import { branchField, isUnion, scrubbed } from './avro-names.ts'
import type { AvroMapping } from './avro-options.ts'
import type { AvroSchema } from './avro-schema.ts'
import { writeAnything } from './avro-write-anything.ts'
import { compileDefaultWrite } from './avro-write-default.ts'
import { enumWrite, fixedWrite, integerWrite } from './avro-write-scalar.ts'

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
    if (index === undefined) return compileDefaultWrite(field, avro)
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

function unfit(what: string, avro: AvroSchema): DataError {
  return new DataError(
    'registry.schema-incompatible',
    `${what} cannot be written as Avro ${avro.name ?? avro.type}`,
  )
}
