import type { ScalarType } from './proto-schema.ts'

interface Wrapper {
  readonly scalar: ScalarType
  /** Its place among the messages of google/protobuf/wrappers.proto. */
  readonly index: number
}

const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map(
  (
    [
      ['DoubleValue', 'double'],
      ['FloatValue', 'float'],
      ['Int64Value', 'int64'],
      ['UInt64Value', 'uint64'],
      ['Int32Value', 'int32'],
      ['UInt32Value', 'uint32'],
      ['BoolValue', 'bool'],
      ['StringValue', 'string'],
      ['BytesValue', 'bytes'],
    ] as const
  ).map(([name, scalar], index) => [`google.protobuf.${name}`, { scalar, index }]),
)

const WRAPPER_NAMES: ReadonlyMap<ScalarType, string> = new Map(
  [...WRAPPERS].map(([name, { scalar }]) => [scalar, name]),
)

/** Those of the same values, written otherwise. */
const SAME_VALUES: Readonly<Partial<Record<ScalarType, ScalarType>>> = {
  sint32: 'int32',
  sfixed32: 'int32',
  fixed32: 'uint32',
  sint64: 'int64',
  sfixed64: 'int64',
  fixed64: 'uint64',
}

/** The message that holds a value of this type and nothing else. */
export function wrapperOf(scalar: ScalarType): string {
  return WRAPPER_NAMES.get(SAME_VALUES[scalar] ?? scalar)!
}

/** Null for messages that are no wrappers. */
export function wrappedScalar(fullName: string): ScalarType | null {
  return WRAPPERS.get(fullName)?.scalar ?? null
}

export function wrapperIndex(fullName: string): number {
  return WRAPPERS.get(fullName)!.index
}

/** The file of the wrappers as the reference registers it for records that are plain values. */
export const WRAPPERS_TEXT = [
  'syntax = "proto3";',
  'package google.protobuf;',
  '',
  'option java_package = "com.google.protobuf";',
  'option java_outer_classname = "WrappersProto";',
  'option java_multiple_files = true;',
  'option go_package = "google.golang.org/protobuf/types/known/wrapperspb";',
  'option cc_enable_arenas = true;',
  'option objc_class_prefix = "GPB";',
  'option csharp_namespace = "Google.Protobuf.WellKnownTypes";',
  '',
  ...[...WRAPPERS].flatMap(([name, { scalar }]) => [
    `message ${name.slice('google.protobuf.'.length)} {`,
    `  ${scalar} value = 1 [json_name = "value"];`,
    '}',
  ]),
  '',
].join('\n')
