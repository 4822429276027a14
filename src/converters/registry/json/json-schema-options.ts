import { validators, type OptionDefinitions, type ParsedConfig } from '../../../api/config-def.ts'
import { mappingOptions } from '../mapping-options.ts'
import { only } from '../registry-options.ts'

/** How Connect's schemas and JSON Schema are brought together. */
export const jsonSchemaOptions = {
  ...mappingOptions,
  'object.additional.properties': {
    type: 'BOOLEAN',
    default: true,
    importance: 'MEDIUM',
    documentation: 'Whether the schemas of objects allow properties that they do not name.',
  },
  'use.optional.for.nonrequired': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    documentation: 'Whether properties that are not `required` are read as optional fields.',
  },
  'decimal.format': {
    type: 'STRING',
    default: 'BASE64',
    validator: validators.oneOfIgnoringCase('BASE64', 'NUMERIC'),
    importance: 'LOW',
    documentation: 'Decimals as base64 of their unscaled integer (`BASE64`) or as JSON numbers (`NUMERIC`).',
  },
  'flatten.singleton.unions': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    documentation: 'Whether a choice of one schema is read as that schema.',
  },
  'json.schema.spec.version': {
    type: 'STRING',
    default: 'draft_7',
    validator: only('draft_7', 'Schemas are written in the terms of draft 7: leave it out, or set draft_7'),
    importance: 'LOW',
    documentation: 'The version of JSON Schema that schemas are written in.',
  },
  'preserve.additional.properties': {
    type: 'BOOLEAN',
    default: false,
    validator: only('false', 'Properties that a schema does not name are not kept'),
    importance: 'MEDIUM',
    documentation: 'Whether properties that a schema does not name are kept: not in this version.',
  },
} as const satisfies OptionDefinitions

/** Which of the ways between Connect and JSON Schema is taken. */
export interface JsonSchemaMapping {
  readonly generalizedSumTypes: boolean
  readonly replaceNullWithDefault: boolean
  readonly additionalProperties: boolean
  readonly optionalForNonRequired: boolean
  readonly decimalFormat: 'base64' | 'numeric'
  readonly flattenSingletonUnions: boolean
}

export function jsonSchemaMapping(config: ParsedConfig<typeof jsonSchemaOptions>): JsonSchemaMapping {
  return {
    generalizedSumTypes: config['generalized.sum.type.support'],
    replaceNullWithDefault: !config['ignore.default.for.nullables'],
    additionalProperties: config['object.additional.properties'],
    optionalForNonRequired: config['use.optional.for.nonrequired'],
    decimalFormat: config['decimal.format'].toUpperCase() === 'NUMERIC' ? 'numeric' : 'base64',
    flattenSingletonUnions: config['flatten.singleton.unions'],
  }
}
