import type { OptionDefinition, OptionReader } from '../../api/config-def.ts'
import { isBoolean, isInteger, isLong } from './checks.ts'
import type { OptionCheck, PostgresOptionDefinition, PostgresOptionDefinitions } from './option-definition.ts'

const TYPE_CHECKS: { readonly [type: string]: OptionCheck } = {
  BOOLEAN: isBoolean,
  INT: isInteger,
  SHORT: isInteger,
  LONG: isLong,
}

/**
 * The same options, checked by Debezium's rules and in its words, as `validate` shows them. No value is shown: Debezium
 * answers null for all of them.
 */
export function withDebeziumRules(
  definitions: PostgresOptionDefinitions,
): Readonly<Record<string, OptionDefinition>> {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      { ...definition, read: reader(name, definition), recommend: () => definition.allowed ?? [] },
    ]),
  )
}

function reader(name: string, definition: PostgresOptionDefinition): OptionReader {
  const checks = [TYPE_CHECKS[definition.type], allowedCheck(definition), ...(definition.checks ?? [])]
  return (text, config) => {
    const problems =
      text === undefined || text === null ? [] : checks.map((check) => check?.(text, config) ?? null)
    if (definition.isRequired && !text?.trim()) problems.unshift('A value is required')
    const errors = problems
      .filter((problem) => problem !== null)
      .map((problem) => `The '${name}' value is invalid: ${problem}`)
    return { value: null, errors }
  }
}

function allowedCheck({ allowed }: PostgresOptionDefinition): OptionCheck | undefined {
  if (allowed === undefined) return undefined
  return (text) =>
    allowed.includes(text.trim().toLowerCase()) ? null : `Value must be one of ${allowed.join(', ')}`
}
