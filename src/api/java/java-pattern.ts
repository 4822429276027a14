import type { OptionValidator, OptionValue } from '../config-def.ts'
import { ConfigError, DataError } from '../errors.ts'
import { parseRegex } from './java-regex/parse-regex.ts'
import type { ParsedRegex } from './java-regex/regex-node.ts'
import { SafeRegex, type RegexMatch } from './java-regex/safe-regex.ts'

/**
 * The regular expressions of a comma-separated list (`\,` is a comma within an expression), which are to match whole
 * names whatever their case, as Debezium does. Throws `ConfigError` for an expression that is wrong.
 */
export function compilePatterns(list: string): readonly JavaPattern[] {
  return list
    .split(/(?<!\\),/)
    .map((source) => source.trim().replaceAll('\\,', ','))
    .filter((source) => source !== '')
    .map((source) => new JavaPattern(source, { ignoreCase: true }))
}

/** `java.util.regex.Pattern` with what `Matcher.matches` and `Matcher.replaceFirst` do; no text makes it hang. */
export class JavaPattern {
  readonly #parsed: ParsedRegex
  readonly #whole: SafeRegex
  #first: SafeRegex | null = null

  /** Throws `ConfigError` for an expression that is wrong, is not supported, or could take for ever. */
  constructor(source: string, { ignoreCase = false } = {}) {
    try {
      this.#parsed = parseRegex(source, { ignoreCase })
      this.#whole = new SafeRegex(this.#parsed, { isWhole: true })
    } catch (error) {
      const reason = (error as Error).message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '')
      throw new ConfigError('connect.pattern-invalid', `${reason}: ${source}`, { cause: error })
    }
  }

  /** Whether the expression matches all of the text. */
  matches(text: string): boolean {
    return this.#whole.test(text)
  }

  /** The text with its first match replaced; `$1`, `${name}` and `\` mean in the replacement what they mean in Java. */
  replaceFirst(text: string, replacement: string): string {
    this.#first ??= new SafeRegex(this.#parsed, { isWhole: false })
    const match = this.#first.exec(text)
    if (match === null) return text
    const end = match.index + match.groups[0]!.length
    return text.slice(0, match.index) + this.#expand(match, replacement) + text.slice(end)
  }

  #expand({ groups }: RegexMatch, replacement: string): string {
    return replacement.replaceAll(
      /\\(.?)|\$(?:\{([a-zA-Z][a-zA-Z0-9]*)\}|(\d+))?/gs,
      (whole: string, escaped?: string, name?: string, digits?: string) => {
        if (whole[0] === '\\') {
          if (escaped === '') throw invalidReplacement('character to be escaped is missing')
          return escaped!
        }
        if (name !== undefined) {
          const number = this.#parsed.groupNames.get(name)
          if (number === undefined) throw invalidReplacement(`No group with name {${name}}`)
          return groups[number] ?? ''
        }
        if (digits === undefined) throw invalidReplacement('Illegal group reference')
        // As many digits as there are groups for; the rest is text.
        let length = 1
        while (length < digits.length && Number(digits.slice(0, length + 1)) < groups.length) length++
        const group = Number(digits.slice(0, length))
        if (group >= groups.length) throw invalidReplacement(`No group ${group}`)
        return (groups[group] ?? '') + digits.slice(length)
      },
    )
  }
}

function invalidReplacement(reason: string): DataError {
  return new DataError('connect.data-invalid', reason)
}

/** Kafka's validator of options that are regular expressions. */
export const javaPatternProblem: OptionValidator = Object.assign(
  (value: NonNullable<OptionValue>) => {
    try {
      void new JavaPattern(String(value))
      return null
    } catch (error) {
      return `Invalid regex: ${(error as Error).message}`
    }
  },
  { nullProblem: 'Invalid regex: null' },
)
