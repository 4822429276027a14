import { LOGICAL } from '../../../api/json/json-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import { wrappedScalar } from './known-messages.ts'
import {
  DATE_MESSAGE,
  DECIMAL_MESSAGE,
  META,
  PARAMETER,
  TIME_MESSAGE,
  TIMESTAMP_MESSAGE,
  UNION,
  VARIANT,
  VARIANT_MESSAGE,
} from './proto-names.ts'
import {
  isMapField,
  mapNameOf,
  type ProtoEnum,
  type ProtoField,
  type ProtoMessage,
  type ProtoOneof,
  type ScalarType,
} from './proto-schema.ts'
import type { ProtobufMapping } from './protobuf-options.ts'

type Draft = { -readonly [K in keyof Schema]: Schema[K] }

const TYPES: Readonly<Record<ScalarType, Schema['type']>> = {
  int32: 'int32',
  sint32: 'int32',
  sfixed32: 'int32',
  uint32: 'int64',
  fixed32: 'int64',
  int64: 'int64',
  uint64: 'int64',
  sint64: 'int64',
  fixed64: 'int64',
  sfixed64: 'int64',
  float: 'float',
  double: 'double',
  bool: 'boolean',
  string: 'string',
  bytes: 'bytes',
}

interface StructParts {
  readonly name: string
  readonly fields: { readonly name: string; readonly schema: Schema }[]
  /** Those of the field that the message was first met in: they stay with it where it is met in a list. */
  parameters: Schema['parameters']
}

/** Makes the Connect schema of a message, as Confluent's `ProtobufData` makes it. */
export class ConnectTranslation {
  readonly #mapping: ProtobufMapping
  /** The structs of messages, which are made once: a message may hold itself. */
  readonly #structs = new Map<ProtoMessage, StructParts>()
  /** Messages that more than one field has. */
  readonly #shared = new Set<ProtoMessage>()

  constructor(mapping: ProtobufMapping) {
    this.#mapping = mapping
  }

  /** @param version the version that the registry knows the schema by, or null */
  translate(message: ProtoMessage, version: number | null): Schema {
    const scalar = this.#mapping.wrapperForRawPrimitives ? wrappedScalar(message.fullName) : null
    const versioned = version === null ? {} : { version }
    if (scalar !== null) return { type: TYPES[scalar], optional: false, ...versioned }
    const { name, fields } = this.#struct(message)
    // One that holds itself is optional throughout, as the field is.
    return { type: 'struct', optional: this.#shared.has(message), name, ...versioned, fields }
  }

  #struct(message: ProtoMessage): StructParts {
    const { enhanced, flattenUnions } = this.#mapping
    const parts: StructParts = {
      name: enhanced ? message.fullName : message.name,
      fields: [],
      parameters: undefined,
    }
    this.#structs.set(message, parts)
    for (const oneof of message.oneofs) {
      if (!flattenUnions) {
        parts.fields.push({ name: unionFieldName(oneof, this.#mapping), schema: this.#union(oneof) })
        continue
      }
      for (const field of oneof.fields)
        parts.fields.push({ name: field.name, schema: this.#field(field, true) })
    }
    for (const field of message.fields) {
      if (field.oneof === null) parts.fields.push({ name: field.name, schema: this.#field(field, false) })
    }
    return parts
  }

  #union(oneof: ProtoOneof): Schema {
    const { generalizedSumTypes, enhanced } = this.#mapping
    return {
      type: 'struct',
      optional: true,
      ...(generalizedSumTypes
        ? { name: oneof.name, parameters: { [PARAMETER.generalizedUnion]: oneof.name } }
        : { name: `${UNION}.${enhanced ? oneof.fullName : oneof.name}` }),
      fields: oneof.fields.map((field) => ({ name: field.name, schema: this.#field(field, true) })),
    }
  }

  #field(field: ProtoField, isOneofMember: boolean): Schema {
    const { optionalForNullables, wrapperForNullables } = this.#mapping
    const isFirst = field.type.kind === 'message' && !this.#structs.has(field.type.message)
    const draft = this.#type(field)
    const isList = field.isRepeated && draft.type !== 'map'
    const outer: Draft = isList
      ? { type: 'array', optional: true, valueSchema: { ...draft, optional: true } }
      : draft
    const own: Record<string, string> = {}
    if (isOneofMember) {
      outer.optional = true
      const isWrapper = field.type.kind === 'message' && wrappedScalar(field.type.message.fullName) !== null
      if (wrapperForNullables && isWrapper) own[PARAMETER.wrapper] = 'true'
    } else if (optionalForNullables ? field.optional !== null : !wrapperForNullables) outer.optional = true
    own[PARAMETER.tag] = String(field.number)
    outer.parameters = { ...outer.parameters, ...own }
    const struct = field.type.kind === 'message' ? this.#structs.get(field.type.message) : undefined
    if (isFirst && !isList && struct !== undefined) struct.parameters = outer.parameters
    return outer
  }

  #type(field: ProtoField): Draft {
    switch (field.type.kind) {
      case 'scalar':
        return scalarSchema(field.type.scalar, field.params)
      case 'enum':
        return this.#enum(field.type.enum)
      case 'message':
        return { ...this.#message(field.type.message, field), optional: true }
    }
  }

  #enum({ name, fullName, values }: ProtoEnum): Draft {
    const { intForEnums, enhanced, generalizedSumTypes } = this.#mapping
    const parameter = generalizedSumTypes ? PARAMETER.generalizedEnum : PARAMETER.enum
    const parameters: Record<string, string> = { [parameter]: name }
    for (const [symbol, number] of values) parameters[`${parameter}.${symbol}`] = String(number)
    return {
      type: intForEnums ? 'int32' : 'string',
      optional: true,
      name: enhanced ? fullName : name,
      parameters,
    }
  }

  #message(message: ProtoMessage, field: ProtoField): Draft {
    const logical = logicalSchema(message.fullName, field.params)
    if (logical !== null) return logical
    const { wrapperForNullables, wrapperForRawPrimitives } = this.#mapping
    const scalar = wrapperForNullables || wrapperForRawPrimitives ? wrappedScalar(message.fullName) : null
    if (scalar !== null) return { type: TYPES[scalar], optional: true }
    if (isMapField(field)) return this.#map(message)
    const known = this.#structs.get(message)
    if (known !== undefined) this.#shared.add(message)
    const { name, fields, parameters } = known ?? this.#struct(message)
    return { type: 'struct', optional: true, name, ...(parameters && { parameters }), fields }
  }

  #map(entry: ProtoMessage): Draft {
    const [key, value] = entry.fields
    return {
      type: 'map',
      optional: true,
      name: mapNameOf(this.#mapping.enhanced ? entry.fullName : entry.name),
      keySchema: this.#field(key!, false),
      valueSchema: this.#field(value!, false),
    }
  }
}

/** The field of a struct that stands for a oneof. */
export function unionFieldName({ name, index }: ProtoOneof, { indexForUnions }: ProtobufMapping): string {
  return indexForUnions ? `${name}_${index}` : name
}

function scalarSchema(scalar: ScalarType, params: ProtoField['params']): Draft {
  const type = TYPES[scalar]
  const given = params[META.type]
  if (type === 'int32' && (given === 'int8' || given === 'int16')) return { type: given, optional: false }
  const isOwn = scalar === 'int32' || scalar === 'int64' || (type !== 'int32' && type !== 'int64')
  return { type, optional: false, ...(isOwn ? {} : { parameters: { [PARAMETER.type]: scalar } }) }
}

function logicalSchema(fullName: string, params: ProtoField['params']): Draft | null {
  const bytes: Schema = { type: 'bytes', optional: false }
  switch (fullName) {
    case DECIMAL_MESSAGE: {
      const precision = integer(params[META.precision])
      return {
        type: 'bytes',
        optional: true,
        name: LOGICAL.decimal,
        version: 1,
        parameters: {
          scale: String(integer(params[META.scale]) ?? 0),
          ...(precision === null ? {} : { [PARAMETER.precision]: String(precision) }),
        },
      }
    }
    case DATE_MESSAGE:
      return { type: 'int32', optional: true, name: LOGICAL.date, version: 1 }
    case TIME_MESSAGE:
      return { type: 'int32', optional: true, name: LOGICAL.time, version: 1 }
    case TIMESTAMP_MESSAGE:
      return { type: 'int64', optional: true, name: LOGICAL.timestamp, version: 1 }
    case VARIANT_MESSAGE: {
      const fields = [
        { name: 'metadata', schema: bytes },
        { name: 'value', schema: bytes },
      ]
      return { type: 'struct', optional: true, name: VARIANT, fields }
    }
    default:
      return null
  }
}

function integer(text: string | undefined): number | null {
  return text !== undefined && /^[+-]?\d{1,9}$/.test(text) ? Number(text) : null
}
