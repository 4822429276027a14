import { DataError } from '../../../api/errors.ts'
import type { ConnectValue } from '../../../api/value.ts'
import {
  writeByte,
  writeBytes,
  writeDouble,
  writeFloat,
  writeInt,
  writeLong,
  writeText,
} from './avro-binary.ts'
import type { AvroField, AvroSchema } from './avro-schema.ts'
import type { AvroWrite } from './avro-write.ts'

/** What a field of the registry's schema gets that the record does not have: null, its default. Throws `DataError`. */
export function compileDefaultWrite(field: AvroField, avro: AvroSchema): AvroWrite {
  const { schema, default: fallback } = field
  const isUnion = schema.type === 'union'
  const branches = isUnion ? schema.branches! : [schema]
  const nullIndex = branches.findIndex(({ type }) => type === 'null')
  if (fallback === null && nullIndex >= 0) return (_struct, out) => isUnion && writeInt(nullIndex, out)
  // The default of a union is one of its first branch.
  const write = fallback === undefined ? null : constantWrite(branches[0]!, fallback)
  if (write === null) {
    throw new DataError(
      'registry.schema-incompatible',
      `The schema in the registry, ${avro.name}, has a field ${field.name} without a simple default that the record does not have`,
    )
  }
  return (_struct, out) => {
    if (isUnion) writeInt(0, out)
    write(null, out)
  }
}

/** Null for types whose defaults are lists of others. */
function constantWrite(avro: AvroSchema, value: ConnectValue): AvroWrite | null {
  switch (avro.type) {
    case 'int':
      return (_value, out) => writeInt(Number(value), out)
    case 'long':
      return (_value, out) => writeLong(value as bigint, out)
    case 'float':
      return (_value, out) => writeFloat(Number(value), out)
    case 'double':
      return (_value, out) => writeDouble(Number(value), out)
    case 'boolean':
      return (_value, out) => writeByte(value === true ? 1 : 0, out)
    case 'string':
      return (_value, out) => writeText(value as string, out)
    case 'bytes': {
      // Avro's text for bytes: a character each.
      const bytes = Buffer.from(value as string, 'latin1')
      return (_value, out) => writeBytes(bytes, out)
    }
    case 'enum': {
      const ordinal = avro.symbols!.indexOf(value as string)
      return ordinal < 0 ? null : (_value, out) => writeInt(ordinal, out)
    }
    case 'null':
    case 'fixed':
    case 'array':
    case 'map':
    case 'record':
    case 'union':
      return null
  }
}
