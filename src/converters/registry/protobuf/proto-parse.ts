import { createRequire } from 'node:module'
import type Protobufjs from 'protobufjs'
import { DataError } from '../../../api/errors.ts'
import type { ResolvedSchema } from '../schema-format.ts'
import { KNOWN_FILES } from './known-files.ts'
import {
  mapEntryName,
  type ProtoField,
  type ProtoMessage,
  type ProtoType,
  type ScalarType,
} from './proto-schema.ts'
import type { ProtoEnum, ProtoOneof } from './proto-schema.ts'

// Loaded with the first schema: who has no Protobuf does not pay for its parser.
const load = createRequire(import.meta.url)

const META_OPTION = '(confluent.field_meta)'
/** The name of the text itself among the files that it imports. */
const OWN = ''

/** What protobufjs documents, but does not declare. */
type Parse = typeof Protobufjs.parse & { filename: string | null }

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] }

/** The messages of a .proto file in their order, with what they refer to. Throws `DataError` for what is no such file. */
export function parseProto({
  text,
  referenced,
}: Pick<ResolvedSchema, 'text' | 'referenced'>): readonly ProtoMessage[] {
  const protobufjs = load('protobufjs') as typeof Protobufjs
  try {
    return new FileSet(protobufjs, referenced).messages(text)
  } catch (error) {
    if (error instanceof DataError) throw error
    throw unreadable((error as Error).message, error)
  }
}

/** A file with all that it imports. */
class FileSet {
  readonly #protobufjs: typeof Protobufjs
  readonly #referenced: ReadonlyMap<string, string>
  readonly #root: Protobufjs.Root
  readonly #imports = new Map<string, readonly string[]>()
  /** Files that begin with `syntax = "proto3"`, and those with an edition. */
  readonly #syntax = new Map<string, 'proto3' | 'edition'>()
  readonly #messages = new Map<Protobufjs.Type, ProtoMessage>()
  readonly #enums = new Map<Protobufjs.Enum, ProtoEnum>()

  constructor(protobufjs: typeof Protobufjs, referenced: ReadonlyMap<string, string>) {
    this.#protobufjs = protobufjs
    this.#referenced = referenced
    this.#root = new protobufjs.Root()
  }

  messages(text: string): readonly ProtoMessage[] {
    this.#parse(OWN, text)
    this.#root.resolveAll()
    const own = this.#topLevel(OWN)
    // A file that only hands on another one stands for that.
    const [only, ...more] = this.#imports.get(OWN)!
    const types = own.length === 0 && only !== undefined && more.length === 0 ? this.#topLevel(only) : own
    return types.map((type) => this.#message(type))
  }

  #parse(name: string, text: string): void {
    const parse = this.#protobufjs.parse as Parse
    // What is parsed next remembers it.
    parse.filename = name
    const { imports = [], weakImports = [] } = parse(text, this.#root, { keepCase: true })
    if (/^\s*syntax\s*=\s*["']proto3["']/m.test(text)) this.#syntax.set(name, 'proto3')
    else if (/^\s*edition\s*=/m.test(text)) this.#syntax.set(name, 'edition')
    this.#imports.set(name, imports)
    for (const path of [...imports, ...weakImports]) {
      if (this.#imports.has(path)) continue
      const known = this.#referenced.get(path) ?? KNOWN_FILES.get(path)
      if (known !== undefined) this.#parse(path, known)
      // What only options need may be missing: they are not read.
    }
  }

  #topLevel(file: string): readonly Protobufjs.Type[] {
    const { Type } = this.#protobufjs
    const found: Protobufjs.Type[] = []
    const visit = (namespace: Protobufjs.NamespaceBase): void => {
      for (const child of namespace.nestedArray) {
        if (child instanceof Type) {
          if (child.filename === file) found.push(child)
        } else if (child instanceof this.#protobufjs.Namespace) visit(child)
      }
    }
    visit(this.#root)
    return found
  }

  #message(type: Protobufjs.Type): ProtoMessage {
    const known = this.#messages.get(type)
    if (known !== undefined) return known
    const message: Mutable<ProtoMessage> = {
      name: type.name,
      fullName: fullNameOf(type),
      fields: [],
      oneofs: [],
      messages: [],
    }
    this.#messages.set(type, message)
    const oneofs = new Map<Protobufjs.OneOf, Mutable<ProtoOneof>>()
    for (const oneof of type.oneofsArray) {
      if (oneof.isProto3Optional) continue
      const made = { name: oneof.name, fullName: fullNameOf(oneof), index: oneofs.size, fields: [] }
      oneofs.set(oneof, made)
      message.oneofs.push(made)
    }
    for (const field of type.fieldsArray) {
      // Extensions of the message, which Connect knows nothing of.
      if (field.name.startsWith('.')) continue
      const oneof = field.partOf === null ? undefined : oneofs.get(field.partOf)
      const made = this.#field(field, oneof ?? null)
      message.fields.push(made)
      oneof?.fields.push(made)
    }
    for (const child of type.nestedArray) {
      if (child instanceof this.#protobufjs.Type && !isGroup(child))
        message.messages.push(this.#message(child))
    }
    return message
  }

  #field(field: Protobufjs.Field, oneof: ProtoOneof | null): ProtoField {
    const own = this.#type(field)
    const isMap = field instanceof this.#protobufjs.MapField
    const isRepeated = field.repeated || isMap
    const defaultValue: unknown = field.getOption('default')
    return {
      name: field.name,
      number: field.id,
      type: isMap ? { kind: 'message', message: entryOf(field, own, this.#isProto2(field)) } : own,
      isRepeated,
      isRequired: field.required,
      optional: isRepeated || field.required || oneof !== null ? null : this.#optional(field),
      hasPresence: !isRepeated && field.hasPresence,
      isPacked: !isMap && field.packed,
      oneof,
      params: paramsOf(field),
      default: isDefault(defaultValue) ? defaultValue : null,
    }
  }

  #optional(field: Protobufjs.Field): ProtoField['optional'] {
    if (field.getOption('proto3_optional') === true) return 'proto3'
    return this.#isProto2(field) ? 'proto2' : null
  }

  #isProto2({ parent }: Protobufjs.Field): boolean {
    return !this.#syntax.has(parent?.filename ?? OWN)
  }

  #type(field: Protobufjs.Field): ProtoType {
    const { Enum } = this.#protobufjs
    const { resolvedType } = field
    if (resolvedType === null) return { kind: 'scalar', scalar: field.type as ScalarType }
    if (resolvedType instanceof Enum)
      return { kind: 'enum', enum: this.#enum(resolvedType), isClosed: this.#isProto2(field) }
    if (isGroup(resolvedType)) {
      throw unreadable(`field ${field.name} is a group, which Connect has no type for`)
    }
    return { kind: 'message', message: this.#message(resolvedType) }
  }

  #enum(type: Protobufjs.Enum): ProtoEnum {
    const known = this.#enums.get(type)
    if (known !== undefined) return known
    const made = { name: type.name, fullName: fullNameOf(type), values: new Map(Object.entries(type.values)) }
    this.#enums.set(type, made)
    return made
  }
}

/** What `map<K, V>` stands for. */
function entryOf(field: Protobufjs.MapField, value: ProtoType, isProto2: boolean): ProtoMessage {
  const name = mapEntryName(field.name)
  const part = (partName: string, number: number, type: ProtoType): ProtoField => ({
    name: partName,
    number,
    type,
    isRepeated: false,
    isRequired: false,
    optional: isProto2 ? 'proto2' : null,
    hasPresence: isProto2 || type.kind === 'message',
    isPacked: false,
    oneof: null,
    params: {},
    default: null,
  })
  const key: ProtoType = { kind: 'scalar', scalar: field.keyType as ScalarType }
  return {
    name,
    fullName: `${fullNameOf(field.parent!)}.${name}`,
    fields: [part('key', 1, key), part('value', 2, value)],
    oneofs: [],
    messages: [],
  }
}

/** A list of `key` and `value`, or one alone where the option is written in parts. */
function paramsOf(field: Protobufjs.Field): Readonly<Record<string, string>> {
  const all: Record<string, string> = {}
  for (const option of (field.parsedOptions ?? []) as Record<string, unknown>[]) {
    const meta = option[META_OPTION] as { params?: unknown } | undefined
    const params = Array.isArray(meta?.params) ? (meta.params as unknown[]) : [meta?.params]
    for (const param of params) {
      if (typeof param !== 'object' || param === null) continue
      const { key, value } = param as { key?: unknown; value?: unknown }
      if (typeof key === 'string') all[key] = String(value)
    }
  }
  return all
}

function isGroup(type: Protobufjs.Type): boolean {
  return (type as Protobufjs.Type & { readonly group?: boolean }).group === true
}

function isDefault(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

function fullNameOf(object: Protobufjs.ReflectionObject): string {
  return object.fullName.replace(/^\./, '')
}

function unreadable(reason: string, cause?: unknown): DataError {
  return new DataError('registry.schema-unsupported', `The Protobuf schema cannot be read: ${reason}`, {
    cause,
  })
}
