import type { ScalarType } from './proto-schema.ts'

/** What the messages of google/protobuf/wrappers.proto hold, in their order. */
const WRAPPERS: ReadonlyMap<string, ScalarType> = new Map([
  ['google.protobuf.DoubleValue', 'double'],
  ['google.protobuf.FloatValue', 'float'],
  ['google.protobuf.Int64Value', 'int64'],
  ['google.protobuf.UInt64Value', 'uint64'],
  ['google.protobuf.Int32Value', 'int32'],
  ['google.protobuf.UInt32Value', 'uint32'],
  ['google.protobuf.BoolValue', 'bool'],
  ['google.protobuf.StringValue', 'string'],
  ['google.protobuf.BytesValue', 'bytes'],
])

const WRAPPER_NAMES: ReadonlyMap<ScalarType, string> = new Map(
  [...WRAPPERS].map(([name, scalar]) => [scalar, name]),
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
  return WRAPPERS.get(fullName) ?? null
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
  ...[...WRAPPERS].flatMap(([name, scalar]) => [
    `message ${name.slice('google.protobuf.'.length)} {`,
    `  ${scalar} value = 1 [json_name = "value"];`,
    '}',
  ]),
  '',
].join('\n')
