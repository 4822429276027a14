/** Types of Protobuf that are neither messages nor enums. */
export type ScalarType =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint32'
  | 'sint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed32'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes'

export type ProtoType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  /** In proto2 a number that the enum does not have is no value: `isClosed`. */
  | { readonly kind: 'enum'; readonly enum: ProtoEnum; readonly isClosed: boolean }
  | { readonly kind: 'message'; readonly message: ProtoMessage }

export interface ProtoField {
  readonly name: string
  readonly number: number
  readonly type: ProtoType
  readonly isRepeated: boolean
  readonly isRequired: boolean
  /** Where the text says `optional`, which means more in proto3. */
  readonly optional: 'proto2' | 'proto3' | null
  /** Whether a field that is not there is another thing than one with the default value. */
  readonly hasPresence: boolean
  readonly isPacked: boolean
  /** Not that of a single `optional` field. */
  readonly oneof: ProtoOneof | null
  /** Parameters that Confluent's `field_meta` option keeps. */
  readonly params: Readonly<Record<string, string>>
  /** The default that the text gives; null: the type's. */
  readonly default: string | number | boolean | null
}

export interface ProtoOneof {
  readonly name: string
  readonly fullName: string
  /** Its place among the message's. */
  readonly index: number
  readonly fields: readonly ProtoField[]
}

export interface ProtoEnum {
  readonly name: string
  readonly fullName: string
  readonly values: ReadonlyMap<string, number>
}

/** Messages may hold themselves: their lists are complete once all are parsed. */
export interface ProtoMessage {
  readonly name: string
  readonly fullName: string
  readonly fields: readonly ProtoField[]
  readonly oneofs: readonly ProtoOneof[]
  /** Those that the text nests in it. */
  readonly messages: readonly ProtoMessage[]
}

const MAP_ENTRY = 'Entry'

/** Whether a field is a map: a list of messages with `key` and `value`, which is what `map<…>` stands for. */
export function isMapField({ type, isRepeated }: ProtoField): boolean {
  if (!isRepeated || type.kind !== 'message') return false
  const [key, value, ...more] = type.message.fields
  return (
    type.message.name.endsWith(MAP_ENTRY) &&
    more.length === 0 &&
    key?.name === 'key' &&
    value?.name === 'value' &&
    !key.isRepeated &&
    !value.isRepeated
  )
}

/** The name of a map's message: `my_map` is `MyMapEntry`. */
export function mapEntryName(mapName: string): string {
  const isSnakeCase = mapName.includes('_')
  const words = mapName.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
  return (isSnakeCase ? words.join('') : mapName) + MAP_ENTRY
}

/** The way back: `a.MyMapEntry` is `a.my_map`. */
export function mapNameOf(entryName: string): string {
  const dot = entryName.lastIndexOf('.') + 1
  const last = entryName.slice(dot)
  if (!last.endsWith(MAP_ENTRY)) return entryName
  const words = last.slice(0, -MAP_ENTRY.length).replaceAll(/(?!^)[A-Z]/g, '_$&')
  return entryName.slice(0, dot) + words.toLowerCase()
}
