import { validators, type OptionValidator } from '../api/config-def.ts'

/** A list with at least one entry, none of them empty or there twice. `name` is the option's, for the message. */
export function distinctValues(name: string): OptionValidator {
  const distinct = validators.distinct(name)
  return Object.assign(
    (value: Parameters<OptionValidator>[0]) =>
      (value as readonly string[]).length === 0
        ? `Configuration '${name}' must not be empty. Valid values include: any non-empty value`
        : distinct(value),
    distinct,
  )
}

/** A list with at least one entry, whatever it is. */
export const nonEmptyList: OptionValidator = Object.assign(
  (value: Parameters<OptionValidator>[0]) =>
    (value as readonly string[]).length === 0 ? 'Empty list' : null,
  { nullProblem: 'Empty list' },
)

/** For options of several entries `from:to`; null where the entry is none. Java's split drops empty last parts. */
export function colonPair(entry: string): readonly [string, string] | null {
  const parts = entry.split(':')
  while (parts.length > 0 && parts.at(-1) === '') parts.pop()
  return parts.length === 2 ? [parts[0]!, parts[1]!] : null
}

/** Any text, for options without a default that the reference refuses a second time where they are absent. */
export const nonNull: OptionValidator = Object.assign(() => null, { nullProblem: 'entry must be non null' })

/** Debezium's words for an option that is missing. */
export function valueRequired(name: string): string {
  return `The '${name}' value is invalid: A value is required`
}

/** One of these words in any case, for options without a default. */
export function requiredOneOfIgnoringCase(...allowed: readonly string[]): OptionValidator {
  return Object.assign(
    (value: Parameters<OptionValidator>[0]) =>
      allowed.includes(String(value).toLowerCase()) ? null : `String must be one of: ${allowed.join(', ')}`,
    { nullProblem: `String must be one of: ${allowed.join(', ')}` },
  )
}
