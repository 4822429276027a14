import type { DateFormat } from './date-format.ts'
import { zoneOffset, type ParsedDate } from './date-pattern.ts'

export interface DateMathOptions {
  readonly format: DateFormat
  readonly nowMs: number
  /** The zone of dates that name none, and of rounding: an offset such as `+09:00`. */
  readonly timeZone?: string | undefined
}

const STEPS = /([+-])(\d*)([yMwdhHms])|\/([yMwdhHms])/y

/**
 * A date as queries write it: a date, `now`, or either followed by steps (`now-1d/d`, `2024-01-01||+1M/M`).
 * Undefined where it cannot be read.
 */
export function parseDateMath(
  text: string,
  { format, nowMs, timeZone }: DateMathOptions,
): ParsedDate | undefined {
  const offset = zoneOffset(timeZone)
  const separator = text.indexOf('||')
  const isNow = text.startsWith('now')
  const steps = isNow ? text.slice(3) : separator < 0 ? '' : text.slice(separator + 2)
  const anchor = isNow
    ? { ms: nowMs, lastMs: nowMs }
    : format.parse(separator < 0 ? text : text.slice(0, separator))
  if (anchor === undefined) return undefined
  const hasZone = isNow || /^\d+$|(?:Z|[+-]\d{2}:?\d{2})$/.test(text)
  const shift = hasZone ? 0 : offset
  const start = { ms: anchor.ms - shift, lastMs: anchor.lastMs - shift }
  return steps === '' ? start : applySteps(start.ms, steps, offset)
}

function applySteps(from: number, steps: string, offset: number): ParsedDate | undefined {
  let date: ParsedDate = { ms: from, lastMs: from }
  STEPS.lastIndex = 0
  while (STEPS.lastIndex < steps.length) {
    const step = STEPS.exec(steps)
    if (step === null) return undefined
    const [, sign, count, unit, roundTo] = step
    if (roundTo === undefined) {
      const by = Number(count === '' ? 1 : count) * (sign === '-' ? -1 : 1)
      date = { ms: move(date.ms, by, unit ?? ''), lastMs: move(date.lastMs, by, unit ?? '') }
    } else {
      const start = floor(date.ms + offset, roundTo)
      date = { ms: start - offset, lastMs: move(start, 1, roundTo) - 1 - offset }
    }
  }
  return date
}

const FIXED: ReadonlyMap<string, number> = new Map([
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['H', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
])

function move(ms: number, by: number, unit: string): number {
  const fixed = FIXED.get(unit)
  if (fixed !== undefined) return ms + by * fixed
  const date = new Date(ms)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  if (unit === 'y') date.setUTCFullYear(date.getUTCFullYear() + by)
  else date.setUTCMonth(date.getUTCMonth() + by)
  // The 31st plus a month is the last day of the next one.
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, lastDay))
  return date.getTime()
}

function floor(ms: number, unit: string): number {
  const date = new Date(ms)
  if (unit === 'y') return Date.UTC(date.getUTCFullYear(), 0, 1)
  if (unit === 'M') return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
  if (unit === 'w') {
    const monday = (date.getUTCDay() + 6) % 7
    return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() - monday)
  }
  const size = FIXED.get(unit) ?? 1
  return Math.floor(ms / size) * size
}
