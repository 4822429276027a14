import { Decimal } from '../../../api/decimal.ts'
import { SerializationError } from '../../../api/errors.ts'
import { unscaledFromBytes } from '../../../api/json/json-decimal.ts'
import { LOGICAL } from '../../../api/json/json-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import { ValueStruct } from '../../../api/struct.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { ANYTHING } from './avro-anything.ts'
import type { ByteCursor } from './byte-cursor.ts'
import { isMapEntry } from './avro-to-connect.ts'
import type { AvroSchema } from './avro-schema.ts'

const MS_PER_DAY = 86_400_000

/** Reads a value in Avro's binary form. Throws `SerializationError` for bytes that are none. */
export type AvroRead = (cursor: ByteCursor) => ConnectValue

/** How data with an Avro schema is read as values of the Connect schema that was made of it; null for `Anything`. */
export function compileAvroRead(avro: AvroSchema, schema: Schema | null): AvroRead {
  return schema === null ? readAnything : new ReadCompiler().compile(avro, schema)
}

class ReadCompiler {
  /** Records under way, for those that hold themselves. */
  readonly #open = new Map<AvroSchema, { read: AvroRead }>()

  compile(avro: AvroSchema, schema: Schema): AvroRead {
    switch (avro.type) {
      case 'null':
        return () => null
      case 'boolean':
        return (cursor) => cursor.byte() !== 0
      case 'int':
        return integerRead(schema)
      case 'long':
        return schema.name === LOGICAL.timestamp
          ? (cursor) => new Date(Number(cursor.long()))
          : (cursor) => cursor.long()
      case 'float':
        return (cursor) => cursor.float()
      case 'double':
        return (cursor) => cursor.double()
      case 'string':
        return (cursor) => cursor.text()
      case 'bytes':
        return bytesRead(schema, (cursor) => cursor.bytes(cursor.length()))
      case 'fixed':
        return bytesRead(schema, (cursor) => cursor.bytes(avro.size!))
      case 'enum':
        return enumRead(avro)
      case 'array':
        return isMapEntry(avro.items!) ? this.#entries(avro, schema) : this.#array(avro, schema)
      case 'map':
        return this.#map(avro, schema)
      case 'record':
        return this.#record(avro, schema)
      case 'union':
        return this.#union(avro, schema)
    }
  }

  #array(avro: AvroSchema, schema: Schema): AvroRead {
    const read = this.compile(avro.items!, schema.valueSchema!)
    return (cursor) => {
      const items: ConnectValue[] = []
      for (let count = cursor.blockCount(); count > 0; count = cursor.blockCount()) {
        for (let i = 0; i < count; i++) items.push(read(cursor))
      }
      return items
    }
  }

  #map(avro: AvroSchema, schema: Schema): AvroRead {
    const read = this.compile(avro.items!, schema.valueSchema!)
    return (cursor) => {
      const entries = new Map<ConnectValue, ConnectValue>()
      for (let count = cursor.blockCount(); count > 0; count = cursor.blockCount()) {
        for (let i = 0; i < count; i++) entries.set(cursor.text(), read(cursor))
      }
      return entries
    }
  }

  #entries(avro: AvroSchema, schema: Schema): AvroRead {
    const [key, value] = avro.items!.fields!
    const readKey = this.compile(key!.schema, schema.keySchema!)
    const readValue = this.compile(value!.schema, schema.valueSchema!)
    return (cursor) => {
      const entries = new Map<ConnectValue, ConnectValue>()
      for (let count = cursor.blockCount(); count > 0; count = cursor.blockCount()) {
        for (let i = 0; i < count; i++) entries.set(readKey(cursor), readValue(cursor))
      }
      return entries
    }
  }

  #record(avro: AvroSchema, schema: Schema): AvroRead {
    const open = this.#open.get(avro)
    if (open !== undefined) return (cursor) => open.read(cursor)
    const own: { read: AvroRead } = { read: () => null }
    this.#open.set(avro, own)
    const fields = schema.fields!
    const reads = avro.fields!.map((field, index) => this.compile(field.schema, fields[index]!.schema))
    own.read = (cursor) => {
      cursor.enter()
      const values = Array.from<ConnectValue>({ length: reads.length })
      for (let i = 0; i < reads.length; i++) values[i] = reads[i]!(cursor)
      cursor.leave()
      return new ValueStruct(schema, values)
    }
    this.#open.delete(avro)
    return own.read
  }

  #union(avro: AvroSchema, schema: Schema): AvroRead {
    const branches = avro.branches!
    const isStruct = branches.filter(({ type }) => type !== 'null').length > 1
    let next = 0
    const reads = branches.map((branch): AvroRead => {
      if (branch.type === 'null') return () => null
      if (!isStruct) return this.compile(branch, schema)
      const index = next++
      const read = this.compile(branch, schema.fields![index]!.schema)
      return (cursor) => {
        const values: ConnectValue[] = schema.fields!.map(() => null)
        values[index] = read(cursor)
        return new ValueStruct(schema, values)
      }
    })
    return (cursor) => {
      const index = cursor.length()
      const read = reads[index]
      if (read === undefined) throw malformed(`a union of ${reads.length} types has no type ${index}`)
      return read(cursor)
    }
  }
}

function integerRead(schema: Schema): AvroRead {
  if (schema.name === LOGICAL.date) return (cursor) => new Date(cursor.int() * MS_PER_DAY)
  if (schema.name === LOGICAL.time) return (cursor) => new Date(cursor.int())
  return (cursor) => cursor.int()
}

function bytesRead(schema: Schema, read: (cursor: ByteCursor) => Buffer): AvroRead {
  if (schema.name !== LOGICAL.decimal) return (cursor) => Buffer.from(read(cursor))
  const scale = Number(schema.parameters?.['scale'] ?? 0)
  return (cursor) => new Decimal(unscaledFromBytes(read(cursor)), scale)
}

function enumRead({ symbols }: AvroSchema): AvroRead {
  return (cursor) => {
    const index = cursor.length()
    const symbol = symbols![index]
    if (symbol === undefined) throw malformed(`an enum of ${symbols!.length} symbols has no symbol ${index}`)
    return symbol
  }
}

/** Data without a schema: the one field of `Anything` that is set. */
const readAnything: AvroRead = (cursor) => {
  cursor.enter()
  let found: ConnectValue = null
  for (const field of ANYTHING.fields!) {
    if (cursor.length() === 0) continue
    found = ANYTHING_READS[field.name]!(cursor)
  }
  cursor.leave()
  return found
}

const ANYTHING_READS: Readonly<Record<string, AvroRead>> = {
  boolean: (cursor) => cursor.byte() !== 0,
  bytes: (cursor) => Buffer.from(cursor.bytes(cursor.length())),
  double: (cursor) => cursor.double(),
  float: (cursor) => cursor.float(),
  int: (cursor) => BigInt(cursor.int()),
  long: (cursor) => cursor.long(),
  string: (cursor) => cursor.text(),
  array: (cursor) => {
    const items: ConnectValue[] = []
    for (let count = cursor.blockCount(); count > 0; count = cursor.blockCount()) {
      for (let i = 0; i < count; i++) items.push(readAnything(cursor))
    }
    return items
  },
  map: (cursor) => {
    const entries = new Map<ConnectValue, ConnectValue>()
    for (let count = cursor.blockCount(); count > 0; count = cursor.blockCount()) {
      for (let i = 0; i < count; i++) entries.set(readAnything(cursor), readAnything(cursor))
    }
    return entries
  },
}

function malformed(reason: string): SerializationError {
  return new SerializationError('connect.data-invalid', `Error deserializing Avro message: ${reason}`)
}
