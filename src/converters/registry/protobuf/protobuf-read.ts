import type { Schema } from '../../../api/schema.ts'
import { ValueStruct } from '../../../api/struct.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { LOGICAL_MESSAGES } from './logical-messages.ts'
import { TIME_MESSAGE, TIMESTAMP_MESSAGE } from './proto-names.ts'
import { isMapField, type ProtoField, type ProtoMessage, type ProtoType } from './proto-schema.ts'
import type { ProtobufMapping } from './protobuf-options.ts'
import { unionFieldName } from './protobuf-to-connect.ts'
import { defaultValue, enumRead, scalarRead, type ValueRead } from './scalar-read.ts'
import { WIRE } from './wire-write.ts'
import { WireCursor } from './wire-cursor.ts'

/** Reads the fields of a message up to the end that the cursor has. */
export type MessageRead = (cursor: WireCursor) => ConnectValue

/** Sets the struct's value of one field, after its tag. */
type FieldRead = (cursor: WireCursor, tag: number, values: ConnectValue[]) => void

interface StructRead {
  readonly fields: ReadonlyMap<number, FieldRead>
  /** What fields are that are not there. */
  readonly defaults: ConnectValue[]
}

const NO_ITEMS: readonly ConnectValue[] = []
const NO_BYTES = Buffer.alloc(0)
const NO_ENTRIES: ReadonlyMap<ConnectValue, ConnectValue> = new Map()

/** How messages are read as values of the schema that was made of them. Compiled once. */
export class MessageReads {
  readonly #mapping: ProtobufMapping
  readonly #structs = new Map<ProtoMessage, StructRead>()
  readonly #compiling = new Set<ProtoMessage>()

  constructor(mapping: ProtobufMapping) {
    this.#mapping = mapping
  }

  /** A whole record. */
  root(message: ProtoMessage, schema: Schema): MessageRead {
    return schema.type === 'struct' ? this.#struct(message, schema) : wrapperRead(message, schema)
  }

  #struct(message: ProtoMessage, schema: Schema): MessageRead {
    const struct = this.#structs.get(message) ?? this.#compile(message, schema)
    return (cursor) => {
      const values = struct.defaults.slice()
      for (let tag = cursor.tag(); tag !== 0; tag = cursor.tag()) {
        const read = struct.fields.get(tag >>> 3)
        if (read === undefined) cursor.skip(tag)
        else read(cursor, tag, values)
      }
      return new ValueStruct(schema, values)
    }
  }

  #compile(message: ProtoMessage, schema: Schema): StructRead {
    const fields = new Map<number, FieldRead>()
    const struct: StructRead = { fields, defaults: [] }
    this.#structs.set(message, struct)
    this.#compiling.add(message)
    const index = new Map(schema.fields!.map(({ name }, at) => [name, at]))
    for (const field of message.fields) {
      const { oneof } = field
      const name =
        oneof === null || this.#mapping.flattenUnions ? field.name : unionFieldName(oneof, this.#mapping)
      const at = index.get(name)!
      const member = schema.fields![at]!.schema
      if (oneof === null) {
        fields.set(field.number, this.#field(field, member, at))
        struct.defaults[at] = this.#default(field, member)
        continue
      }
      struct.defaults[at] = null
      const others = oneof.fields
        .map((other) => index.get(other.name) ?? -1)
        .filter((other) => other >= 0 && other !== at)
      fields.set(
        field.number,
        name === field.name
          ? this.#flatMember(field, member, { at, others })
          : this.#member(field, member, at),
      )
    }
    this.#compiling.delete(message)
    return struct
  }

  /** A member of a oneof, which unsets the others. */
  #member(field: ProtoField, union: Schema, at: number): FieldRead {
    const memberAt = union.fields!.findIndex(({ name }) => name === field.name)
    const read = this.#value(field.type, union.fields![memberAt]!.schema)
    const unset = union.fields!.map((): ConnectValue => null)
    return (cursor, tag, values) => {
      if (!isWritten(read, tag, cursor)) return
      const value = read.read(cursor)
      if (value === undefined) return
      const members: ConnectValue[] = unset.slice()
      members[memberAt] = value
      values[at] = new ValueStruct(union, members)
    }
  }

  #flatMember(
    field: ProtoField,
    schema: Schema,
    { at, others }: { readonly at: number; readonly others: readonly number[] },
  ): FieldRead {
    const read = this.#value(field.type, schema)
    return (cursor, tag, values) => {
      if (!isWritten(read, tag, cursor)) return
      const value = read.read(cursor)
      if (value === undefined) return
      for (const other of others) values[other] = null
      values[at] = value
    }
  }

  #field(field: ProtoField, schema: Schema, at: number): FieldRead {
    if (isMapField(field)) return this.#map(field, schema, at)
    if (field.isRepeated) return this.#list(field, schema, at)
    const read = this.#value(field.type, schema)
    return (cursor, tag, values) => {
      if (!isWritten(read, tag, cursor)) return
      const value = read.read(cursor)
      if (value !== undefined) values[at] = value
    }
  }

  /** Packed or not: both are allowed, whatever the schema says. */
  #list(field: ProtoField, schema: Schema, at: number): FieldRead {
    const read = this.#value(field.type, schema.valueSchema!)
    return (cursor, tag, values) => {
      const isPacked = (tag & 7) === WIRE.delimited && read.wireType !== WIRE.delimited
      if (!isPacked && !isWritten(read, tag, cursor)) return
      if (values[at] === NO_ITEMS) values[at] = []
      const items = values[at] as ConnectValue[]
      if (!isPacked) {
        addItem(items, read.read(cursor))
        return
      }
      const outer = cursor.enter()
      while (!cursor.isAtEnd) addItem(items, read.read(cursor))
      cursor.leave(outer)
    }
  }

  #map(field: ProtoField, schema: Schema, at: number): FieldRead {
    const { message } = field.type as Extract<ProtoType, { kind: 'message' }>
    const [keyField, valueField] = message.fields as [ProtoField, ProtoField]
    const readKey = this.#field(keyField, schema.keySchema!, 0)
    const readValue = this.#field(valueField, schema.valueSchema!, 1)
    const defaults = [
      this.#entryDefault(keyField, schema.keySchema!),
      this.#entryDefault(valueField, schema.valueSchema!),
    ]
    return (cursor, tag, values) => {
      if ((tag & 7) !== WIRE.delimited) {
        cursor.skip(tag)
        return
      }
      if (values[at] === NO_ENTRIES) values[at] = new Map()
      const entry = defaults.slice()
      const outer = cursor.enter()
      for (let part = cursor.tag(); part !== 0; part = cursor.tag()) {
        if (part >>> 3 === keyField.number) readKey(cursor, part, entry)
        else if (part >>> 3 === valueField.number) readValue(cursor, part, entry)
        else cursor.skip(part)
      }
      cursor.leave(outer)
      ;(values[at] as Map<ConnectValue, ConnectValue>).set(entry[0] ?? null, entry[1] ?? null)
    }
  }

  #value(type: ProtoType, schema: Schema): ValueRead {
    switch (type.kind) {
      case 'scalar':
        return scalarRead(type.scalar, schema)
      case 'enum':
        return enumRead(type, schema)
      case 'message':
        return this.#message(type.message, schema)
    }
  }

  #message(message: ProtoMessage, schema: Schema): ValueRead {
    const logical = LOGICAL_MESSAGES.get(schema.name ?? '')
    // A message that holds itself is not compiled yet.
    let read: MessageRead | null = logical?.read ?? null
    return {
      wireType: WIRE.delimited,
      read: (cursor) => {
        read ??= this.root(message, schema)
        const outer = cursor.enter()
        const value = read(cursor)
        cursor.leave(outer)
        return value
      },
    }
  }

  /** What a field is that is not there. */
  #default(field: ProtoField, schema: Schema): ConnectValue {
    if (isMapField(field)) return NO_ENTRIES
    if (field.isRepeated) return NO_ITEMS
    const { structForNulls, optionalForProto2 } = this.#mapping
    const { type, optional } = field
    if (type.kind === 'message') return structForNulls ? this.#defaultMessage(type.message, schema) : null
    const isNullable = optional === 'proto3' || (optional === 'proto2' && optionalForProto2)
    return isNullable && !structForNulls ? null : defaultValue(field, schema)
  }

  /** What a key or a value is that is not there: never null. */
  #entryDefault(field: ProtoField, schema: Schema): ConnectValue {
    const { type, isRepeated } = field
    if (isRepeated) return this.#default(field, schema)
    return type.kind === 'message' ? this.#defaultMessage(type.message, schema) : defaultValue(field, schema)
  }

  #defaultMessage(message: ProtoMessage, schema: Schema): ConnectValue {
    const isTime = message.fullName === TIME_MESSAGE || message.fullName === TIMESTAMP_MESSAGE
    if (LOGICAL_MESSAGES.has(schema.name ?? '')) return isTime ? new Date(0) : null
    // Within itself there would be no end.
    if (this.#compiling.has(message)) return null
    return this.root(message, schema)(new WireCursor(NO_BYTES, 0))
  }
}

/** The value in one of the wrapper messages. */
function wrapperRead(message: ProtoMessage, schema: Schema): MessageRead {
  const field = message.fields[0]!
  const { scalar } = field.type as Extract<ProtoType, { kind: 'scalar' }>
  const { wireType, read } = scalarRead(scalar, schema)
  const tag = field.number * 8 + wireType
  const absent = defaultValue(field, schema)
  return (cursor) => {
    let value = absent
    for (let next = cursor.tag(); next !== 0; next = cursor.tag()) {
      if (next === tag) value = read(cursor)
      else cursor.skip(next)
    }
    return value
  }
}

function addItem(items: ConnectValue[], item: ConnectValue | undefined): void {
  if (item !== undefined) items.push(item)
}

/** What is written in another way than the field's type is written is passed over, as a field that nobody knows. */
function isWritten({ wireType }: ValueRead, tag: number, cursor: WireCursor): boolean {
  if ((tag & 7) === wireType) return true
  cursor.skip(tag)
  return false
}
