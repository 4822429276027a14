import type { OptionDefinitions, ParsedConfig } from '../../../api/config-def.ts'
import { mappingOptions } from '../mapping-options.ts'
import { only } from '../registry-options.ts'

/** How Connect's schemas and Protobuf's are brought together. */
export const protobufOptions = {
  ...mappingOptions,
  'enhanced.protobuf.schema.support': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation: 'Whether names of messages, enums and oneofs keep their package when they are read.',
  },
  'scrub.invalid.names': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation: 'Whether characters that Protobuf does not allow in names are replaced by `_`.',
  },
  'int.for.enums': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation: 'Whether enums are read as their numbers; otherwise as their names.',
  },
  'optional.for.nullables': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation:
      'Whether fields that may be null are written as `optional`, so that null stays null. Without it and wrapper.for.nullables null is read as 0, false or the empty text.',
  },
  'optional.for.proto2': {
    type: 'BOOLEAN',
    default: true,
    importance: 'MEDIUM',
    documentation:
      'Whether `optional` fields of proto2 that are not there are read as null, not as their default.',
  },
  'wrapper.for.nullables': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation:
      'Whether fields that may be null are written as the messages of google/protobuf/wrappers.proto, and those read as plain values.',
  },
  'wrapper.for.raw.primitives': {
    type: 'BOOLEAN',
    default: true,
    importance: 'MEDIUM',
    documentation:
      'Whether a message of google/protobuf/wrappers.proto that is the whole record is read as the value in it.',
  },
  'generate.struct.for.nulls': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation:
      'Whether a message that is not there is read as one whose fields have their defaults, not as null.',
  },
  'generate.index.for.unions': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    documentation:
      'Whether the field of a oneof is called after it and its number (`choice_0`); otherwise `choice`.',
  },
  'flatten.unions': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    documentation: 'Whether the fields of a oneof are read as fields of the message itself.',
  },
  'skip.known.types': {
    type: 'BOOLEAN',
    default: true,
    validator: only(
      'true',
      'Files that Google and Confluent publish are known to every reader and are not registered: leave it out, or set true',
    ),
    importance: 'LOW',
    documentation:
      'Whether files that everybody knows (`google/protobuf/timestamp.proto`) are imported without being registered themselves: always so.',
  },
} as const satisfies OptionDefinitions

/** Which of the ways between Connect and Protobuf is taken. */
export interface ProtobufMapping {
  readonly generalizedSumTypes: boolean
  readonly ignoreDefaultForNullables: boolean
  readonly enhanced: boolean
  readonly scrubNames: boolean
  readonly intForEnums: boolean
  readonly optionalForNullables: boolean
  readonly optionalForProto2: boolean
  readonly wrapperForNullables: boolean
  readonly wrapperForRawPrimitives: boolean
  readonly structForNulls: boolean
  readonly indexForUnions: boolean
  readonly flattenUnions: boolean
}

export function protobufMapping(config: ParsedConfig<typeof protobufOptions>): ProtobufMapping {
  return {
    generalizedSumTypes: config['generalized.sum.type.support'],
    ignoreDefaultForNullables: config['ignore.default.for.nullables'],
    enhanced: config['enhanced.protobuf.schema.support'],
    scrubNames: config['scrub.invalid.names'],
    intForEnums: config['int.for.enums'],
    optionalForNullables: config['optional.for.nullables'],
    optionalForProto2: config['optional.for.proto2'],
    wrapperForNullables: config['wrapper.for.nullables'],
    wrapperForRawPrimitives: config['wrapper.for.raw.primitives'],
    structForNulls: config['generate.struct.for.nulls'],
    indexForUnions: config['generate.index.for.unions'],
    flattenUnions: config['flatten.unions'],
  }
}
