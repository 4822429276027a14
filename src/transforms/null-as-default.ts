import type { OptionDefinition } from '../api/config-def.ts'
import type { Struct } from '../api/struct.ts'
import type { Template } from '../api/template.ts'
import type { ConnectValue } from '../api/value.ts'

export const replaceNullWithDefaultOption = {
  type: 'BOOLEAN',
  default: true,
  importance: 'MEDIUM',
  documentation:
    'Whether a null in a field whose schema has a default becomes that default; otherwise it stays null.',
} as const satisfies OptionDefinition<'BOOLEAN'>

/** A field of a struct; its default in place of null where that is asked for. */
export function fieldValue(struct: Struct, index: number, replacesNull: boolean): ConnectValue {
  const value = struct.at(index)
  return value === null && replacesNull ? (struct.schema.fields![index]!.schema.default ?? null) : value
}

/** The same for a field whose value is not known yet. */
export function nullAsDefault(template: Template): Template {
  if (template.schema.default === undefined) return template
  if (template.kind === 'slot') return { ...template, nullAsDefault: true }
  if (template.kind === 'constant' && template.value === null) {
    return { ...template, value: template.schema.default }
  }
  return template
}
