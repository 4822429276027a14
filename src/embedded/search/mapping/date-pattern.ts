/** A point in time, and how long the span is that its text left open: `2024-02` is the whole month. */
export interface ParsedDate {
  readonly ms: number
  /** Milliseconds to the last one that the text still covers: what `lte` and `gt` go by. */
  readonly lastMs: number
}

/** Reads a text, or gives undefined where it does not fit. */
export type DateParser = (text: string) => ParsedDate | undefined

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction' | 'zone' | 'half'

const LETTERS: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['y', 'year'],
  ['u', 'year'],
  ['M', 'month'],
  ['d', 'day'],
  ['H', 'hour'],
  ['h', 'hour'],
  ['m', 'minute'],
  ['s', 'second'],
  ['S', 'fraction'],
  ['X', 'zone'],
  ['x', 'zone'],
  ['Z', 'zone'],
  ['V', 'zone'],
  ['z', 'zone'],
  ['a', 'half'],
])

const ZONE = '(Z|UTC|GMT|[+-]\\d{2}(?::?\\d{2})?)'

/** The start of the span and the start of the next one, from what the text names; undefined for a 30th of February. */
export function dateFromParts(parts: ReadonlyMap<Part, string>): ParsedDate | undefined {
  const number = (part: Part, absent: number): number => Number(parts.get(part) ?? absent)
  const half = parts.get('half')?.toLowerCase()
  const hour = half === undefined ? number('hour', 0) : (number('hour', 0) % 12) + (half === 'pm' ? 12 : 0)
  const fields = [
    number('year', 1970),
    number('month', 1),
    number('day', 1),
    hour,
    number('minute', 0),
    number('second', 0),
  ]
  const millisecond = Number((parts.get('fraction') ?? '').padEnd(3, '0').slice(0, 3))
  const [year = 0, month = 0, day = 0, , minute = 0, second = 0] = fields
  const ms = utc([year, month - 1, day, hour, minute, second, millisecond])
  const isReal =
    month >= 1 && month <= 12 && new Date(ms).getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  if (!isReal) return undefined
  const order = ['year', 'month', 'day', 'hour', 'minute', 'second', 'fraction'] as const
  const finest = order.findLastIndex((part) => parts.has(part))
  const next = [year, month - 1, day, hour, minute, second, millisecond]
  next[finest] = (next[finest] ?? 0) + 1
  const offset = zoneOffset(parts.get('zone'))
  return { ms: ms - offset, lastMs: (finest === 6 ? ms : utc(next) - 1) - offset }
}

function utc(fields: readonly number[]): number {
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0] = fields
  // `Date.UTC` takes years below 100 for 19xx.
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  date.setUTCHours(hour, minute, second, millisecond)
  return date.getTime()
}

/** Milliseconds that a zone is ahead of UTC: `+09:00`, `+0900`, `+09`, `Z`; 0 for anything else. */
export function zoneOffset(zone: string | undefined): number {
  const found = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? '')
  if (found === null) return 0
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0)
  return (found[1] === '-' ? -minutes : minutes) * 60_000
}

/** Compiles a pattern in Java's letters (`yyyy-MM-dd'T'HH:mm[:ss]`). Throws on a letter that is not supported. */
export function compileDatePattern(pattern: string): DateParser {
  const parts: Part[] = []
  const source = pattern.replace(
    /'((?:[^']|'')*)'|([A-Za-z])\2*|\[|\]|[^]/g,
    (run, literal?: string, letter?: string) => {
      if (literal !== undefined) return escapeRegExp(literal === '' ? "'" : literal.replaceAll("''", "'"))
      if (run === '[') return '(?:'
      if (run === ']') return ')?'
      if (letter === undefined) return escapeRegExp(run)
      const part = LETTERS.get(letter)
      if (part === undefined) throw new RangeError(`Unknown pattern letter: ${letter}`)
      // A part given twice could make the expression try every way to share out the digits.
      if (part !== 'fraction' && parts.includes(part))
        throw new RangeError(`Pattern letter given twice: ${letter}`)
      parts.push(part)
      return partSource(part, run.length)
    },
  )
  const expression = new RegExp(`^${source}$`)
  return (text) => {
    const found = expression.exec(text)
    if (found === null) return undefined
    const values = new Map<Part, string>()
    for (const [index, part] of parts.entries()) {
      const value = found[index + 1]
      if (value !== undefined) values.set(part, value)
    }
    return dateFromParts(values)
  }
}

function partSource(part: Part, width: number): string {
  if (part === 'zone') return ZONE
  if (part === 'half') return '([AaPp][Mm])'
  if (part === 'fraction') return `(\\d{${width === 1 ? '1,9' : width}})`
  if (part === 'year') return width === 4 ? '(\\d{4})' : '(-?\\d{1,9})'
  return width === 1 ? '(\\d{1,2})' : `(\\d{${width}})`
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
