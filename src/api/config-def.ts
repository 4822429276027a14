import { ConfigError } from './errors.ts'
import { doubleText } from './json/json-number.ts'

/** A configuration as users post it: text to text. Null was posted as JSON null. */
export type ConnectorConfig = Readonly<Record<string, string | null>>

/** Kafka's `ConfigDef.Type`. */
export type OptionType =
  'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD'

export type OptionValue = boolean | string | number | bigint | readonly string[] | null

/** What a type is once parsed: LONG is a bigint, LIST an array of trimmed entries, CLASS and PASSWORD strings. */
export interface ParsedOption {
  BOOLEAN: boolean
  STRING: string
  INT: number
  SHORT: number
  LONG: bigint
  DOUBLE: number
  LIST: readonly string[]
  CLASS: string
  PASSWORD: string
}

/** One option of a plugin. Validation, the REST answers, the console's form and the reference pages come from it. */
export interface OptionDefinition<T extends OptionType = OptionType> {
  readonly type: T
  /** Absent: the option is required. Null: optional without a value. */
  readonly default?: ParsedOption[T] | null
  /**
   * The reason why an option that is required may not be missing, in the words of a plugin that checks it itself:
   * `validate` does not call such an option required, and refuses the configuration without it.
   */
  readonly missingProblem?: string
  /** The problem with a parsed value, or null. See `validators`. */
  readonly validator?: OptionValidator
  /** Reads and checks the text in place of type and validator, where a plugin has rules and words of its own. */
  readonly read?: OptionReader
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW'
  /** In own words; shown by `validate` and in the reference pages. */
  readonly documentation: string
  readonly group?: string
  readonly width?: 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG'
  readonly displayName?: string
  readonly dependents?: readonly string[]
  /** Values to propose, given the whole configuration. */
  readonly recommend?: (config: ConnectorConfig) => readonly string[]
  /** Whether the option matters, given the whole configuration; true by default. */
  readonly visible?: (config: ConnectorConfig) => boolean
}

/** The reason why a value is refused (`Value must be at least 1`), or null. Not called for null values. */
export interface OptionValidator {
  (value: NonNullable<OptionValue>): string | null
  /** The whole message, of `nullProblem` too, in place of `Invalid value … for configuration …: reason`. */
  readonly wholeMessage?: boolean
  /** Why no value at all is refused, where the reference checks that too: `Value must be non-null`. */
  readonly nullProblem?: string
}

/** Undefined: the option is not set. The value is what `validate` shows. */
export type OptionReader = (
  text: string | null | undefined,
  config: ConnectorConfig,
) => { readonly value: OptionValue; readonly errors: readonly string[] }

export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>

/** The parsed configuration: required options and those with a default are never null. */
export type ParsedConfig<D extends OptionDefinitions> = {
  readonly [K in keyof D]: D[K] extends { readonly default: null }
    ? ParsedOption[D[K]['type']] | null
    : ParsedOption[D[K]['type']]
}

/** An option's state after validation, as the REST `validate` answer shows it. */
export interface OptionState {
  readonly name: string
  readonly definition: OptionDefinition
  /** The parsed value; null where it is missing or could not be parsed. */
  readonly value: OptionValue
  readonly errors: readonly string[]
  readonly recommendedValues: readonly string[]
  readonly visible: boolean
}

const INTEGER_RANGE = {
  INT: [-(2n ** 31n), 2n ** 31n - 1n],
  SHORT: [-(2n ** 15n), 2n ** 15n - 1n],
  LONG: [-(2n ** 63n), 2n ** 63n - 1n],
} as const

/** The options of one plugin. `new ConfigDef({...} as const satisfies OptionDefinitions)` keeps their types. */
export class ConfigDef<D extends OptionDefinitions = OptionDefinitions> {
  readonly options: D

  constructor(options: D) {
    this.options = options
  }

  /** The typed values. Throws one `ConfigError` with every problem, in the order of the definition. */
  parse(config: ConnectorConfig): ParsedConfig<D> {
    const states = this.validate(config)
    const errors = states.flatMap((state) => state.errors)
    if (errors.length > 0) throw new ConfigError('connect.config-invalid', errors.join('\n'))
    // What is null in spite of a default has it, as if nothing had been said.
    const entries = states.map(({ name, value, definition }) => [name, value ?? definition.default ?? null])
    return Object.fromEntries(entries) as ParsedConfig<D>
  }

  /** Every option with its value and errors. Options that are not defined here are not looked at. */
  validate(config: ConnectorConfig): OptionState[] {
    return Object.entries(this.options).map(([name, definition]) => {
      const { value, errors } = readOption(name, definition, config)
      return {
        name,
        definition,
        value,
        errors,
        recommendedValues: definition.recommend?.(config) ?? [],
        visible: definition.visible?.(config) ?? true,
      }
    })
  }
}

function readOption(
  name: string,
  definition: OptionDefinition,
  config: ConnectorConfig,
): ReturnType<OptionReader> {
  const raw = Object.hasOwn(config, name) ? config[name] : undefined
  if (definition.read !== undefined) return definition.read(raw, config)
  const { nullProblem, wholeMessage } = definition.validator ?? {}
  const nullError = wholeMessage
    ? nullProblem
    : `Invalid value null for configuration ${name}: ${nullProblem}`
  const nullErrors = nullProblem === undefined ? [] : [nullError!]
  if (raw === undefined) {
    if (definition.default === undefined) {
      if (definition.missingProblem !== undefined) {
        const missing = `Invalid value null for configuration ${name}: ${definition.missingProblem}`
        return { value: null, errors: [missing] }
      }
      const missing = `Missing required configuration "${name}" which has no default value.`
      return { value: null, errors: [missing, ...nullErrors] }
    }
    return { value: definition.default, errors: [] }
  }
  const parsed = raw === null ? { value: null } : parseOption(definition.type, raw)
  if ('problem' in parsed) {
    const problem = `Invalid value ${raw} for configuration ${name}: ${parsed.problem}`
    return { value: null, errors: [problem, ...nullErrors] }
  }
  if (parsed.value === null) return { value: null, errors: nullErrors }
  const problem = definition.validator?.(parsed.value) ?? null
  if (problem === null) return { value: parsed.value, errors: [] }
  const message = wholeMessage
    ? problem
    : `Invalid value ${shownValue(definition.type, parsed.value)} for configuration ${name}: ${problem}`
  return { value: parsed.value, errors: [message] }
}

function shownValue(type: OptionType, value: NonNullable<OptionValue>): string {
  if (type === 'PASSWORD') return '[hidden]'
  if (type === 'DOUBLE') return doubleText(value as number)
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
}

/** Parses as `ConfigDef.parseType` does, wording included. */
function parseOption(type: OptionType, raw: string): { value: OptionValue } | { problem: string } {
  const text = raw.trim()
  switch (type) {
    case 'BOOLEAN':
      if (/^true$/i.test(text)) return { value: true }
      if (/^false$/i.test(text)) return { value: false }
      return { problem: 'Expected value to be either true or false' }
    case 'INT':
    case 'SHORT':
    case 'LONG': {
      const [least, most] = INTEGER_RANGE[type]
      const problem = { problem: `Not a number of type ${type}` }
      if (!/^[+-]?\d+$/.test(text)) return problem
      const value = BigInt(text.replace('+', ''))
      if (value < least || value > most) return problem
      return { value: type === 'LONG' ? value : Number(value) }
    }
    case 'DOUBLE': {
      const value = Number(text)
      return text === '' || Number.isNaN(value) ? { problem: 'Not a number of type DOUBLE' } : { value }
    }
    case 'LIST':
      return { value: text === '' ? [] : text.split(/\s*,\s*/) }
    case 'PASSWORD':
      return { value: raw }
    case 'STRING':
    case 'CLASS':
      return { value: text }
  }
}

/** The usual validators, with Kafka's wording. */
export const validators = {
  atLeast(least: number): OptionValidator {
    return (value) => (Number(value) < least ? `Value must be at least ${least}` : null)
  },
  between(least: number, most: number): OptionValidator {
    return (value) =>
      Number(value) < least
        ? `Value must be at least ${least}`
        : Number(value) > most
          ? `Value must be no more than ${most}`
          : null
  },
  oneOf(...allowed: readonly string[]): OptionValidator {
    const nullProblem = `String must be one of: ${allowed.join(', ')}`
    const check = (value: unknown) => (allowed.includes(String(value)) ? null : nullProblem)
    return Object.assign(check, { nullProblem })
  },
  oneOfIgnoringCase(...allowed: readonly string[]): OptionValidator {
    const upper = allowed.map((name) => name.toUpperCase())
    const nullProblem = `String must be one of (case insensitive): ${upper.join(', ')}`
    const check = (value: unknown) => (upper.includes(String(value).toUpperCase()) ? null : nullProblem)
    return Object.assign(check, { nullProblem })
  },
  /** A list without the same entry twice, and without an empty one. @param name how Kafka calls the option here */
  distinct(name: string): OptionValidator {
    const problem = (what: string) => `Configuration '${name}' values must not be ${what}.`
    const check = (value: unknown) => {
      const entries = value as readonly string[]
      if (new Set(entries).size < entries.length) return problem('duplicated')
      return entries.includes('') ? problem('empty') : null
    }
    return Object.assign(check, { wholeMessage: true, nullProblem: problem('null') })
  },
  nonEmpty(): OptionValidator {
    return (value) => (String(value) === '' ? 'String must be non-empty' : null)
  },
} as const
