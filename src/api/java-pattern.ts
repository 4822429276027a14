import { ConfigError } from './errors.ts'

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

/** One expression in Java's notation. */
export function compilePattern(source: string): RegExp {
  const translated = translate(source)
  try {
    return new RegExp(`^(?:${translated})$`, /\\[pP]\{/.test(translated) ? 'iu' : 'i')
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
