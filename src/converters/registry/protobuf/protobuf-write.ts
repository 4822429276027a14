import type { ByteWriter } from '../../../api/byte-writer.ts'
import { DataError } from '../../../api/errors.ts'
import type { Field, Schema } from '../../../api/schema.ts'
import { isStruct, type Struct } from '../../../api/struct.ts'
import type { ConnectValue } from '../../../api/value.ts'
import { mismatch, requiredNull } from '../connect-values.ts'
import { wrappedScalar } from './known-messages.ts'
import { LOGICAL_MESSAGES } from './logical-messages.ts'
import { isUnion, PARAMETER, unqualified } from './proto-names.ts'
import { type ProtoEnum, type ProtoField, type ProtoMessage, type ProtoType } from './proto-schema.ts'
import { scrubbed } from './protobuf-from-connect.ts'
import type { ProtobufMapping } from './protobuf-options.ts'
import { scalarWrite, type ScalarWrite } from './scalar-write.ts'
import { writeVarint } from '../varint.ts'
import { beginLength, endLength, WIRE } from './wire-write.ts'

/** Writes the fields of a message. Throws `DataError`. */
export type MessageWrite = (value: ConnectValue, out: ByteWriter) => void

export interface ProtobufWriting {
  readonly mapping: ProtobufMapping
  /** What becomes of a field that the message does not have: the schema is refused, or the field's values, or it is left out. */
  readonly missing: 'refuse' | 'refuse values' | 'leave out'
}

/** A field of a message that gets its value out of a struct. */
interface FieldWrite {
  readonly number: number
  readonly write: MessageWrite
}

/** A field of a struct that the message does not have. */
interface MissingField {
  readonly name: string
  readonly valueOf: (struct: Struct) => ConnectValue
}

/**
 * How structs of a Connect schema are written as messages: that made of the schema, or another in the registry, whose
 * fields are found by name. Compiled once for both. Throws `DataError` where the two do not fit.
 */
export class MessageWrites {
  readonly #writing: ProtobufWriting
  /** By fields: schemas that hold themselves have the same ones. */
  readonly #structs = new Map<readonly Field[], MessageWrite>()

  constructor(writing: ProtobufWriting) {
    this.#writing = writing
  }

  /** A record that is no struct, as the message that wraps it. */
  wrapped(schema: Schema, message: ProtoMessage): MessageWrite {
    const { write } = this.#wrapper(schema, message)
    return (value, out) => write(value, out)
  }

  struct(schema: Schema, message: ProtoMessage): MessageWrite {
    const known = this.#structs.get(schema.fields!)
    if (known !== undefined) return known
    let writes: readonly FieldWrite[] = []
    const write: MessageWrite = (value, out) => {
      if (!isStruct(value)) throw mismatch(schema, value)
      for (const field of writes) field.write(value, out)
    }
    this.#structs.set(schema.fields!, write)
    // In the order of their numbers, as everybody writes them.
    writes = this.#fields(schema, message).sort((a, b) => a.number - b.number)
    return write
  }

  #fields(schema: Schema, message: ProtoMessage): FieldWrite[] {
    const { mapping } = this.#writing
    const fields = new Map(message.fields.map((field) => [field.name, field]))
    const missing: MissingField[] = []
    const writes = schema.fields!.flatMap(({ name, schema: member }, index): FieldWrite[] => {
      if (isUnion(member)) return this.#unionFields(member, index, { fields, missing })
      const field = fields.get(scrubbed(name, mapping))
      if (field === undefined) {
        missing.push({ name, valueOf: (struct) => struct.at(index) })
        return []
      }
      fields.delete(field.name)
      return [{ number: field.number, write: this.#member(member, field, index) }]
    })
    writes.push(...this.#missingFields(missing, { schema, message }))
    for (const { name, isRequired } of fields.values()) {
      if (!isRequired) continue
      throw new DataError(
        'registry.schema-incompatible',
        `The schema in the registry, ${message.fullName}, has a required field ${name} that the record does not have`,
      )
    }
    return writes
  }

  #missingFields(
    missing: readonly MissingField[],
    { schema, message }: { readonly schema: Schema; readonly message: ProtoMessage },
  ): FieldWrite[] {
    if (this.#writing.missing === 'leave out' || missing.length === 0) return []
    const names = missing.map(({ name }) => name).join(', ')
    if (this.#writing.missing === 'refuse') {
      throw new DataError(
        'registry.schema-incompatible',
        `The schema in the registry, ${message.fullName}, has no field ${names}. Register one that has, or set latest.compatibility.strict=false (with use.schema.id: id.compatibility.strict=false) to leave it out`,
      )
    }
    return missing.map(({ name, valueOf }) => ({
      number: 0,
      write: (struct) => {
        if (!isStruct(struct) || valueOf(struct) === null) return
        throw new DataError(
          'registry.schema-unsupported',
          `Two structs within one are called ${schema.name ?? message.name}, and only one of them has a field ${name}: Protobuf has one message of a name`,
        )
      },
    }))
  }

  #member(schema: Schema, field: ProtoField, index: number): MessageWrite {
    const write = this.#field(schema, field)
    const fallback = this.#writing.mapping.ignoreDefaultForNullables ? null : (schema.default ?? null)
    return (struct, out) => {
      const value = isStruct(struct) ? (struct.at(index) ?? fallback) : null
      if (value !== null) write(value, out)
      else if (field.isRequired || !schema.optional) throw requiredNull(schema)
    }
  }

  /** A field each; only that of the member that is set is written. */
  #unionFields(
    union: Schema,
    index: number,
    { fields, missing }: { readonly fields: Map<string, ProtoField>; readonly missing: MissingField[] },
  ): FieldWrite[] {
    return union.fields!.flatMap(({ name, schema }, memberIndex): FieldWrite[] => {
      const field = fields.get(scrubbed(name, this.#writing.mapping))
      if (field === undefined) {
        const valueOf = (struct: Struct): ConnectValue => {
          const value = struct.at(index)
          return isStruct(value) ? value.at(memberIndex) : null
        }
        missing.push({ name, valueOf })
        return []
      }
      fields.delete(field.name)
      const write = this.#field(schema, field)
      return [
        {
          number: field.number,
          write: (struct, out) => {
            const value = isStruct(struct) ? struct.at(index) : null
            if (value === null) return
            if (!isStruct(value)) throw mismatch(union, value)
            const set = union.fields!.findIndex((_field, at) => value.at(at) !== null)
            if (set === memberIndex) write(value.at(set), out)
            else if (set < 0) throw new DataError('connect.data-invalid', 'Cannot find non-null field')
          },
        },
      ]
    })
  }

  /** Writes the tag and a value that is not null. What does not fit is no harm as long as there is no such value. */
  #field(schema: Schema, field: ProtoField): MessageWrite {
    try {
      return this.#fittingField(schema, field)
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      return () => {
        throw error
      }
    }
  }

  #fittingField(schema: Schema, field: ProtoField): MessageWrite {
    if (field.isRepeated) {
      if (schema.type === 'map' && field.type.kind === 'message') {
        const [key, value] = field.type.message.fields
        if (key?.name === 'key' && value?.name === 'value') return this.#map(schema, { field, key, value })
      }
      if (schema.type === 'array') return this.#list(schema, field)
      throw unfit(schema, `repeated ${typeNameOf(field.type)}`)
    }
    const { wireType, write, isDefault } = this.#value(schema, field.type)
    const tag = tagOf(field, wireType)
    if (field.hasPresence) {
      return (value, out) => {
        writeVarint(tag, out)
        write(value, out)
      }
    }
    return (value, out) => {
      if (isDefault(value)) return
      writeVarint(tag, out)
      write(value, out)
    }
  }

  #list(schema: Schema, field: ProtoField): MessageWrite {
    const { wireType, write } = this.#value(schema.valueSchema!, field.type)
    const checked: MessageWrite = (item, out) => {
      if (item === null) throw nullWithin('list', field)
      write(item, out)
    }
    if (field.isPacked && wireType !== WIRE.delimited) {
      const tag = tagOf(field, WIRE.delimited)
      return (value, out) => {
        const items = itemsOf(schema, value)
        if (items.length === 0) return
        writeVarint(tag, out)
        const start = beginLength(out)
        for (const item of items) checked(item, out)
        endLength(start, out)
      }
    }
    const tag = tagOf(field, wireType)
    return (value, out) => {
      for (const item of itemsOf(schema, value)) {
        writeVarint(tag, out)
        checked(item, out)
      }
    }
  }

  #map(
    schema: Schema,
    { field, key: keyField, value: valueField }: Readonly<Record<'field' | 'key' | 'value', ProtoField>>,
  ): MessageWrite {
    const writeKey = this.#field(schema.keySchema!, keyField)
    const writeValue = this.#field(schema.valueSchema!, valueField)
    const tag = tagOf(field, WIRE.delimited)
    return (value, out) => {
      if (!(value instanceof Map)) throw mismatch(schema, value)
      for (const [key, entry] of value as ReadonlyMap<ConnectValue, ConnectValue>) {
        writeVarint(tag, out)
        const start = beginLength(out)
        if (key !== null) writeKey(key, out)
        if (entry !== null) writeValue(entry, out)
        endLength(start, out)
      }
    }
  }

  #value(schema: Schema, type: ProtoType): ScalarWrite {
    switch (type.kind) {
      case 'scalar': {
        const write = LOGICAL_MESSAGES.has(schema.name ?? '') ? null : scalarWrite(schema, type.scalar)
        if (write === null) throw unfit(schema, type.scalar)
        return write
      }
      case 'enum':
        return enumWrite(schema, type.enum)
      case 'message':
        return this.#message(schema, type.message)
    }
  }

  #message(schema: Schema, message: ProtoMessage): ScalarWrite {
    const logical = LOGICAL_MESSAGES.get(schema.name ?? '')
    if (logical !== undefined) {
      if (logical.fullName !== message.fullName) throw unfit(schema, message.fullName)
      return delimited((value, out) => logical.write(schema, value, out))
    }
    if (schema.type === 'struct') return delimited(this.struct(schema, message))
    return delimited(this.#wrapper(schema, message).write)
  }

  #wrapper(schema: Schema, message: ProtoMessage): { readonly write: MessageWrite } {
    const scalar = wrappedScalar(message.fullName)
    const write = scalar === null ? null : scalarWrite(schema, scalar)
    if (write === null) throw unfit(schema, message.fullName)
    const tag = (1 << 3) | write.wireType
    return {
      write: (value, out) => {
        if (write.isDefault(value)) return
        writeVarint(tag, out)
        write.write(value, out)
      },
    }
  }
}

function delimited(write: MessageWrite): ScalarWrite {
  return {
    wireType: WIRE.delimited,
    isDefault: () => false,
    write: (value, out) => {
      const start = beginLength(out)
      write(value, out)
      endLength(start, out)
    },
  }
}

/** A symbol by its name, or a number as it is. */
function enumWrite(schema: Schema, type: ProtoEnum): ScalarWrite {
  const isNumber = schema.type === 'int32' && schema.parameters?.[PARAMETER.enum] !== undefined
  if (!isNumber && schema.type !== 'string') throw unfit(schema, type.fullName)
  const numberOf = (value: ConnectValue): number => {
    const number = typeof value === 'string' ? type.values.get(value) : value
    if (typeof number === 'number' && isNumber === (typeof value === 'number')) return number
    throw new DataError('connect.data-invalid', `${shown(value)} is no symbol of enum ${type.fullName}`)
  }
  return {
    wireType: WIRE.varint,
    isDefault: (value) => numberOf(value) === 0,
    write: (value, out) => INT32.write(numberOf(value), out),
  }
}

function shown(value: ConnectValue): string {
  return typeof value === 'string' ? `"${value}"` : typeof value
}

const INT32 = scalarWrite({ type: 'int32', optional: false }, 'int32')!

function itemsOf(schema: Schema, value: ConnectValue): readonly ConnectValue[] {
  if (!Array.isArray(value)) throw mismatch(schema, value)
  return value as readonly ConnectValue[]
}

function tagOf({ number }: ProtoField, wireType: number): number {
  return number * 8 + wireType
}

function typeNameOf(type: ProtoType): string {
  return type.kind === 'scalar'
    ? type.scalar
    : unqualified((type.kind === 'enum' ? type.enum : type.message).fullName)
}

function nullWithin(what: string, { name }: ProtoField): DataError {
  return new DataError('connect.data-invalid', `Protobuf has no null within a ${what} (field ${name})`)
}

function unfit(schema: Schema, type: string): DataError {
  return new DataError(
    'registry.schema-incompatible',
    `${schema.name ?? schema.type} cannot be written as Protobuf ${type}`,
  )
}
