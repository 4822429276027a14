import type { OptionDefinition, OptionState, OptionType, OptionValue } from '../api/config-def.ts'
import type { JsonObject } from '../api/record.ts'
import { SECRET_NAME } from '../connect/config/config-mask.ts'
import type { ConfigValidation } from '../connect/herder.ts'

/** Option definitions as `GET /connector-plugins/{plugin}/config` lists them. */
export function configKeyInfos(states: readonly OptionState[]): JsonObject[] {
  const orders = new GroupOrders()
  return states.map(({ name, definition }) => keyInfo(name, definition, orders))
}

/** A whole validation, as `PUT /connector-plugins/{plugin}/config/validate` answers it. */
export function configInfos({ name, errorCount, groups, options }: ConfigValidation): JsonObject {
  const orders = new GroupOrders()
  return {
    name,
    error_count: errorCount,
    groups,
    configs: options.map(({ definition, ...state }) => ({
      definition: definition === null ? null : keyInfo(state.name, definition, orders),
      value: {
        name: state.name,
        value: optionText(definition?.type ?? typeByName(state.name), state.value),
        recommended_values: state.recommendedValues,
        errors: state.errors,
        visible: state.visible,
      },
    })),
  }
}

/** The places of options in their groups, from 1 on, as they are asked for. */
class GroupOrders {
  readonly #last = new Map<string, number>()

  next(group: string | undefined): number {
    if (group === undefined) return -1
    const order = (this.#last.get(group) ?? 0) + 1
    this.#last.set(group, order)
    return order
  }
}

function keyInfo(name: string, definition: OptionDefinition, orders: GroupOrders): JsonObject {
  const { type, group } = definition
  return {
    name,
    type,
    required: definition.default === undefined && definition.missingProblem === undefined,
    default_value: optionText(type, definition.default ?? null),
    importance: definition.importance,
    documentation: definition.documentation,
    group: group ?? null,
    width: definition.width ?? 'NONE',
    display_name: definition.displayName ?? name,
    dependents: definition.dependents ?? [],
    order_in_group: orders.next(group),
  }
}

/** Of a property that nobody defines. */
function typeByName(name: string): OptionType {
  return SECRET_NAME.test(name) ? 'PASSWORD' : 'STRING'
}

/** A value as `ConfigDef.convertToString` writes it; never a password. */
function optionText(type: OptionType, value: OptionValue): string | null {
  if (value === null) return null
  if (type === 'PASSWORD') return '[hidden]'
  if (Array.isArray(value)) return value.join(',')
  // Java writes a double that is a whole number with a point.
  return type === 'DOUBLE' && Number.isInteger(value) ? `${String(value)}.0` : String(value)
}
