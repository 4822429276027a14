import type { OptionDefinition, OptionState, OptionValue } from '../api/config-def.ts'
import type { JsonObject } from '../api/record.ts'
import type { ConfigValidation } from '../connect/herder.ts'

/** Option definitions as `GET /connector-plugins/{plugin}/config` lists them. */
export function configKeyInfos(states: readonly OptionState[]): JsonObject[] {
  const inGroup = new Map<string, number>()
  return states.map(({ name, definition }) => {
    const order = definition.group === undefined ? -1 : (inGroup.get(definition.group) ?? 0) + 1
    if (definition.group !== undefined) inGroup.set(definition.group, order)
    return {
      name,
      type: definition.type,
      required: definition.default === undefined && definition.missingProblem === undefined,
      default_value: optionText(definition, definition.default ?? null),
      importance: definition.importance,
      documentation: definition.documentation,
      group: definition.group ?? null,
      width: definition.width ?? 'NONE',
      display_name: definition.displayName ?? name,
      dependents: definition.dependents ?? [],
      order_in_group: order,
    }
  })
}

/** A whole validation, as `PUT /connector-plugins/{plugin}/config/validate` answers it. */
export function configInfos({ name, errorCount, groups, options }: ConfigValidation): JsonObject {
  const definitions = configKeyInfos(options)
  return {
    name,
    error_count: errorCount,
    groups,
    configs: options.map((state, index) => ({
      definition: definitions[index]!,
      value: {
        name: state.name,
        value: optionText(state.definition, state.value),
        recommended_values: state.recommendedValues,
        errors: state.errors,
        visible: state.visible,
      },
    })),
  }
}

/** A value as `ConfigDef.convertToString` writes it; never a password. */
function optionText({ type }: OptionDefinition, value: OptionValue): string | null {
  if (value === null) return null
  if (type === 'PASSWORD') return '[hidden]'
  if (Array.isArray(value)) return value.join(',')
  // Java writes a double that is a whole number with a point.
  return type === 'DOUBLE' && Number.isInteger(value) ? `${String(value)}.0` : String(value)
}
