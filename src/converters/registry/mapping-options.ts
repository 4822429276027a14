import type { OptionDefinitions } from '../../api/config-def.ts'

/** Options of the ways between Connect's schemas and those of any format. */
export const mappingOptions = {
  'generalized.sum.type.support': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation:
      'Whether enums and unions are described in the same way for Avro, JSON Schema and Protobuf, so that they can be taken from one to the other.',
  },
  'ignore.default.for.nullables': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation: 'Whether a null in a field with a default stays null; otherwise the default is written.',
  },
} as const satisfies OptionDefinitions
