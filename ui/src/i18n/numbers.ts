import type { Language } from './define-messages.ts'
import { useLanguage } from './language.tsx'

const KILO = 1024
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const
/** What divides an axis of bytes into round numbers. */
export const BYTE_STEPS: readonly number[] = Array.from({ length: 44 }, (_, power) => 2 ** power)
const UNKNOWN = '–'

/** Numbers as people read them; what is not known is a dash. */
export interface NumberFormats {
  readonly count: (value: number | bigint | undefined) => string
  /** Short: 12.3K */
  readonly compact: (value: number | undefined) => string
  readonly bytes: (value: number | undefined) => string
  readonly duration: (ms: number | undefined) => string
  readonly time: (ms: number) => string
}

export function useNumbers(): NumberFormats {
  return FORMATS[useLanguage().language]
}

const FORMATS: Readonly<Record<Language, NumberFormats>> = { en: formats('en'), ko: formats('ko') }

function formats(language: Language): NumberFormats {
  const whole = once(() => new Intl.NumberFormat(language, { maximumFractionDigits: 0 }))
  const short = once(() => new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 }))
  const moment = once(() => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' }))
  const known = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value)
  return {
    count: (value) => (value === undefined ? UNKNOWN : whole().format(value)),
    compact: (value) => {
      if (!known(value)) return UNKNOWN
      if (value > 0 && value < 10) return String(Math.round(value * 10) / 10)
      const rounded = Math.round(value)
      // The same in all languages, and the first page needs no more.
      return Math.abs(rounded) < 1000 ? String(rounded) : short().format(rounded)
    },
    bytes: (value) => (known(value) ? bytesText(value) : UNKNOWN),
    duration: (ms) => (known(ms) ? durationText(ms, UNITS[language]) : UNKNOWN),
    time: (ms) => moment().format(ms),
  }
}

/** When it is asked for: browsers take tens of milliseconds to make the first format, while the page waits. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

function bytesText(value: number): string {
  let unit = 0
  let left = value
  while (left >= KILO && unit < BYTE_UNITS.length - 1) {
    left /= KILO
    unit++
  }
  const isRound = unit === 0 || left >= 100 || left === Math.round(left)
  return `${isRound ? Math.round(left) : left.toFixed(1)} ${BYTE_UNITS[unit]}`
}

interface TimeUnits {
  readonly second: string
  readonly minute: string
  readonly hour: string
}

/** With the space before them, where the language has one. */
const UNITS: Readonly<Record<Language, TimeUnits>> = {
  en: { second: ' s', minute: ' min', hour: ' h' },
  ko: { second: '초', minute: '분', hour: '시간' },
}

function durationText(ms: number, { second, minute, hour }: TimeUnits): string {
  if (ms < 1000) return `${ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms)} ms`
  const tenths = Math.round(ms / 100)
  if (tenths < 100) return `${(tenths / 10).toFixed(1)}${second}`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds}${second}`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}${minute} ${seconds % 60}${second}`
  return `${Math.floor(minutes / 60)}${hour} ${minutes % 60}${minute}`
}
