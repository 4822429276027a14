import { parseFields, type MomentFields } from './moment-fields.ts'

/** A part of a pattern: a run of one letter, or text that stands for itself. */
export type PatternPart = { readonly letter: string; readonly count: number } | { readonly literal: string }

const LETTERS = 'GyYMLwWDdFEuaHkKhmsSzZX'
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const MS_PER_DAY = 86_400_000

/** `java.text.SimpleDateFormat` in UTC with English names. Dates before 1582 are Gregorian here. */
export class SimpleDateFormat {
  readonly pattern: string
  readonly #parts: readonly PatternPart[]

  /** Throws `SyntaxError` for a pattern that is none. */
  constructor(pattern: string) {
    this.pattern = pattern
    this.#parts = parsePattern(pattern)
  }

  format(date: Date): string {
    return this.#parts
      .map((part) => ('literal' in part ? part.literal : formatField(date, part.letter, part.count)))
      .join('')
  }

  /** The moment that the text begins with (more may follow), or null where it does not fit the pattern. */
  parse(text: string): Date | null {
    const fields = parseFields(this.#parts, text)
    return fields && momentOf(fields)
  }
}

function parsePattern(pattern: string): readonly PatternPart[] {
  const parts: PatternPart[] = []
  for (const [text, quoted, letters] of pattern.matchAll(/'((?:[^']|'')*)'|([a-zA-Z])\2*|[^]/g)) {
    if (quoted !== undefined) parts.push({ literal: quoted === '' ? "'" : quoted.replaceAll("''", "'") })
    else if (letters === undefined) {
      if (text === "'") throw new SyntaxError('Unterminated quote')
      parts.push({ literal: text })
    } else {
      if (!LETTERS.includes(letters)) throw new SyntaxError(`Illegal pattern character '${letters}'`)
      if (letters === 'X' && text.length > 3) throw new SyntaxError('invalid ISO 8601 format: length=4')
      parts.push({ letter: letters, count: text.length })
    }
  }
  return parts
}

function formatField(date: Date, letter: string, count: number): string {
  const year = date.getUTCFullYear()
  const number = (value: number): string => String(value).padStart(count, '0')
  switch (letter) {
    case 'G':
      return year > 0 ? 'AD' : 'BC'
    case 'y':
      return yearText(year > 0 ? year : 1 - year, count)
    case 'Y':
      return yearText(weekYear(date), count)
    case 'M':
    case 'L': {
      const month = date.getUTCMonth()
      return count >= 4 ? MONTHS[month]! : count === 3 ? MONTHS[month]!.slice(0, 3) : number(month + 1)
    }
    case 'w':
      return number(weekOfYear(date))
    case 'W':
      return number(weekIn(date.getUTCDate(), date.getUTCDay()))
    case 'D':
      return number(dayOfYear(date))
    case 'd':
      return number(date.getUTCDate())
    case 'F':
      return number(Math.ceil(date.getUTCDate() / 7))
    case 'E':
      return WEEKDAYS[date.getUTCDay()]!.slice(0, count >= 4 ? undefined : 3)
    case 'u':
      return number(date.getUTCDay() || 7)
    case 'a':
      return date.getUTCHours() < 12 ? 'AM' : 'PM'
    case 'H':
      return number(date.getUTCHours())
    case 'k':
      return number(date.getUTCHours() || 24)
    case 'K':
      return number(date.getUTCHours() % 12)
    case 'h':
      return number(date.getUTCHours() % 12 || 12)
    case 'm':
      return number(date.getUTCMinutes())
    case 's':
      return number(date.getUTCSeconds())
    case 'S':
      return number(date.getUTCMilliseconds())
    case 'Z':
      return '+0000'
    case 'X':
      return 'Z'
    default:
      return count >= 4 ? 'Coordinated Universal Time' : 'UTC'
  }
}

function yearText(year: number, count: number): string {
  return count === 2 ? String(year % 100).padStart(2, '0') : String(year).padStart(count, '0')
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / MS_PER_DAY) + 1
}

/** Weeks begin on Sunday, and the first is the one with the first day. */
function weekIn(dayNumber: number, weekday: number): number {
  return Math.floor((dayNumber - 1 + ((weekday - dayNumber + 1 + 3710) % 7)) / 7) + 1
}

/** The days at the end of December that share a week with the first of January belong to the next year. */
function weekYear(date: Date): number {
  const saturday = new Date(date.getTime() + (6 - date.getUTCDay()) * MS_PER_DAY)
  return saturday.getUTCFullYear()
}

function weekOfYear(date: Date): number {
  return weekYear(date) > date.getUTCFullYear() ? 1 : weekIn(dayOfYear(date), date.getUTCDay())
}

/** Numbers beyond their range carry over, as the lenient calendar of the reference does. */
function momentOf(fields: MomentFields): Date {
  const { year, month, day, dayOfYear, isAfternoon, hour, hour12 } = fields
  const hours = hour ?? (hour12 ?? 0) + (isAfternoon ? 12 : 0)
  const date = new Date(0)
  date.setUTCFullYear(
    fields.isBeforeChrist ? 1 - year : year,
    dayOfYear === null ? month : 0,
    dayOfYear ?? day,
  )
  date.setUTCHours(hours, fields.minute, fields.second, fields.millisecond)
  return new Date(date.getTime() - fields.zoneMinutes * 60_000)
}
