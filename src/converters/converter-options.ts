import type { OptionDefinition } from '../api/config-def.ts'
import { validators } from '../api/config-def.ts'

/** Which side a converter serves. The runtime always says it, so that no connector's configuration has to. */
export const converterType = {
  type: 'STRING',
  importance: 'LOW',
  displayName: 'converter.type',
  width: 'NONE',
  documentation: 'What the converter is used for: key, value or header.',
  validator: validators.oneOf('key', 'value', 'header'),
} as const satisfies OptionDefinition
