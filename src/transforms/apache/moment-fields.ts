import type { PatternPart } from './simple-date-format.ts'

/** What a text says of a moment; what it does not say is as on 1 January 1970, midnight. */
export interface MomentFields {
  year: number
  isBeforeChrist: boolean
  /** 0 is January. */
  month: number
  day: number
  dayOfYear: number | null
  hour: number | null
  hour12: number | null
  isAfternoon: boolean
  minute: number
  second: number
  millisecond: number
  zoneMinutes: number
}

const MONTH_NAMES =
  'january february march april may june july august september october november december'.split(' ')
const WEEKDAY_NAMES = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ')
const ZONES: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  UT: 0,
  Z: 0,
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
}
const ZONE = /^(?:GMT|UTC)?([+-])(\d{1,2}):?(\d\d)?/i
const TEXT_LETTERS = 'GEazZX'

/** Reads a text by the parts of a pattern; null where it does not fit. What follows the last part is passed over. */
export function parseFields(parts: readonly PatternPart[], text: string): MomentFields | null {
  const fields: MomentFields = {
    year: 1970,
    isBeforeChrist: false,
    month: 0,
    day: 1,
    dayOfYear: null,
    hour: null,
    hour12: null,
    isAfternoon: false,
    minute: 0,
    second: 0,
    millisecond: 0,
    zoneMinutes: 0,
  }
  let rest = text
  for (const [index, part] of parts.entries()) {
    if ('literal' in part) {
      if (!rest.startsWith(part.literal)) return null
      rest = rest.slice(part.literal.length)
      continue
    }
    const next = parts[index + 1]
    // Numbers that touch each other have as many digits as the pattern has letters.
    const isAbutting = isNumeric(part) && next !== undefined && 'letter' in next && isNumeric(next)
    const read = readField(fields, part, rest.replace(/^[ \t]+/, ''), isAbutting)
    if (read === null) return null
    rest = read
  }
  return fields
}

function isNumeric(part: { readonly letter: string; readonly count: number }): boolean {
  return !TEXT_LETTERS.includes(part.letter) && !('ML'.includes(part.letter) && part.count >= 3)
}

/** What is left of the text, or null. */
function readField(
  fields: MomentFields,
  { letter, count }: { readonly letter: string; readonly count: number },
  text: string,
  isAbutting: boolean,
): string | null {
  if (isNumeric({ letter, count })) {
    const digits = (isAbutting ? new RegExp(`^\\d{1,${count}}`) : /^-?\d+/).exec(text)?.[0]
    if (digits === undefined) return null
    setNumber(fields, letter, { value: Number(digits), isShort: count <= 2 && /^\d\d$/.test(digits) })
    return text.slice(digits.length)
  }
  switch (letter) {
    case 'M':
    case 'L':
      return readName(text, MONTH_NAMES, (index) => (fields.month = index))
    case 'E':
      return readName(text, WEEKDAY_NAMES, () => undefined)
    case 'a':
      return readName(text, ['am', 'pm'], (index) => (fields.isAfternoon = index === 1))
    case 'G':
      return readName(text, ['ad', 'bc'], (index) => (fields.isBeforeChrist = index === 1))
    default:
      return readZone(fields, text)
  }
}

function setNumber(
  fields: MomentFields,
  letter: string,
  { value, isShort }: { readonly value: number; readonly isShort: boolean },
): void {
  switch (letter) {
    case 'y':
    case 'Y':
      fields.year = isShort ? nearYear(value) : value
      break
    case 'M':
    case 'L':
      fields.month = value - 1
      break
    case 'd':
      fields.day = value
      break
    case 'D':
      fields.dayOfYear = value
      break
    case 'H':
      fields.hour = value
      break
    case 'k':
      fields.hour = value === 24 ? 0 : value
      break
    case 'K':
      fields.hour12 = value
      break
    case 'h':
      fields.hour12 = value === 12 ? 0 : value
      break
    case 'm':
      fields.minute = value
      break
    case 's':
      fields.second = value
      break
    case 'S':
      fields.millisecond = value
      break
    default:
    // Weeks and weekdays say nothing that the other fields do not.
  }
}

/** Two digits mean a year from 80 years ago to 20 ahead. */
function nearYear(twoDigits: number): number {
  const first = new Date().getUTCFullYear() - 80
  const year = first - (first % 100) + twoDigits
  return year < first ? year + 100 : year
}

function readName(text: string, names: readonly string[], take: (index: number) => void): string | null {
  const lower = text.toLowerCase()
  const index = names.findIndex((name) => lower.startsWith(name.slice(0, 3)))
  if (index < 0) return null
  take(index)
  const name = names[index]!
  return text.slice(lower.startsWith(name) ? name.length : Math.min(3, name.length))
}

function readZone(fields: MomentFields, text: string): string | null {
  const offset = ZONE.exec(text)
  if (offset !== null) {
    const [whole, sign, hours, minutes = '0'] = offset
    fields.zoneMinutes = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
    return text.slice(whole.length)
  }
  const name = /^[A-Za-z]{2,3}|^Z/.exec(text)?.[0]?.toUpperCase()
  if (name === undefined) return null
  const minutes = ZONES[name]
  if (minutes === undefined) return null
  fields.zoneMinutes = minutes
  return text.slice(name.length)
}
