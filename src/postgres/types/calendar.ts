/** PostgreSQL's ISO texts of dates and times, by bytes, and the proleptic Gregorian calendar behind them. */

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const SPACE = 0x20
const LETTER_B = 0x42
const LETTER_I = 0x69

export const SECONDS_PER_DAY = 86_400

/** Days since 1970-01-01. */
export function daysFromCivil(year: number, month: number, day: number): number {
  // Years that begin in March put the leap day last, so that the day's number is a plain formula of the month.
  const marchYear = month <= 2 ? year - 1 : year
  const era = Math.floor(marchYear / 400)
  const yearOfEra = marchYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** `2024-02-29`; years beyond 9999 carry a sign and those before 1 count 0, -1, …, as ISO 8601 and Java have it. */
export function dateText(days: number): string {
  const [year, month, day] = civilFromDays(days)
  return `${yearText(year)}-${twoDigits(month)}-${twoDigits(day)}`
}

/** The opposite of `daysFromCivil`. */
export function civilFromDays(days: number): readonly [year: number, month: number, day: number] {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day]
}

function yearText(year: number): string {
  const digits = String(Math.abs(year)).padStart(4, '0')
  return year < 0 ? `-${digits}` : year > 9999 ? `+${digits}` : digits
}

/** `13:14:15`, from 0 to the 24:00:00 that PostgreSQL allows. */
export function timeText(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  return `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`
}

/** `.123456` cut to `width` digits; without a width as few as needed, and none for 0. */
export function fractionText(micros: number, width: number | null): string {
  const digits = String(micros).padStart(6, '0')
  if (width !== null) return `.${digits.slice(0, width).padEnd(width, '0')}`
  return micros === 0 ? '' : `.${digits.replace(/0+$/, '')}`
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

/** `infinity` gives 1, `-infinity` -1, any other text 0. */
export function infinitySign(bytes: Buffer, start: number): -1 | 0 | 1 {
  if (bytes[start] === LETTER_I) return 1
  return bytes[start] === MINUS ? -1 : 0
}

/** Where the date part of `2024-02-29 13:14:15` ends: the space, or `end`. */
export function dateEnd(bytes: Buffer, start: number, end: number): number {
  let at = start + 10
  while (at < end && bytes[at] !== SPACE) at++
  return at < end ? at : end
}

/** Days since 1970-01-01 of the date `bytes[start, dateEnd)`. `end`: of the whole text, which may say BC. */
export function readDays(bytes: Buffer, start: number, dateEnd: number, end: number): number {
  const yearEnd = dateEnd - 6
  let year = 0
  for (let i = start; i < yearEnd; i++) year = year * 10 + bytes[i]! - ZERO
  const isBeforeChrist = bytes[end - 2] === LETTER_B
  return daysFromCivil(
    isBeforeChrist ? 1 - year : year,
    readTwoDigits(bytes, yearEnd + 1),
    readTwoDigits(bytes, yearEnd + 4),
  )
}

/** Seconds since midnight of `13:14:15`. */
export function readTimeSeconds(bytes: Buffer, at: number): number {
  return readTwoDigits(bytes, at) * 3600 + readTwoDigits(bytes, at + 3) * 60 + readTwoDigits(bytes, at + 6)
}

/** The microseconds of `.123`, or 0 where there is no point at `at`. */
export function readMicros(bytes: Buffer, at: number, end: number): number {
  if (at >= end || bytes[at] !== POINT) return 0
  let micros = 0
  let unit = 100_000
  for (let i = at + 1; i < end; i++) {
    const digit = bytes[i]! - ZERO
    if (digit < 0 || digit > 9) break
    micros += digit * unit
    unit /= 10
  }
  return Math.round(micros)
}

/** Where the fraction of a time ends, given where it may start. */
export function fractionEnd(bytes: Buffer, at: number, end: number): number {
  if (at >= end || bytes[at] !== POINT) return at
  let i = at + 1
  while (i < end && bytes[i]! >= ZERO && bytes[i]! <= 0x39) i++
  return i
}

/** Seconds east of UTC of `+09`, `-03:30`, `+08:05:43`. */
export function readOffsetSeconds(bytes: Buffer, at: number, end: number): number {
  let seconds = readTwoDigits(bytes, at + 1) * 3600
  if (at + 3 < end && bytes[at + 3] === 0x3a) seconds += readTwoDigits(bytes, at + 4) * 60
  if (at + 6 < end && bytes[at + 6] === 0x3a) seconds += readTwoDigits(bytes, at + 7)
  return bytes[at] === MINUS ? -seconds : seconds
}

export function readTwoDigits(bytes: Buffer, at: number): number {
  return (bytes[at]! - ZERO) * 10 + bytes[at + 1]! - ZERO
}
