import { DataError } from '../../../api/errors.ts'
import { LOGICAL } from '../../../api/json/json-writer.ts'
import type { Schema } from '../../../api/schema.ts'
import { scrubbedName } from '../scrubbed-name.ts'
import { wrapperOf } from './known-messages.ts'
import {
  DATE_MESSAGE,
  DECIMAL_MESSAGE,
  DEFAULT_NAME,
  isUnion,
  META,
  PARAMETER,
  TIME_MESSAGE,
  TIMESTAMP_MESSAGE,
  UNION,
  unqualified,
  VARIANT,
  VARIANT_MESSAGE,
  wasWrapper,
} from './proto-names.ts'
import { mapEntryName, type ScalarType } from './proto-schema.ts'
import { protoText, type FieldDraft, type MessageDraft } from './proto-text.ts'
import type { ProtobufMapping } from './protobuf-options.ts'

/** Where the messages are that generated schemas use. */
const IMPORTS: ReadonlyMap<string, string> = new Map([
  [DECIMAL_MESSAGE, 'confluent/type/decimal.proto'],
  [VARIANT_MESSAGE, 'confluent/type/variant.proto'],
  [DATE_MESSAGE, 'google/type/date.proto'],
  [TIME_MESSAGE, 'google/type/timeofday.proto'],
  [TIMESTAMP_MESSAGE, 'google/protobuf/timestamp.proto'],
])
const WRAPPERS_FILE = 'google/protobuf/wrappers.proto'

const LOGICAL_MESSAGES: ReadonlyMap<string, string> = new Map([
  [LOGICAL.decimal, DECIMAL_MESSAGE],
  [LOGICAL.date, DATE_MESSAGE],
  [LOGICAL.time, TIME_MESSAGE],
  [LOGICAL.timestamp, TIMESTAMP_MESSAGE],
  [VARIANT, VARIANT_MESSAGE],
])

const SCALARS: Readonly<Partial<Record<Schema['type'], ScalarType>>> = {
  int8: 'int32',
  int16: 'int32',
  int32: 'int32',
  int64: 'int64',
  float: 'float',
  double: 'double',
  boolean: 'bool',
  string: 'string',
  bytes: 'bytes',
}

interface FieldPlace {
  readonly name: string
  readonly number: number
  readonly isOneofMember?: boolean
}

/** Makes the .proto text of a struct, as Confluent's `ProtobufData` makes it. Throws `DataError`. */
export class ProtoTranslation {
  readonly #mapping: ProtobufMapping
  readonly #imports = new Set<string>()
  /** How many names were made up. */
  #unnamed = 0
  /** The names that messages within one have taken. */
  readonly #taken = new WeakMap<MessageDraft, Set<string>>()

  constructor(mapping: ProtobufMapping) {
    this.#mapping = mapping
  }

  /** The text, and the full name of its only message. */
  translate(schema: Schema): { text: string; name: string } {
    // As Java splits: empty parts at the end do not count.
    const parts = this.#nameOr(schema.name)
      .replace(/\.+$/, '')
      .split('.')
      .map((part) => this.#scrubbed(part))
    const [namespace, name] = [parts.slice(0, -1).join('.'), parts.at(-1)!]
    for (const part of parts) checkName(part, `struct ${schema.name}`)
    const message = this.#message(name, schema)
    const text = protoText({ package: namespace, imports: this.#imports, message })
    return { text, name: parts.join('.') }
  }

  #message(name: string, schema: Schema): MessageDraft {
    const message: MessageDraft = { name, fields: [], oneofs: [], messages: [], enums: [] }
    let next = 1
    for (const field of schema.fields!) {
      const tag = field.schema.parameters?.[PARAMETER.tag]
      const number = tag === undefined ? next++ : tagNumber(tag, field.name)
      if (isUnion(field.schema)) this.#oneof(message, field.schema)
      else
        message.fields.push(
          this.#field(message, field.schema, { name: this.#fieldName(field.name, name), number }),
        )
    }
    checkDistinct(message)
    return message
  }

  #oneof(message: MessageDraft, union: Schema): void {
    const { generalizedSumTypes } = this.#mapping
    const given = generalizedSumTypes ? union.parameters?.[PARAMETER.generalizedUnion] : undefined
    const name =
      given ?? this.#unqualified(union.name?.slice(union.name.startsWith(UNION) ? UNION.length + 1 : 0))
    checkName(name, `oneof of ${message.name}`)
    const fields = union.fields!.map((field) => {
      const number = tagNumber(field.schema.parameters?.[PARAMETER.tag] ?? '', field.name)
      const place = { name: this.#fieldName(field.name, message.name), number, isOneofMember: true }
      return { ...this.#field(message, field.schema, place), label: null }
    })
    message.oneofs.push({ name, fields })
  }

  #field(message: MessageDraft, schema: Schema, place: FieldPlace): FieldDraft {
    if (schema.type === 'array' && schema.valueSchema!.type === 'map') {
      // As a list of entries it would be read as one map.
      throw unsupported(`Protobuf has no lists of maps (field ${place.name}): put the map into a struct`)
    }
    const isRepeated = schema.type === 'array' || schema.type === 'map'
    const isOptional = this.#mapping.optionalForNullables && schema.optional
    const params: Record<string, string> = {}
    const typeName = this.#typeName(message, schema.type === 'array' ? schema.valueSchema! : schema, {
      ...place,
      params,
    })
    const label = isRepeated ? 'repeated' : isOptional ? 'optional' : null
    return { name: place.name, number: place.number, typeName, label, params }
  }

  #typeName(
    message: MessageDraft,
    schema: Schema,
    place: FieldPlace & { readonly params: Record<string, string> },
  ): string {
    const { params } = place
    const logical = LOGICAL_MESSAGES.get(schema.name ?? '')
    if (logical !== undefined) {
      this.#imports.add(IMPORTS.get(logical)!)
      if (logical === DECIMAL_MESSAGE) {
        const { [PARAMETER.precision]: precision, [PARAMETER.scale]: scale } = schema.parameters ?? {}
        if (precision !== undefined) params[META.precision] = precision
        if (scale !== undefined) params[META.scale] = scale
      }
      return logical
    }
    if (schema.type === 'array') {
      throw unsupported(
        `Protobuf has no lists of lists (field ${place.name}): put the inner list into a struct`,
      )
    }
    if (schema.type === 'struct') return this.#structName(message, schema, place.name)
    if (schema.type === 'map') return this.#entryName(message, schema)
    const symbols = schema.parameters?.[PARAMETER.generalizedEnum] ?? schema.parameters?.[PARAMETER.enum]
    if (symbols !== undefined && (schema.type === 'string' || schema.type === 'int32')) {
      return this.#enumName(message, schema, symbols)
    }
    if (schema.type === 'int8' || schema.type === 'int16') params[META.type] = schema.type
    const scalar = scalarOf(schema)
    const isNullable = schema.optional && (place.isOneofMember !== true || wasWrapper(schema))
    if (!this.#mapping.wrapperForNullables || !isNullable) return scalar
    this.#imports.add(WRAPPERS_FILE)
    return wrapperOf(scalar)
  }

  /** The struct's message within this one. The same name is the same message. */
  #structName(message: MessageDraft, schema: Schema, fieldName: string): string {
    if (isUnion(schema))
      throw unsupported(`A list or a map of oneofs has no form in Protobuf (field ${fieldName})`)
    const own = this.#unqualified(schema.name)
    // A message and a field of one name do not go together.
    const name = own === fieldName ? `${own}Message` : own
    checkName(name, `struct of ${message.name}.${fieldName}`)
    const taken = this.#taken.get(message) ?? new Set()
    this.#taken.set(message, taken)
    if (name !== message.name && !taken.has(name)) {
      taken.add(name)
      message.messages.push(this.#message(name, schema))
    }
    return name
  }

  #entryName(message: MessageDraft, schema: Schema): string {
    const name = mapEntryName(this.#unqualified(schema.name))
    checkName(name, `map of ${message.name}`)
    const entry: MessageDraft = { name, fields: [], oneofs: [], messages: [], enums: [] }
    for (const [fieldName, number, member] of [
      ['key', 1, schema.keySchema!],
      ['value', 2, schema.valueSchema!],
    ] as const) {
      const field = this.#field(entry, member, { name: fieldName, number })
      entry.fields.push({ ...field, label: field.label === 'repeated' ? field.label : null })
    }
    message.messages.push(entry)
    return name
  }

  #enumName(message: MessageDraft, schema: Schema, typeName: string): string {
    const name = this.#unqualified(schema.name)
    checkName(name, `enum of ${message.name}`)
    const prefix = `${this.#mapping.generalizedSumTypes ? PARAMETER.generalizedEnum : PARAMETER.enum}.`
    if (!message.enums.some((other) => other.name === name)) {
      const values = Object.entries(schema.parameters!)
        .filter(([parameter]) => parameter.startsWith(prefix))
        .map(([parameter, number]) => [parameter.slice(prefix.length), Number(number)] as const)
      if (values.length === 0)
        throw unsupported(`Enum ${name} has no symbols: they are parameters, ${prefix}SYMBOL`)
      message.enums.push({ name, values })
    }
    return typeName
  }

  #fieldName(name: string, message: string): string {
    const scrubbed = this.#scrubbed(name)
    checkName(scrubbed, `field of ${message}`)
    return scrubbed
  }

  #unqualified(name: string | undefined): string {
    return this.#scrubbed(unqualified(this.#nameOr(name)))
  }

  #nameOr(name: string | undefined): string {
    return name === undefined || name === '' ? `${DEFAULT_NAME}${++this.#unnamed}` : name
  }

  #scrubbed(name: string): string {
    return scrubbed(name, this.#mapping)
  }
}

/** A name that Protobuf allows, where that is asked for. */
export function scrubbed(name: string, { scrubNames }: ProtobufMapping): string {
  return scrubNames ? scrubbedName(name, /^[A-Za-z]/) : name
}

/** The type that a plain value has, or had where it was read. */
export function scalarOf({ type, parameters }: Schema): ScalarType {
  const given = type === 'int32' || type === 'int64' ? parameters?.[PARAMETER.type] : undefined
  return (given as ScalarType | undefined) ?? SCALARS[type]!
}

function checkName(name: string, what: string): void {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return
  throw unsupported(
    `Illegal character in: ${name} (${what}). Set scrub.invalid.names=true, or at the source schema.name.adjustment.mode=avro and field.name.adjustment.mode=avro`,
  )
}

/** Protobuf has one name for one thing within a message, whatever it is. */
function checkDistinct(message: MessageDraft): void {
  const { name, fields, oneofs, messages, enums } = message
  const names = new Set<string>()
  const members = oneofs.flatMap((oneof) => [{ name: oneof.name }, ...oneof.fields])
  const symbols = enums.flatMap(({ values }) => values.map(([symbol]) => ({ name: symbol })))
  for (const part of [...fields, ...members, ...messages, ...enums, ...symbols]) {
    if (names.has(part.name)) {
      throw unsupported(
        `"${part.name}" is already defined in "${name}": rename a field, or the schema of a field, of that name`,
      )
    }
    names.add(part.name)
  }
}

function tagNumber(tag: string, field: string): number {
  const number = Number(tag)
  if (tag !== '' && Number.isInteger(number) && number > 0 && number < 2 ** 29) return number
  throw unsupported(
    `Field ${field} needs its number in Protobuf as parameter ${PARAMETER.tag}, 1 to 536870911: ${tag}`,
  )
}

function unsupported(message: string): DataError {
  return new DataError('registry.schema-unsupported', message)
}
