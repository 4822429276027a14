import type { OptionDefinitions, ParsedConfig } from '../../../api/config-def.ts'
import { mappingOptions } from '../mapping-options.ts'

/** How Connect's schemas and Avro's are brought together. */
export const avroOptions = {
  ...mappingOptions,
  'enhanced.avro.schema.support': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation:
      'Whether enums stay enums, and members of unions are named with their namespaces. Otherwise enums become strings.',
  },
  'scrub.invalid.names': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation: 'Whether characters that Avro does not allow in names are replaced by `_`.',
  },
  'connect.meta.data': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    documentation:
      'Whether what only Connect knows of a schema (name, version, parameters, default, int8 and int16) is noted in it, as `connect.*`.',
  },
  'discard.type.doc.default': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    documentation: 'Whether documentation and defaults of types are left out, and only those of fields kept.',
  },
  'allow.optional.map.keys': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    documentation:
      'Whether maps with optional string keys become maps of Avro, rather than lists of entries.',
  },
  'flatten.singleton.unions': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    documentation: 'Whether a union of one type is read as that type.',
  },
} as const satisfies OptionDefinitions

/** Which of the ways between Connect and Avro is taken. */
export interface AvroMapping {
  readonly generalizedSumTypes: boolean
  readonly ignoreDefaultForNullables: boolean
  readonly enhanced: boolean
  readonly scrubNames: boolean
  readonly metaData: boolean
  readonly discardTypeDocDefault: boolean
  readonly allowOptionalMapKeys: boolean
  readonly flattenSingletonUnions: boolean
}

export function avroMapping(config: ParsedConfig<typeof avroOptions>): AvroMapping {
  return {
    generalizedSumTypes: config['generalized.sum.type.support'],
    ignoreDefaultForNullables: config['ignore.default.for.nullables'],
    enhanced: config['enhanced.avro.schema.support'],
    scrubNames: config['scrub.invalid.names'],
    metaData: config['connect.meta.data'],
    discardTypeDocDefault: config['discard.type.doc.default'],
    allowOptionalMapKeys: config['allow.optional.map.keys'],
    flattenSingletonUnions: config['flatten.singleton.unions'],
  }
}
