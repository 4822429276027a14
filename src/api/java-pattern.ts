import type { OptionValidator, OptionValue } from './config-def.ts'
import { ConfigError, DataError } from './errors.ts'

/**
 * The regular expressions of a comma-separated list (`\,` is a comma within an expression), compiled to match whole
 * names whatever their case, as Debezium does. Throws `ConfigError` for an expression that is wrong.
 */
export function compilePatterns(list: string): readonly RegExp[] {
  return list
    .split(/(?<!\\),/)
    .map((source) => source.trim().replaceAll('\\,', ','))
    .filter((source) => source !== '')
    .map(compilePattern)
}

/** One expression in Java's notation, matching whole names whatever their case. */
export function compilePattern(source: string): RegExp {
  return compile(`^(?:${translate(source)})$`, 'i', source)
}

const LEADING_FLAGS = /^\(\?([ims]+)\)/

/** `java.util.regex.Pattern` with what `Matcher.matches` and `Matcher.replaceFirst` do. */
export class JavaPattern {
  readonly #whole: RegExp
  readonly #first: RegExp

  /** Throws `ConfigError` for an expression that is wrong. */
  constructor(source: string) {
    // Java's flags at the start of an expression hold for all of it, as JavaScript's flags do.
    const [prefix = '', flags = ''] = LEADING_FLAGS.exec(source) ?? []
    const translated = translate(source.slice(prefix.length))
    this.#first = compile(translated, flags, source)
    this.#whole = compile(`(?<![^])(?:${translated})(?![^])`, flags, source)
  }

  /** Whether the expression matches all of the text. */
  matches(text: string): boolean {
    return this.#whole.test(text)
  }

  /** The text with its first match replaced; `$1`, `${name}` and `\` mean in the replacement what they mean in Java. */
  replaceFirst(text: string, replacement: string): string {
    const match = this.#first.exec(text)
    if (match === null) return text
    const end = match.index + match[0].length
    return text.slice(0, match.index) + expandReplacement(match, replacement) + text.slice(end)
  }
}

function expandReplacement(match: RegExpExecArray, replacement: string): string {
  return replacement.replaceAll(
    /\\(.?)|\$(?:\{([a-zA-Z][a-zA-Z0-9]*)\}|(\d+))?/gs,
    (whole: string, escaped?: string, name?: string, digits?: string) => {
      if (whole[0] === '\\') {
        if (escaped === '') throw invalidReplacement('character to be escaped is missing')
        return escaped!
      }
      if (name !== undefined) {
        if (match.groups === undefined || !Object.hasOwn(match.groups, name)) {
          throw invalidReplacement(`No group with name {${name}}`)
        }
        return match.groups[name] ?? ''
      }
      if (digits === undefined) throw invalidReplacement('Illegal group reference')
      // As many digits as there are groups for; the rest is text.
      let length = 1
      while (length < digits.length && Number(digits.slice(0, length + 1)) < match.length) length++
      const group = Number(digits.slice(0, length))
      if (group >= match.length) throw invalidReplacement(`No group ${group}`)
      return (match[group] ?? '') + digits.slice(length)
    },
  )
}

function invalidReplacement(reason: string): DataError {
  return new DataError('connect.data-invalid', reason)
}

function compile(translated: string, flags: string, source: string): RegExp {
  try {
    return new RegExp(translated, /\\[pP]\{/.test(translated) ? `${flags}u` : flags)
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '')
    throw new ConfigError('postgres.pattern-invalid', `${reason}: ${source}`, { cause: error })
  }
}

/** What Java writes otherwise than JavaScript: `\Q…\E`, `\A`, `\z`, `\Z`, `\h`, `(?i)` at the start, possessive quantifiers. */
function translate(source: string): string {
  let result = ''
  for (const [index, part] of source.split('\\Q').entries()) {
    if (index === 0) {
      result += translateUnquoted(part)
      continue
    }
    const end = part.indexOf('\\E')
    result += (end < 0 ? part : part.slice(0, end)).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    if (end >= 0) result += translateUnquoted(part.slice(end + 2))
  }
  return result
}

function translateUnquoted(source: string): string {
  // Giving up a possessive quantifier's grip changes what matches only for expressions that could never match.
  return source
    .replace(/^\(\?i\)/, '')
    .replace(/\\([pP]\{[^}]*\}|.)|([*+?}])\+/gs, (whole: string, escaped?: string, quantifier?: string) => {
      if (quantifier !== undefined) return quantifier
      if (escaped === 'A') return '^'
      if (escaped === 'z' || escaped === 'Z') return '$'
      return escaped === 'h' ? '[ \\t]' : whole
    })
}

/** Kafka's validator of options that are regular expressions. */
export const javaPatternProblem: OptionValidator = Object.assign(
  (value: NonNullable<OptionValue>) => {
    const source = String(value)
    try {
      compile(translate(source.replace(LEADING_FLAGS, '')), '', source)
      return null
    } catch (error) {
      return `Invalid regex: ${(error as Error).message}`
    }
  },
  { nullProblem: 'Invalid regex: null' },
)
